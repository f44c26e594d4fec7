import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  publicEncrypt,
  randomBytes,
} from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import { certificatePem, derCertificate } from "./atls/der-certificate.ts";

/** A call's answer to a manifest. */
export interface SetAnswer {
  readonly rootCaPem: Uint8Array;
  readonly meshCaPem: Uint8Array;
  readonly seedShares?: {
    readonly shares: readonly { readonly publicKeyHex: string; readonly encryptedSeed: Uint8Array }[];
    readonly salt: Uint8Array;
  };
}

interface ManifestView {
  readonly Policies?: Readonly<Record<string, unknown>>;
  readonly WorkloadOwnerKeyDigests?: readonly string[];
  readonly SeedshareOwnerPubKeys?: readonly string[];
}

/**
 * What a Coordinator of Contrast 1.4.1 remembers and refuses, in the order and with the statuses of the original. Keys of
 * callers are DER (SPKI), undefined where the caller presented none. No disk, and no certificates that would verify.
 */
export class CoordinatorState {
  readonly manifests: Uint8Array[] = [];
  readonly policies = new Map<string, Uint8Array>();
  /** 64 bytes; the fake trusts whoever brings it back. */
  seed: Uint8Array = new Uint8Array(randomBytes(64));
  salt: Uint8Array = new Uint8Array(randomBytes(32));
  rootCaPem: Uint8Array = authorityPem("system:coordinator:root");
  meshCaPem: Uint8Array = authorityPem("system:coordinator:intermediate");
  /** 32 bytes, as later versions tell them. */
  latestTransition: Uint8Array | undefined;
  #isRunning = true;

  /** A state that already has a manifest. */
  static withManifest(manifest: Uint8Array, policies: readonly Uint8Array[] = []): CoordinatorState {
    const state = new CoordinatorState();
    state.manifests.push(manifest);
    for (const policy of policies) state.policies.set(hexDigest(policy), policy);
    return state;
  }

  /** The process starts anew: with a history it waits for recovery. */
  restart(): void {
    this.#isRunning = this.manifests.length === 0;
  }

  setManifest(bytes: Uint8Array, policies: readonly Uint8Array[], caller: Uint8Array | undefined): SetAnswer {
    if (!this.#isRunning) refuse(Code.FailedPrecondition, "coordinator is in recovery mode");
    const manifest = parseManifest(bytes, "unmarshaling manifest");
    const active = this.#active();
    if (active !== undefined) {
      authorise(caller, active.WorkloadOwnerKeyDigests ?? []);
      const { SeedshareOwnerPubKeys: before = [] } = active;
      if (JSON.stringify(before) !== JSON.stringify(manifest.SeedshareOwnerPubKeys ?? [])) {
        refuse(Code.PermissionDenied, "changes to seedshare owners are not allowed");
      }
    }
    const seedShares = active === undefined ? this.#shares(manifest.SeedshareOwnerPubKeys ?? []) : undefined;
    const given = new Map(policies.map((policy) => [hexDigest(policy), policy]));
    for (const hash of Object.keys(manifest.Policies ?? {})) {
      const policy = given.get(hash);
      if (policy === undefined) refuse(Code.InvalidArgument, `no policy provided for hash "${hash}"`);
      else this.policies.set(hash, policy);
    }
    this.manifests.push(bytes);
    this.meshCaPem = authorityPem("system:coordinator:intermediate");
    const { rootCaPem, meshCaPem } = this;
    return { rootCaPem, meshCaPem, ...(seedShares === undefined ? {} : { seedShares }) };
  }

  getManifests(): {
    manifests: readonly Uint8Array[];
    policies: readonly Uint8Array[];
    root: Uint8Array;
    mesh: Uint8Array;
  } {
    if (!this.#isRunning) refuse(Code.Internal, "syncing internal state: coordinator is in recovery mode");
    if (this.manifests.length === 0) refuse(Code.FailedPrecondition, "no manifest configured");
    return {
      manifests: this.manifests,
      policies: [...this.policies.values()],
      root: this.rootCaPem,
      mesh: this.meshCaPem,
    };
  }

  recover(seed: Uint8Array, salt: Uint8Array, caller: Uint8Array | undefined): void {
    const active = this.#active();
    if (active === undefined) refuse(Code.FailedPrecondition, "no persisted transaction to recover from");
    if (this.#isRunning) refuse(Code.FailedPrecondition, "coordinator is already recovered");
    if (salt.length !== 32 || seed.length < 32) refuse(Code.InvalidArgument, "initializing seed engine: wrong length");
    if (!Buffer.from(seed).equals(this.seed) || !Buffer.from(salt).equals(this.salt)) {
      refuse(Code.InvalidArgument, "recovery failed: latest transition signature is invalid");
    }
    const owners = (active?.SeedshareOwnerPubKeys ?? []).map((hex) => hexDigest(Buffer.from(hex, "hex")));
    if (caller === undefined || !owners.includes(peerKeyDigest(caller))) {
      refuse(Code.PermissionDenied, "peer not authorized to recover existing state");
    }
    this.#isRunning = true;
    this.meshCaPem = authorityPem("system:coordinator:intermediate");
  }

  #active(): ManifestView | undefined {
    const latest = this.manifests.at(-1);
    return latest && parseManifest(latest, "fetching manifests from history");
  }

  #shares(ownerKeys: readonly string[]): NonNullable<SetAnswer["seedShares"]> {
    const shares = ownerKeys.map((publicKeyHex) => {
      const key = ownerKey(publicKeyHex);
      const options = {
        key,
        padding: constants.RSA_PKCS1_OAEP_PADDING,
        oaepHash: "sha256",
        oaepLabel: Buffer.from("seedshare"),
      };
      return { publicKeyHex, encryptedSeed: new Uint8Array(publicEncrypt(options, this.seed)) };
    });
    return { shares, salt: this.salt };
  }
}

function refuse(code: Code, message: string): never {
  throw new ConnectError(message, code);
}

function parseManifest(bytes: Uint8Array, what: string): ManifestView {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (error) {
    return refuse(Code.InvalidArgument, `${what}: ${String(error)}`);
  }
}

function authorise(caller: Uint8Array | undefined, digests: readonly string[]): void {
  if (digests.length === 0) refuse(Code.PermissionDenied, "validating peer: setting manifest is disabled");
  if (caller === undefined) return refuse(Code.PermissionDenied, "validating peer: no peer certificates found");
  const digest = peerKeyDigest(caller);
  if (!digests.some((known) => known.toLowerCase() === digest)) {
    refuse(Code.PermissionDenied, "validating peer: peer not authorized");
  }
}

/** SHA-256 over the SPKI of elliptic curve keys and over the PKCS #1 form of RSA keys, lower-case hex. */
function peerKeyDigest(spkiDer: Uint8Array): string {
  const key = createPublicKey({ key: Buffer.from(spkiDer), format: "der", type: "spki" });
  return hexDigest(key.asymmetricKeyType === "rsa" ? key.export({ type: "pkcs1", format: "der" }) : spkiDer);
}

function ownerKey(publicKeyHex: string): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(publicKeyHex, "hex"), format: "der", type: "pkcs1" });
  } catch (error) {
    return refuse(Code.InvalidArgument, `initializing seed engine: ${String(error)}`);
  }
}

function hexDigest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function authorityPem(commonName: string): Uint8Array {
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  return new Uint8Array(Buffer.from(certificatePem(derCertificate({ key, commonName }))));
}
