import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { connectMutualAtls } from "../../src/attestation/atls/connect-mutual.ts";
import type { EvidenceIssuer } from "../../src/attestation/issuer.ts";
import { createEvidenceValidator } from "../../src/attestation/evidence-validator.ts";
import { insecureTrustRoots } from "../../src/attestation/trust-roots.ts";
import type { EvidenceValidator } from "../../src/attestation/validator.ts";
import { snpExpectations } from "../../src/manifest/expectations.ts";
import { parseManifest } from "../../src/manifest/manifest-json.ts";
import { MeshAPI } from "../../src/proto/meshapi_pb.ts";
import { dialCoordinator } from "../../src/rpc/dial-coordinator.ts";
import { dialMeshApi, type MeshSession } from "../../src/rpc/dial-mesh-api.ts";
import { createGrpcConnection } from "../../src/rpc/grpc-connection.ts";
import { encodeGuest } from "../../src/simulator/guest.ts";
import { createMachine, saveMachine } from "../../src/simulator/machine.ts";
import type { SimulatedMachine } from "../../src/simulator/simulated-machine.ts";

/** A deployment on a simulated machine, for whose Coordinator something is measured. */
export interface MeasuredDeployment {
  readonly directory: string;
  readonly machine: SimulatedMachine;
  /** What makes evidence of its workload. */
  readonly issuer: EvidenceIssuer;
  readonly owner: KeyObject;
  readonly manifest: Uint8Array;
  readonly policies: readonly Uint8Array[];
}

/** A Coordinator in a process of its own. */
export interface MeasuredCoordinator {
  readonly child: Bun.Subprocess<"ignore", "ignore", "pipe">;
  readonly userApi: number;
  readonly meshApi: number;
}

/** The guest that the Coordinator is, in the directory of its deployment. */
export const GUEST_FILE = "guest.json";

const NEVER = new AbortController().signal;
const now = (): Date => new Date();
const [COORDINATOR_POLICY, WORKLOAD_POLICY] = ["coordinator", "web"].map((name) => Buffer.from(`package ${name}\n`));
const digestOf = (bytes: Uint8Array | undefined): string =>
  createHash("sha256")
    .update(bytes ?? new Uint8Array())
    .digest("hex");

/** Makes an SNP machine, and what a Coordinator on it needs, in an empty directory. */
export async function createMeasuredDeployment(directory: string): Promise<MeasuredDeployment> {
  const machine = await createMachine("snp-milan", now());
  await saveMachine(machine, join(directory, "machine"));
  const guest = { policyHash: Uint8Array.fromHex(digestOf(COORDINATOR_POLICY)), endorsements: true };
  await writeFile(join(directory, GUEST_FILE), encodeGuest({ machine: "machine", guest }));
  await writeFile(join(directory, "roots.pem"), machine.rootsPem);
  const owner = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
  const manifest = {
    Policies: {
      [digestOf(COORDINATOR_POLICY)]: { SANs: ["coordinator"] },
      [digestOf(WORKLOAD_POLICY)]: { SANs: ["web", "*", "192.0.2.1"], WorkloadSecretID: "web" },
    },
    ReferenceValues: machine.referenceValues(),
    WorkloadOwnerKeyDigests: [digestOf(createPublicKey(owner).export({ type: "spki", format: "der" }))],
  };
  const workload = { policyHash: Uint8Array.fromHex(digestOf(WORKLOAD_POLICY)), endorsements: true };
  const issuer = machine.issuer(workload, now);
  const policies = [COORDINATOR_POLICY, WORKLOAD_POLICY].flatMap((policy) => policy ?? []);
  return { directory, machine, issuer, owner, manifest: Buffer.from(JSON.stringify(manifest)), policies };
}

/** Starts the Coordinator of a deployment and waits until it listens; its history is empty. */
export async function startMeasuredCoordinator(
  command: readonly string[],
  { directory }: MeasuredDeployment,
): Promise<MeasuredCoordinator> {
  const flags = {
    "state-device": "",
    "state-dir": join(directory, `state-${crypto.randomUUID()}`),
    "user-api-addr": "127.0.0.1:0",
    "mesh-api-addr": "127.0.0.1:0",
    "log-level": "info",
    "insecure-simulated-guest": join(directory, GUEST_FILE),
    "insecure-trust-roots": join(directory, "roots.pem"),
  };
  const words = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const child = Bun.spawn([...command, "coordinator", "--offline", ...words], {
    cwd: directory,
    env: { PATH: "/usr/bin:/bin" },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const [userApi, meshApi] = await ports(child);
  return { child, userApi, meshApi };
}

/** Reads the log of a Coordinator to its end, and tells where it listens as soon as that is known. */
async function ports({ stderr, exited }: MeasuredCoordinator["child"]): Promise<readonly [number, number]> {
  const listening = Promise.withResolvers<readonly [number, number]>();
  const read = async (): Promise<void> => {
    let log: string | undefined = "";
    for await (const piece of stderr.pipeThrough(new TextDecoderStream())) {
      if (log === undefined) continue;
      log += piece;
      const { userApi, meshApi } =
        /"Coordinator is listening".* userApi=(?<userApi>\d+) meshApi=(?<meshApi>\d+)/.exec(log)?.groups ?? {};
      if (meshApi === undefined) continue;
      listening.resolve([Number(userApi), Number(meshApi)]);
      log = undefined;
    }
    listening.reject(new Error(`Cannot measure a Coordinator: it ended with ${await exited}\n${log ?? ""}`));
  };
  void read();
  return await listening.promise;
}

/** Sets the manifest of a deployment, so that its Coordinator serves workloads. */
export async function setMeasuredManifest(
  { userApi }: MeasuredCoordinator,
  deployment: MeasuredDeployment,
): Promise<void> {
  const session = await dialCoordinator(
    { host: "127.0.0.1", port: userApi },
    { clientKey: deployment.owner, validate: validatorOf(deployment), now, signal: NEVER },
  );
  await session.setManifest(deployment.manifest, deployment.policies);
  session.close();
}

/** What judges a Coordinator of the deployment and remembers nothing of before. */
export function validatorOf({ machine, manifest }: MeasuredDeployment): EvidenceValidator {
  return createEvidenceValidator({
    gather: () => Promise.resolve({ answer: () => ({ found: false, reason: "not needed", remedy: "none" }) }),
    supplied: [],
    at: now,
    roots: insecureTrustRoots(Buffer.from(machine.rootsPem), "the roots of the machine"),
    revocation: "required",
    collateral: "required",
    snp: snpExpectations(parseManifest(manifest, "manifest")),
    tdx: [],
    hostData: undefined,
  });
}

/** Connects to the mesh API as the workload of the deployment, with a new key. */
export async function dialAsWorkload(
  { meshApi }: MeasuredCoordinator,
  { issuer }: MeasuredDeployment,
): Promise<MeshSession> {
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  return await dialMeshApi(
    { host: "127.0.0.1", port: meshApi },
    { key, issuer, validate: undefined, now, signal: NEVER },
  );
}

/** A lasting connection of the workload to the mesh API. */
export interface WorkloadConnection {
  /** Gets a certificate, at which nobody looks. */
  readonly call: () => Promise<void>;
  readonly close: () => void;
}

/** Connects to the mesh API for many calls, which cost the client little. */
export async function connectAsWorkload(
  { meshApi: port }: MeasuredCoordinator,
  { issuer }: MeasuredDeployment,
): Promise<WorkloadConnection> {
  const endpoint = { host: "127.0.0.1", port };
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const { socket } = await connectMutualAtls({ endpoint, key, issuer, validate: undefined, now: now(), signal: NEVER });
  const { transport, close } = createGrpcConnection(socket, endpoint, { maxAnswerBytes: 65_536, maxRequestBytes: 64 });
  const api = createClient(MeshAPI, transport);
  return { call: async () => void (await api.newMeshCert({})), close };
}
