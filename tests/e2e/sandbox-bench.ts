import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createMachine } from "../../src/simulator/machine.ts";
import type { SimulatedPlatform } from "../../src/simulator/simulated-machine.ts";
import { outcomeOf } from "./run-binary.ts";
import { contrastBinary } from "./binary.ts";
import { COORDINATOR_YAML, deploymentYaml } from "./sample-yaml.ts";
import type { GenerateBench, Workspace } from "./workspace.ts";

/** How a command went. */
interface SandboxOutcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `sandbox status --format json` says, as far as tests look. */
export interface SandboxStatus {
  readonly ok: boolean;
  readonly supervisor: { readonly state: string; readonly pid: number };
  readonly coordinator: string;
  readonly processes: readonly { readonly name: string; readonly state: string; readonly pid: number | null }[];
  readonly workloads: readonly { readonly id: string; readonly state: string; readonly sans: readonly string[] }[];
}

/** A generated deployment of a Coordinator and two workloads, with a sandbox on free ports. */
export class SandboxBench {
  readonly workspace: Workspace;
  readonly #platform: SimulatedPlatform;

  private constructor(workspace: Workspace, platform: SimulatedPlatform) {
    this.workspace = workspace;
    this.#platform = platform;
  }

  static async create(bench: GenerateBench, platform: SimulatedPlatform): Promise<SandboxBench> {
    const name = platform === "tdx" ? "k3s-qemu-tdx" : "k3s-qemu-snp";
    const machine = await createMachine(platform, new Date(), { rsaBits: 2048 });
    // The guest image of some release, not that of simulated machines.
    const referenceValues = JSON.stringify(machine.referenceValues(new Uint8Array(48).fill(7))).replace(
      /"Rtrms":\[[^\]]*\]/,
      () => `"Rtrms":${JSON.stringify([1, 2, 3, 4].map((value) => new Uint8Array(48).fill(value).toHex()))}`,
    );
    const workspace = bench.workspace({
      "resources/coordinator.yml": COORDINATOR_YAML,
      "resources/web.yml": deploymentYaml("web"),
      "resources/db.yml": deploymentYaml("db", { container: "args: [db]" }),
      "values.json": `{"contrast-cc-${name}-0123abcd":${referenceValues}}`,
    });
    const generated = await workspace.generate(["--reference-values-file=values.json", "resources"], {
      platform: name,
    });
    if (generated.status !== 0) throw new Error(generated.stderr);
    return new SandboxBench(workspace, platform);
  }

  get directory(): string {
    return this.workspace.path("contrast-sandbox");
  }

  /** Runs the binary in the workspace. */
  async run(...words: readonly string[]): Promise<SandboxOutcome> {
    const home = join(this.workspace.root, "home");
    mkdirSync(home, { recursive: true });
    const child = Bun.spawn([await contrastBinary(), ...words], {
      cwd: this.workspace.path("."),
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: home },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    return await outcomeOf(child);
  }

  /** Runs a command that must succeed. @returns its standard output */
  async succeed(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(...words);
    if (status !== 0) throw new Error(`contrast ${words.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** Starts the sandbox on free ports. */
  async up(): Promise<SandboxOutcome> {
    const ports = ["--user-api-port", "0", "--mesh-api-port", "0", "--vendor-port", "0"];
    return await this.run("sandbox", "up", ...ports, "resources");
  }

  /** `-c` and the flags with which commands trust the machine. */
  coordinatorFlags(): readonly string[] {
    const { ports } = JSON.parse(readFileSync(join(this.directory, "sandbox.json"), "utf8")) as {
      ports: { userApi: number; vendor: number };
    };
    const mirror = this.#platform === "tdx" ? "--pcs-mirror" : "--kds-mirror";
    const roots = ["--insecure-trust-roots", "contrast-sandbox/roots.pem"];
    return ["-c", `127.0.0.1:${ports.userApi}`, ...roots, mirror, `http://127.0.0.1:${ports.vendor}`];
  }

  async status(): Promise<SandboxStatus> {
    return JSON.parse((await this.run("sandbox", "status", "--format", "json")).stdout) as SandboxStatus;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run("sandbox", "down");
  }
}
