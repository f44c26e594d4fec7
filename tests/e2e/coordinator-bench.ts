import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeBundle } from "../../src/attestation/collateral/bundle-write.ts";
import type { EvidenceIssuer } from "../../src/attestation/issuer.ts";
import { parsePresentedEvidence } from "../../src/attestation/parse-presented-evidence.ts";
import type { EvidenceValidator } from "../../src/attestation/validator.ts";
import { concludeVerdict } from "../../src/attestation/verdict.ts";
import { openSeedShare } from "../../src/client/open-seed-share.ts";
import type { CoordinatorSession, SeedShareDocument } from "../../src/rpc/coordinator-session.ts";
import { dialCoordinator } from "../../src/rpc/dial-coordinator.ts";
import { dialMeshApi, type MeshSession } from "../../src/rpc/dial-mesh-api.ts";
import { encodeGuest } from "../../src/simulator/guest.ts";
import { createMachine, saveMachine } from "../../src/simulator/machine.ts";
import type { SimulatedMachine } from "../../src/simulator/simulated-machine.ts";
import { annotatedDeployment } from "../fakes/sandbox-workspace.ts";
import { until } from "../fakes/until.ts";
import { contrastBinary } from "./binary.ts";
import { outcomeOf, type Outcome } from "./run-binary.ts";

/** Where a Coordinator listens, and the process that it is. */
export interface CompiledCoordinator {
  readonly child: Bun.Subprocess<"ignore", "ignore", "pipe">;
  readonly userApi: number;
  readonly meshApi: number;
  readonly metrics: number;
  /** Waits until its log has such a line. */
  readonly told: (line: RegExp) => Promise<void>;
  /** Ends it at once, as a power cut would. */
  readonly kill: () => Promise<void>;
}

/** How one is started. */
export interface CoordinatorStart {
  /** In place of that of the bench. */
  readonly stateDirectory?: string;
  /** Ports that it had before; free ones unless given. */
  readonly ports?: { readonly userApi: number; readonly meshApi: number };
  /** Command that runs the program, such as `unshare`. */
  readonly wrapper?: readonly string[];
}

/** The seed of a deployment, as its owner holds it. */
export interface OwnedSeed {
  readonly seed: Uint8Array;
  readonly salt: Uint8Array;
}

const COORDINATOR_POLICY = "package agent_policy\n# coordinator\n";
const WEB_POLICY = "package agent_policy\n# web\n";
const WORKLOAD_OWNER = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
const SHARE_OWNER = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const digestOf = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const WEB_HASH = digestOf(WEB_POLICY);

/** A deployment on a simulated TDX machine, whose Coordinator is the compiled binary. */
export class CoordinatorBench implements AsyncDisposable {
  readonly directory: string;
  readonly stateDirectory: string;
  readonly machine: SimulatedMachine;
  readonly workloadOwner: KeyObject = WORKLOAD_OWNER;
  readonly policies: readonly Uint8Array[] = [COORDINATOR_POLICY, WEB_POLICY].map((text) => Buffer.from(text));
  readonly #running = new Set<CompiledCoordinator>();

  private constructor(directory: string, machine: SimulatedMachine) {
    this.directory = directory;
    this.stateDirectory = join(directory, "state");
    this.machine = machine;
  }

  /** @param root an existing directory, in which the bench makes one of its own */
  static async create(root: string): Promise<CoordinatorBench> {
    const now = new Date();
    const machine = await createMachine("tdx", now);
    const bench = new CoordinatorBench(mkdtempSync(join(root, "c-")), machine);
    await saveMachine(machine, bench.path("machine"));
    const items = machine.collateral(now).map((item) => ({ item, validity: {} }));
    writeFileSync(bench.path("collateral.tar"), encodeBundle(items, "test"));
    writeFileSync(bench.path("roots.pem"), machine.rootsPem);
    for (const [name, policy] of Object.entries({ coordinator: COORDINATOR_POLICY, web: WEB_POLICY })) {
      const guest = { policyHash: Uint8Array.fromHex(digestOf(policy)) };
      writeFileSync(bench.path(`${name}-guest.json`), encodeGuest({ machine: "machine", guest }));
    }
    mkdirSync(bench.path("resources"));
    writeFileSync(
      bench.path("resources/coordinator.yml"),
      annotatedDeployment("coordinator", COORDINATOR_POLICY, "coordinator"),
    );
    writeFileSync(bench.path("resources/web.yml"), annotatedDeployment("web", WEB_POLICY));
    writeFileSync(bench.path("manifest.json"), bench.manifest());
    writeFileSync(bench.path("coordinator-policy.sha256"), digestOf(COORDINATOR_POLICY));
    writeFileSync(bench.path("workload-owner.pem"), WORKLOAD_OWNER.export({ type: "sec1", format: "pem" }));
    writeFileSync(bench.path("seedshare-owner.pem"), SHARE_OWNER.export({ type: "pkcs1", format: "pem" }));
    return bench;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** A valid manifest; those of other names are other manifests. */
  manifest(name = "web"): Uint8Array {
    const shareOwner = createPublicKey(SHARE_OWNER).export({ type: "pkcs1", format: "der" }).toString("hex");
    const plain = {
      Policies: {
        [digestOf(COORDINATOR_POLICY)]: { SANs: ["coordinator"], WorkloadSecretID: "coordinator" },
        [WEB_HASH]: { SANs: [name], WorkloadSecretID: "web" },
      },
      ReferenceValues: this.machine.referenceValues(),
      WorkloadOwnerKeyDigests: [digestOf(createPublicKey(WORKLOAD_OWNER).export({ type: "spki", format: "der" }))],
      SeedshareOwnerPubKeys: [shareOwner],
    };
    return Buffer.from(JSON.stringify(plain));
  }

  /** Starts the Coordinator, and waits until it listens. */
  async start({
    stateDirectory = this.stateDirectory,
    ports,
    wrapper = [],
  }: CoordinatorStart = {}): Promise<CompiledCoordinator> {
    const { userApi = 0, meshApi = 0 } = ports ?? {};
    const addresses = ["--user-api-addr", `127.0.0.1:${userApi}`, "--mesh-api-addr", `127.0.0.1:${meshApi}`];
    const state = ["--state-dir", stateDirectory, "--state-device="];
    const guest = ["--insecure-simulated-guest", this.path("coordinator-guest.json"), ...this.trustFlags()];
    const words = ["coordinator", ...state, ...addresses, "--metrics-addr", "127.0.0.1:0", ...guest];
    const child = Bun.spawn([...wrapper, await contrastBinary(), ...words], {
      env: { PATH: process.env["PATH"] ?? "", HOME: this.directory },
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    });
    let log = "";
    const listening = Promise.withResolvers<RegExpMatchArray>();
    const read = async (): Promise<void> => {
      for await (const piece of child.stderr.pipeThrough(new TextDecoderStream())) {
        log += piece;
        const found = /msg="Coordinator is listening".* userApi=(\d+) meshApi=(\d+) http=(\d+)/.exec(log);
        if (found !== null) listening.resolve(found);
      }
      listening.reject(new Error(`the Coordinator ended with ${await child.exited}:\n${log}`));
    };
    void read();
    const [, ...found] = (await listening.promise).map(Number);
    const coordinator: CompiledCoordinator = {
      child,
      userApi: found[0]!,
      meshApi: found[1]!,
      metrics: found[2]!,
      told: async (line) => await until(async () => line.test(log)),
      kill: async () => {
        child.kill("SIGKILL");
        await child.exited;
        this.#running.delete(coordinator);
      },
    };
    this.#running.add(coordinator);
    return coordinator;
  }

  /** Flags that make the simulated machine trusted, with all its collateral at hand. */
  trustFlags(): readonly string[] {
    return ["--offline", "--collateral", this.path("collateral.tar"), "--insecure-trust-roots", this.path("roots.pem")];
  }

  /** Connects to the user API as workload owner, or with another key; the clock is that of the client. */
  async dialUser(
    { userApi }: Pick<CompiledCoordinator, "userApi">,
    clientKey: KeyObject = WORKLOAD_OWNER,
    now = (): Date => new Date(),
  ): Promise<CoordinatorSession> {
    return await dialCoordinator(
      { host: "127.0.0.1", port: userApi },
      { clientKey, validate: acceptAnything, now, signal: new AbortController().signal },
    );
  }

  /** What proves the workload web. */
  webIssuer(now = (): Date => new Date()): EvidenceIssuer {
    return this.machine.issuer({ policyHash: Uint8Array.fromHex(WEB_HASH) }, now);
  }

  /** Connects to the mesh API as the workload web; the clock is that of the workload. */
  async dialMesh(
    { meshApi }: Pick<CompiledCoordinator, "meshApi">,
    now = (): Date => new Date(),
  ): Promise<MeshSession> {
    const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const { signal } = new AbortController();
    const options = { key, issuer: this.webIssuer(now), validate: undefined, now, signal };
    return await dialMeshApi({ host: "127.0.0.1", port: meshApi }, options);
  }

  /** Sets the first manifest. @returns what recovery needs */
  async setFirst(coordinator: CompiledCoordinator): Promise<OwnedSeed> {
    const session = await this.dialUser(coordinator);
    const { seedShares } = await session.setManifest(this.manifest(), this.policies);
    session.close();
    return openOwned(seedShares!);
  }

  /** Recovers as seed share owner. */
  async recover(coordinator: CompiledCoordinator, { seed, salt }: OwnedSeed): Promise<void> {
    const session = await this.dialUser(coordinator, SHARE_OWNER);
    try {
      await session.recover(seed, salt);
    } finally {
      session.close();
    }
  }

  /** Runs the compiled binary in the directory of the deployment, trusting the machine. */
  async run(...words: readonly string[]): Promise<Outcome> {
    const child = Bun.spawn([await contrastBinary(), ...words, ...this.trustFlags()], {
      cwd: this.directory,
      env: { PATH: process.env["PATH"] ?? "", HOME: this.directory },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    return await outcomeOf(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running].map((coordinator) => coordinator.kill()));
  }
}

/** Memory that a process has, in MiB, and how many files it has open. */
export function usageOf({ child }: CompiledCoordinator): { readonly rssMiB: number; readonly files: number } {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  const kib = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]);
  return { rssMiB: Math.round(kib / 1024), files: readdirSync(`/proc/${child.pid}/fd`).length };
}

function openOwned(document: SeedShareDocument): OwnedSeed {
  const identity = createPublicKey(SHARE_OWNER).export({ type: "pkcs1", format: "der" }).toString("hex");
  return { seed: openSeedShare(document, { key: SHARE_OWNER, identity }, "seed shares"), salt: document.salt };
}

const acceptAnything: EvidenceValidator = async (presented) => {
  const check = { id: "test", subject: "Test", outcome: "passed" } as const;
  return concludeVerdict(parsePresentedEvidence(presented), [{ name: "request", checks: [check] }], undefined);
};
