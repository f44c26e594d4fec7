import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { afterAll } from "bun:test";
import { COORDINATOR_POLICY, type SimulatedWorld } from "./simulated-world.ts";

/** A process of the compiled product. */
export interface CompiledCoordinator {
  /** Of the user API. */
  readonly address: string;
  readonly meshAddress: string;
  /** Directory of its history. */
  readonly state: string;
  /** Value of a metric, by the beginning of its line. */
  metric(start: string): Promise<number>;
  /** Asks it to end; calls under way are finished first. @returns its exit status */
  stop(): Promise<number>;
}

type Child = Bun.Subprocess<"ignore", "ignore", "pipe">;

const children = new Set<Child>();

/** Starts Coordinators on the machine of a world; ends them after the tests of a file. */
export function useCompiledCoordinators(): typeof startCoordinator {
  afterAll(() => {
    for (const child of children) child.kill("SIGKILL");
  });
  return startCoordinator;
}

/** @param state a directory that may be there already; a new one unless given */
async function startCoordinator(world: SimulatedWorld, state?: string): Promise<CompiledCoordinator> {
  const history = state ?? join(mkdtempSync(join(world.directory, "state-")), "history");
  const addresses = ["user-api", "mesh-api", "metrics"].flatMap((server) => [`--${server}-addr`, "127.0.0.1:0"]);
  const identity = ["--insecure-simulated-guest", world.guest(COORDINATOR_POLICY), ...world.trustFlags];
  const child = Bun.spawn(
    [world.program, "coordinator", "--state-dir", history, "--state-device=", ...addresses, ...identity],
    { cwd: world.directory, env: { HOME: world.directory }, stdin: "ignore", stdout: "ignore", stderr: "pipe" },
  );
  children.add(child);
  const ports = await portsOf(child);
  return {
    address: `127.0.0.1:${ports.userApi}`,
    meshAddress: `127.0.0.1:${ports.meshApi}`,
    state: history,
    metric: async (start) => {
      const text = await (await fetch(`http://127.0.0.1:${ports.http}/metrics`)).text();
      const line = text.split("\n").find((candidate) => candidate.startsWith(start));
      if (line === undefined) throw new Error(`no metric ${start}`);
      return Number(line.slice(line.lastIndexOf(" ")));
    },
    stop: async () => {
      child.kill("SIGTERM");
      const status = await child.exited;
      children.delete(child);
      return status;
    },
  };
}

/** Waits for the line that names the ports; what is written later is read and forgotten. */
function portsOf(child: Child): Promise<Record<"userApi" | "meshApi" | "http", string>> {
  const { promise, resolve, reject } = Promise.withResolvers<Record<"userApi" | "meshApi" | "http", string>>();
  const read = async (): Promise<void> => {
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) {
      if (text.length < 1 << 16) text += decoder.decode(chunk, { stream: true });
      const found = /is listening" userApi=(\d+) meshApi=(\d+) http=(\d+)/.exec(text);
      if (found !== null) resolve({ userApi: found[1]!, meshApi: found[2]!, http: found[3]! });
    }
    reject(new Error(`the Coordinator ended: ${text}`));
  };
  void read();
  return promise;
}
