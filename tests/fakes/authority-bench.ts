import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  constants,
} from "node:crypto";
import { type Authority, type AuthorityOptions, createAuthority } from "../../src/coordinator/authority.ts";
import { type History, openHistory } from "../../src/coordinator/history/history.ts";
import { hashTransition } from "../../src/coordinator/history/transition.ts";
import type { ManifestAnswer, ManifestRequest } from "../../src/coordinator/set-manifest.ts";
import { FailingDisk } from "./failing-disk.ts";
import { recordLog } from "./image-provider.ts";
import { aksManifestText } from "./manifests.ts";
import type { PlainManifest } from "./plain-manifest.ts";

/** The time of every Coordinator of the bench. */
export const BENCH_TIME = new Date("2026-01-02T12:00:00Z");

const workloadOwner = generateKeyPairSync("ec", { namedCurve: "P-384" });
const shareOwner = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** Public keys of callers. */
export const WORKLOAD_OWNER: KeyObject = workloadOwner.publicKey;
export const WORKLOAD_OWNER_PRIVATE: KeyObject = workloadOwner.privateKey;
export const SHARE_OWNER: KeyObject = shareOwner.publicKey;
export const STRANGER: KeyObject = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;

/** A policy document and its hash. */
export interface TestPolicy {
  readonly bytes: Uint8Array;
  readonly hash: string;
}

/** A policy that is told apart by a name. */
export function policyNamed(name: string): TestPolicy {
  const bytes = new Uint8Array(Buffer.from(`package agent_policy\n# ${name}\n`));
  return { bytes, hash: hexDigest(bytes) };
}

/** How the manifest of a bench names an elliptic curve key. */
export function spkiDigest(key: KeyObject): string {
  return hexDigest(key.export({ type: "spki", format: "der" }));
}

/** How the manifest of a bench names an RSA key. */
export function pkcs1Hex(key: KeyObject): string {
  return key.export({ type: "pkcs1", format: "der" }).toString("hex");
}

/** A request that sets a manifest with one workload; the manifests of two names differ. */
export function requestFor(name: string, change: (manifest: PlainManifest) => void = () => {}): ManifestRequest {
  const policy = policyNamed(name);
  const plain: PlainManifest = JSON.parse(aksManifestText());
  plain.Policies = { [policy.hash]: { SANs: [name, "*"], WorkloadSecretID: `apps/v1/Deployment/default/${name}` } };
  plain.WorkloadOwnerKeyDigests = [spkiDigest(WORKLOAD_OWNER)];
  plain.SeedshareOwnerPubKeys = [pkcs1Hex(SHARE_OWNER)];
  change(plain);
  return { manifest: new Uint8Array(Buffer.from(JSON.stringify(plain, undefined, 2))), policies: [policy.bytes] };
}

/** The seed that an answer has for the share owner of the bench. */
export function openShares({ seedShares }: ManifestAnswer): { readonly seed: Uint8Array; readonly salt: Uint8Array } {
  const [share] = seedShares?.shares ?? [];
  if (seedShares === undefined || share === undefined) throw new Error("the answer has no seed shares");
  const seed = privateDecrypt(
    {
      key: shareOwner.privateKey,
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash: "sha256",
      oaepLabel: Buffer.from("seedshare"),
    },
    share.encryptedSeed,
  );
  return { seed: new Uint8Array(seed), salt: seedShares.salt };
}

/** A Coordinator's process: its state, what it logged, its gauge. */
export interface BenchProcess extends Authority {
  readonly generations: readonly number[];
  readonly lines: readonly string[];
  readonly history: History;
}

/** Coordinators on one disk in memory. */
export class AuthorityBench {
  readonly disk: FailingDisk;

  constructor(disk = new FailingDisk()) {
    this.disk = disk;
  }

  /** Starts a process on the disk. */
  async start(options: Partial<AuthorityOptions> = {}): Promise<BenchProcess> {
    const history = options.history ?? (await openHistory("/state", this.disk));
    const generations: number[] = [];
    const log = recordLog();
    const authority = createAuthority({
      history,
      now: () => BENCH_TIME,
      log,
      onGeneration: (generation) => void generations.push(generation),
      ...options,
    });
    return { ...authority, generations, lines: log.lines, history };
  }

  /** Changes an object of the history as somebody with access to the disk does. */
  async replace(path: string, change: (bytes: Uint8Array) => Uint8Array | undefined): Promise<void> {
    const before = await this.disk.read(`/state/${path}`, 1_000_000);
    if (before === undefined) throw new Error(`${path} does not exist`);
    const after = change(before);
    await this.disk.unlink(`/state/${path}`);
    if (after !== undefined) await this.disk.createExclusive(`/state/${path}`, after);
  }

  /** Flips a bit in the middle. */
  async flip(path: string): Promise<void> {
    await this.replace(path, (bytes) => bytes.with(bytes.length >> 1, (bytes[bytes.length >> 1] ?? 0) ^ 1));
  }
}

/** A bench with one process in which a manifest is set. */
export async function benchWithManifest(request: ManifestRequest = requestFor("web")): Promise<{
  readonly bench: AuthorityBench;
  readonly first: BenchProcess;
  readonly answer: ManifestAnswer;
}> {
  const bench = new AuthorityBench();
  const first = await bench.start();
  return { bench, first, answer: await first.setManifest(request, undefined) };
}

/** Makes a manifest the newest one without any check, as a Coordinator of another version could have. */
export async function forceManifest(process: BenchProcess, manifest: Uint8Array): Promise<void> {
  const { latest, seedEngine } = await process.current();
  const manifestHash = Uint8Array.fromHex(await process.history.putManifest(manifest));
  const transition = { manifestHash, previousHash: latest.transitionHash };
  await process.history.putTransition(transition);
  await process.history.advance(latest, hashTransition(transition), seedEngine.transactionKey);
}

/** The public key of a certificate, as text that can be compared. */
export function keyOfCertificate(pem: string): string {
  return createPublicKey(pem).export({ type: "spki", format: "pem" });
}

export function hexDigest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
