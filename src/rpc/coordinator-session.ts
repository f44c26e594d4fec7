import type { Client } from "@connectrpc/connect";
import type { Attestation } from "../attestation/atls/attestation.ts";
import type { Endpoint } from "../attestation/atls/endpoint.ts";
import type { SeedShareDocument as SeedShareMessage, UserAPI } from "../proto/userapi_pb.ts";
import { explainCall } from "./explain-call.ts";
import type { UserApiMethod } from "./server-status.ts";
import type { UserApiClient } from "./user-api-client.ts";

/** A connection to a Coordinator whose evidence was accepted. */
export interface CoordinatorSession {
  readonly endpoint: Endpoint;
  readonly attestation: Attestation;
  /**
   * Sets a manifest.
   *
   * @param manifest the JSON exactly as in the file
   * @param policies Rego texts; one for each policy that the manifest names, in any order
   * @param previousTransition that it must follow, 32 bytes; Coordinators of other programs do not look at it
   */
  setManifest(
    manifest: Uint8Array,
    policies: readonly Uint8Array[],
    previousTransition?: Uint8Array,
  ): Promise<SetManifestAnswer>;
  /** The manifests that were ever set, and the certificates in force. */
  getManifests(): Promise<ManifestHistory>;
  /**
   * Gives a restarted Coordinator its seed back.
   *
   * @param seed 64 bytes, secret
   * @param salt 32 bytes
   */
  recover(seed: Uint8Array, salt: Uint8Array): Promise<void>;
  /** Ends the connection. */
  readonly close: () => void;
}

/** What a Coordinator answers to a manifest. Nothing of it is checked here. */
export interface SetManifestAnswer {
  readonly rootCaPem: Uint8Array;
  readonly meshCaPem: Uint8Array;
  /** Only after the first manifest of a deployment. */
  readonly seedShares: SeedShareDocument | undefined;
}

/** The seed of a Coordinator, once for each seed share owner. Nothing in it is secret without an owner's key. */
export interface SeedShareDocument {
  /** In the order of the manifest. */
  readonly shares: readonly SeedShare[];
  /** Of the seed's derivations, 32 bytes. */
  readonly salt: Uint8Array;
}

/** The whole seed, encrypted for one owner. */
export interface SeedShare {
  /** PKCS #1 `RSAPublicKey` DER of the owner, as the manifest has it. */
  readonly publicKeyHex: string;
  /** RSA-OAEP, as long as the modulus. */
  readonly encryptedSeed: Uint8Array;
}

/** What a Coordinator tells about its past. Nothing of it is checked here. */
export interface ManifestHistory {
  /** Oldest first, the active one last. */
  readonly manifests: readonly Uint8Array[];
  /** Every policy that any of the manifests names, in any order. */
  readonly policies: readonly Uint8Array[];
  readonly rootCaPem: Uint8Array;
  readonly meshCaPem: Uint8Array;
  /** Hash of the newest entry of the history; only of later versions. */
  readonly latestTransition: Uint8Array | undefined;
}

/** What a session is made of. */
export interface SessionParts {
  readonly endpoint: Endpoint;
  readonly attestation: Attestation;
  readonly client: UserApiClient;
  /** Longest time for one call. */
  readonly callTimeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Makes a session of an attested connection.
 *
 * @returns every call throws what `callError` makes of its failure
 */
export function createSession({ endpoint, attestation, client, ...limits }: SessionParts): CoordinatorSession {
  const { signal, callTimeoutMs: timeoutMs } = limits;
  const options = { signal, timeoutMs };
  const call = <T>(method: UserApiMethod, run: (api: Client<typeof UserAPI>) => Promise<T>): Promise<T> =>
    explainCall(() => client.call(run), { method, endpoint, signal, timeoutMs });
  return {
    endpoint,
    attestation,
    setManifest: async (manifest, policies, previousTransition) => {
      const given = previousTransition && { PreviousTransitionHash: previousTransition };
      const request = { Manifest: manifest, Policies: [...policies], ...given };
      const answer = await call("SetManifest", (api) => api.setManifest(request, options));
      const seedShares = answer.SeedSharesDoc && seedShareDocument(answer.SeedSharesDoc);
      return { rootCaPem: answer.RootCA, meshCaPem: answer.MeshCA, seedShares };
    },
    getManifests: async () => {
      const answer = await call("GetManifests", (api) => api.getManifests({}, options));
      const { Manifests: manifests, Policies: policies, RootCA: rootCaPem, MeshCA: meshCaPem } = answer;
      const latestTransition = answer.LatestTransition?.TransitionHash;
      return { manifests, policies, rootCaPem, meshCaPem, latestTransition };
    },
    recover: async (seed, salt) => {
      await call("Recover", (api) => api.recover({ Seed: seed, Salt: salt }, options));
    },
    close: () => client.close(),
  };
}

function seedShareDocument({ SeedShares, salt }: SeedShareMessage): SeedShareDocument {
  return {
    shares: SeedShares.map(({ PublicKey, EncryptedSeed }) => ({
      publicKeyHex: PublicKey,
      encryptedSeed: EncryptedSeed,
    })),
    salt,
  };
}
