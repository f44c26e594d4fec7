import { Code } from "@connectrpc/connect";
import type { Logger } from "../lib/log.ts";
import { UserAPI } from "../proto/userapi_pb.ts";
import { servedService, type ServedService } from "../rpc/serve/served-service.ts";
import type { Authority } from "./authority.ts";
import { logFailure } from "./log-failure.ts";
import type { ManifestAnswer } from "./set-manifest.ts";
import { statusOf } from "./status-of.ts";

/** Name of the user API until December 2024. */
const LEGACY_NAME = "userapi.UserAPI";

/** What the user API answers with. */
export interface UserApiOptions {
  readonly authority: Authority;
  readonly log: Logger;
}

/** The API for users, under both of its names. The connections are those on which a client certificate is optional. */
export function userApiService({ authority, log }: UserApiOptions): ServedService<unknown> {
  const answered = async <T>(method: string, answer: () => Promise<T>): Promise<T> => {
    log.info(`${method} called`);
    try {
      const result = await answer();
      log.info(`${method} succeeded`);
      return result;
    } catch (error) {
      const status = statusOf(error, Code.Internal);
      logFailure(log, method, status, error);
      throw status;
    }
  };
  return servedService<typeof UserAPI, unknown>(
    UserAPI,
    {
      setManifest: async ({ Manifest, Policies, PreviousTransitionHash, Signature }, { peer }) =>
        await answered("SetManifest", async () => {
          const request = {
            manifest: Manifest,
            policies: Policies,
            previousTransitionHash: given(PreviousTransitionHash),
            signature: given(Signature),
          };
          return setManifestResponse(await authority.setManifest(request, peer?.publicKey));
        }),
      getManifests: async () =>
        await answered("GetManifests", async () => {
          const { manifests, policies, rootCaPem, meshCaPem, latest } = await authority.getManifests();
          return {
            Manifests: [...manifests],
            Policies: [...policies],
            RootCA: utf8(rootCaPem),
            MeshCA: utf8(meshCaPem),
            LatestTransition: { TransitionHash: latest.transitionHash, Signature: latest.signature },
          };
        }),
      recover: async ({ Seed, Salt }, { peer }) =>
        await answered("Recover", async () => {
          try {
            await authority.recover({ seed: Seed, salt: Salt }, peer?.publicKey);
            return {};
          } finally {
            Seed.fill(0);
          }
        }),
    },
    { alsoAs: [LEGACY_NAME] },
  );
}

/** Absent bytes are empty ones on the wire. */
function given(bytes: Uint8Array): Uint8Array | undefined {
  return bytes.length === 0 ? undefined : bytes;
}

function setManifestResponse({ rootCaPem, meshCaPem, seedShares }: ManifestAnswer) {
  const answer = { RootCA: utf8(rootCaPem), MeshCA: utf8(meshCaPem) };
  if (seedShares === undefined) return answer;
  const SeedShares = seedShares.shares.map(({ publicKeyHex, encryptedSeed }) => ({
    PublicKey: publicKeyHex.toLowerCase(),
    EncryptedSeed: encryptedSeed,
  }));
  return { ...answer, SeedSharesDoc: { SeedShares, salt: seedShares.salt } };
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
