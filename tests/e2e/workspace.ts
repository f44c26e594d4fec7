import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { contrastBinary } from "./binary.ts";
import { type Outcome, outcomeOf } from "./run-binary.ts";
import { SAMPLE_REPLACEMENTS, writeSampleImages } from "./sample-images.ts";
import { createSampleKeys, type SampleKeys } from "./sample-keys.ts";
import { snapshotOf } from "./snapshot.ts";

/** How a run went, and what it cost. */
export interface MeasuredOutcome extends Outcome {
  readonly elapsedMs: number;
  /** Most memory that it had; not a number unless the call asks for it. */
  readonly peakBytes: number;
}

export interface GenerateCall {
  readonly platform?: string;
  readonly stdin?: Uint8Array | string;
  readonly env?: Readonly<Record<string, string>>;
  /** Another home, so that nothing of earlier runs is remembered. */
  readonly home?: string;
  /** Command that runs the program, such as `unshare`. */
  readonly wrapper?: readonly string[];
  /** Measure the memory that the program needs. */
  readonly measured?: boolean;
}

const MEASURED_RUN = join(import.meta.dir, "fixtures", "measured-run.ts");

/** What the tests of one file share: a directory that holds images, owner keys and workspaces. */
export class GenerateBench {
  readonly keys: SampleKeys = createSampleKeys();
  readonly #root: string;
  readonly #common: readonly string[];

  /**
   * @param root empty directory
   * @param flags more flags for every call
   */
  constructor(root: string, flags: readonly string[] = []) {
    this.#root = root;
    const replacements = join(root, "replacements.txt");
    writeFileSync(replacements, SAMPLE_REPLACEMENTS);
    this.#common = ["--offline", `--image-replacements=${replacements}`, ...writeSampleImages(root), ...flags];
  }

  /** A new directory with the given files, and with owner keys unless `keys` is false. */
  workspace(files: Readonly<Record<string, string | Uint8Array>> = {}, options: { keys?: boolean } = {}): Workspace {
    const workspace = new Workspace(mkdtempSync(join(this.#root, "w-")), this.#common);
    if (options.keys !== false) {
      writeFileSync(workspace.path("workload-owner.pem"), this.keys.workloadPem, { mode: 0o600 });
      writeFileSync(workspace.path("seedshare-owner.pem"), this.keys.seedsharePem, { mode: 0o600 });
    }
    for (const [name, content] of Object.entries(files)) workspace.write(name, content);
    return workspace;
  }
}

/** A working directory in which the compiled binary runs, with a home of its own and without network. */
export class Workspace {
  readonly root: string;
  readonly #common: readonly string[];

  constructor(root: string, common: readonly string[]) {
    this.root = root;
    this.#common = common;
    mkdirSync(this.path("."), { recursive: true });
  }

  path(name: string): string {
    return join(this.root, "work", name);
  }

  write(name: string, content: string | Uint8Array): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  /** The manifest, or another file of its form. */
  manifest(name = "manifest.json"): ManifestJson {
    return JSON.parse(this.read(name)) as ManifestJson;
  }

  exists(name: string): boolean {
    return existsSync(this.path(name));
  }

  mode(name: string): number {
    return lstatSync(this.path(name)).mode & 0o777;
  }

  /** Every entry, hidden ones too: type, permissions and content. */
  snapshot(): Readonly<Record<string, string>> {
    return snapshotOf(this.path("."));
  }

  /** A home that no run has used yet. */
  newHome(): string {
    return mkdtempSync(join(this.root, "home-"));
  }

  /** Runs `contrast generate` with the sample images and without network. */
  async generate(args: readonly string[], call: GenerateCall = {}): Promise<MeasuredOutcome> {
    return await this.run([...this.generateArgs(call.platform), ...args], call);
  }

  /** The arguments that every call has. */
  generateArgs(platform = "k3s-qemu-snp"): readonly string[] {
    return ["generate", `--reference-values=${platform}`, ...this.#common];
  }

  /** The same with `--format json`, and the one object that it prints. */
  async generateJson(args: readonly string[], call: GenerateCall = {}): Promise<MeasuredOutcome & { json: RunJson }> {
    const outcome = await this.generate(["--format=json", ...args], call);
    return { ...outcome, json: JSON.parse(outcome.stdout) as RunJson };
  }

  async run(args: readonly string[], call: GenerateCall = {}): Promise<MeasuredOutcome> {
    const { measured = false, wrapper = [] } = call;
    const peakFile = join(mkdtempSync(join(this.root, "peak-")), "bytes");
    const measuring = measured ? [process.execPath, MEASURED_RUN, peakFile] : [];
    const child = await this.start(args, { ...call, wrapper: [...measuring, ...wrapper] });
    const outcome = await outcomeOf(child);
    const elapsedMs = performance.now() - child.startedMs;
    return { ...outcome, elapsedMs, peakBytes: measured ? Number(readFileSync(peakFile, "utf8")) : Number.NaN };
  }

  /** Starts the program and does not wait for it. */
  async start(
    args: readonly string[],
    call: GenerateCall = {},
  ): Promise<Bun.Subprocess<"ignore" | Blob, "pipe", "pipe"> & { startedMs: number }> {
    const binary = await contrastBinary();
    const startedMs = performance.now();
    const child = Bun.spawn([...(call.wrapper ?? []), binary, ...args], {
      cwd: this.path("."),
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: call.home ?? join(this.root, "home"), ...call.env },
      stdin: call.stdin === undefined ? "ignore" : new Blob([call.stdin]),
      stdout: "pipe",
      stderr: "pipe",
    });
    return Object.assign(child, { startedMs });
  }
}

/** What `--format json` prints, as far as tests look at it. */
export interface RunJson {
  readonly schema: string;
  readonly ok: boolean;
  readonly code?: string;
  readonly findings?: readonly ReportedProblem[];
  readonly written?: readonly string[];
  readonly workloads?: readonly { readonly name: string; readonly kind: string; readonly policyHash: string }[];
}

/** A manifest as tests look at it. */
export interface ManifestJson {
  readonly Policies: Readonly<Record<string, { readonly SANs: readonly string[]; readonly WorkloadSecretID: string }>>;
  readonly ReferenceValues: unknown;
  readonly WorkloadOwnerKeyDigests: readonly string[] | null;
  readonly SeedshareOwnerPubKeys: readonly string[] | null;
}

export interface ReportedProblem {
  readonly severity: "error" | "warning";
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly path?: string;
  readonly object?: string;
}
