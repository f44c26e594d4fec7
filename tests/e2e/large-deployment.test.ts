import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { encodeBundle } from "../../src/attestation/collateral/bundle-write.ts";
import { encodeGuest } from "../../src/simulator/guest.ts";
import { createMachine, saveMachine } from "../../src/simulator/machine.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../fakes/campaign.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { contrastBinary } from "./binary.ts";
import { COORDINATOR_YAML, deploymentYaml } from "./sample-yaml.ts";
import { GenerateBench, type MeasuredOutcome, type Workspace } from "./workspace.ts";

setDefaultTimeout(CAMPAIGN_TIMEOUT_MS);

/** With as few, manifest and policies have more than the 4 MiB that Coordinators of Contrast 1.4 take. */
const DEPLOYMENTS = IS_CAMPAIGN ? 1000 : 80;

const RUNTIME = "k3s-qemu-tdx";
const running: Bun.Subprocess[] = [];
afterAll(() => running.forEach((child) => child.kill("SIGKILL")));

/** A generated deployment on a simulated machine. */
class LargeDeployment {
  readonly workspace: Workspace;
  generated: MeasuredOutcome | undefined;

  constructor(workspace: Workspace) {
    this.workspace = workspace;
  }

  static async create(): Promise<LargeDeployment> {
    const now = new Date();
    const machine = await createMachine("tdx", now);
    // The guest image of some release, not that of simulated machines.
    const values = JSON.stringify(machine.referenceValues());
    const workloads = Array.from({ length: DEPLOYMENTS }, (_, index) => deploymentYaml(`web-${index}`));
    const bench = new GenerateBench(temporaryDirectory(), ["--no-self-check"]);
    const workspace = bench.workspace({
      "resources/coordinator.yml": COORDINATOR_YAML,
      "resources/web.yml": workloads.join("\n---\n"),
      "values.json": `{"contrast-cc-${RUNTIME}-0123abcd":${values}}`,
    });
    await saveMachine(machine, workspace.path("machine"));
    const items = machine.collateral(now).map((item) => ({ item, validity: {} }));
    workspace.write("collateral.tar", encodeBundle(items, "test"));
    workspace.write("roots.pem", machine.rootsPem);
    const deployment = new LargeDeployment(workspace);
    const flags = ["--reference-values-file=values.json", "resources"];
    deployment.generated = await workspace.generate(flags, { platform: RUNTIME });
    if (deployment.generated.status !== 0) throw new Error(deployment.generated.stderr);
    const policyHash = Uint8Array.fromHex(workspace.read("coordinator-policy.sha256"));
    workspace.write("guest.json", encodeGuest({ machine: "machine", guest: { policyHash } }));
    return deployment;
  }

  get #trust(): readonly string[] {
    return ["--offline", "--collateral=collateral.tar", "--insecure-trust-roots=roots.pem"];
  }

  /** Starts a Coordinator on the history of the deployment, and waits until it listens. */
  async start(...flags: readonly string[]): Promise<Running> {
    const addresses = ["--user-api-addr=127.0.0.1:0", "--mesh-api-addr=127.0.0.1:0"];
    const state = ["--state-dir=state", "--state-device="];
    const guest = ["--insecure-simulated-guest=guest.json", ...this.#trust];
    const child = Bun.spawn([await contrastBinary(), "coordinator", ...state, ...addresses, ...guest, ...flags], {
      cwd: this.workspace.path("."),
      env: { PATH: "/usr/bin:/bin", HOME: this.workspace.root },
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    });
    running.push(child);
    const port = Promise.withResolvers<number>();
    const read = async (): Promise<void> => {
      let log = "";
      for await (const piece of child.stderr.pipeThrough(new TextDecoderStream())) {
        log += piece;
        const found = /msg="Coordinator is listening".* userApi=(\d+)/.exec(log);
        if (found !== null) port.resolve(Number(found[1]));
      }
      port.reject(new Error(log));
    };
    void read();
    return { child, address: `127.0.0.1:${await port.promise}` };
  }

  async run({ address }: Running, command: string, ...words: readonly string[]): Promise<MeasuredOutcome> {
    return await this.workspace.run([command, "-c", address, ...this.#trust, ...words], { measured: true });
  }
}

interface Running {
  readonly child: Bun.Subprocess;
  readonly address: string;
}

/** Most memory that a process has had, in MiB. */
function peakOf({ child }: Running): number {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024);
}

const measured: Record<string, string> = {};
function note(step: string, { elapsedMs, peakBytes }: MeasuredOutcome, coordinator?: Running): void {
  const own = Number.isNaN(peakBytes) ? "" : `, ${Math.round(peakBytes / 1024 / 1024)} MiB`;
  const other = coordinator === undefined ? "" : `, Coordinator at most ${peakOf(coordinator)} MiB`;
  measured[step] = `${(elapsedMs / 1000).toFixed(1)} s${own}${other}`;
}

describe(`a deployment of ${DEPLOYMENTS} Deployments`, () => {
  test("is generated with a warning, refused by a small Coordinator, and set, verified and recovered with a larger one", async () => {
    const deployment = await LargeDeployment.create();
    const generated = deployment.generated!;
    note("generate", generated);
    expect(generated.stderr).toMatch(
      /and \d+ policies have [\d.]+ MiB together; Coordinators of Contrast 1\.4 take 4 MiB/,
    );

    const small = await deployment.start("--max-request-mib=4");
    const refused = await deployment.run(small, "set", "--format=json", "resources");
    expect(refused.status, refused.stderr).toBe(7);
    const error = JSON.parse(refused.stdout) as { code: string; message: string; hints: string[] };
    expect(error.code).toBe("rpc/request-too-large");
    expect(error.message).toMatch(/ policies have [\d.]+ MiB together; this Coordinator takes 4 MiB in one request: /);
    expect(error.hints).toEqual([expect.stringContaining("--max-request-mib")]);
    note("refused set", refused, small);
    small.child.kill("SIGKILL");
    await small.child.exited;

    const first = await deployment.start();
    const set = await deployment.run(first, "set", "resources");
    expect([set.status, set.stdout], set.stderr).toEqual([0, expect.stringContaining("✔️ Seed shares received")]);
    note("set", set, first);
    for (const step of ["verify", "second verify"]) {
      const verified = await deployment.run(first, "verify", `--workspace-dir=.`);
      expect(verified.status, verified.stderr).toBe(0);
      note(step, verified, first);
    }
    const policies = readdirSync(deployment.workspace.path("verify")).filter((name) => name.endsWith(".rego"));
    expect(policies).toHaveLength(DEPLOYMENTS + 1);

    // As after an update that changes every policy.
    const again = await deployment.run(first, "set", "resources");
    expect(again.status, again.stderr).toBe(0);
    note("set again", again, first);
    first.child.kill("SIGKILL");
    await first.child.exited;

    const second = await deployment.start();
    const lost = await deployment.run(second, "verify", "--format=json");
    expect(lost.status).toBe(8);
    const recovered = await deployment.run(second, "recover");
    expect(recovered.status, recovered.stderr).toBe(0);
    note("recover", recovered, second);
    const verified = await deployment.run(second, "verify");
    expect(verified.status, verified.stderr).toBe(0);
    note("verify after recovery", verified, second);
    if (IS_CAMPAIGN) writeFileSync(2, `${JSON.stringify(measured, undefined, 2)}\n`);
  });
});
