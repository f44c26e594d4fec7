import { Code } from "@connectrpc/connect";
import { sha256Hex } from "../lib/digest.ts";
import type { LogFields, Logger } from "../lib/log.ts";
import { UserAPI } from "../proto/userapi_pb.ts";
import { type PreparedAnswer, prepareAnswer } from "../rpc/serve/prepared-answer.ts";
import { servedService, type ServedService } from "../rpc/serve/served-service.ts";
import type { Authority, ManifestHistory } from "./authority.ts";
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
  const answered = async <T>(method: string, answer: () => Promise<T>, fields?: () => LogFields): Promise<T> => {
    log.info(`${method} called`);
    try {
      const result = await answer();
      log.info(`${method} succeeded`, fields?.());
      return result;
    } catch (error) {
      const status = statusOf(error, Code.Internal);
      logFailure(log, method, status, error);
      throw status;
    }
  };
  const prepare = createAnswerPreparation();
  return servedService<typeof UserAPI, unknown>(
    UserAPI,
    {
      setManifest: async ({ Manifest, Policies, PreviousTransitionHash, Signature }, { peer }) =>
        await answered(
          "SetManifest",
          async () => {
            const request = {
              manifest: Manifest,
              policies: Policies,
              previousTransitionHash: given(PreviousTransitionHash),
              signature: given(Signature),
            };
            return setManifestResponse(await authority.setManifest(request, peer?.publicKey));
          },
          // As contrast verify prints it.
          () => ({ manifest: sha256Hex(Manifest) }),
        ),
      getManifests: async () =>
        await answered("GetManifests", async () => {
          return prepare(await authority.getManifests());
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
    {
      alsoAs: [LEGACY_NAME],
      // Once there is a manifest, only its owners have a reason to send much: strangers cannot fill the memory.
      admitLarge: async ({ peer }) => {
        try {
          await authority.requireSetter(peer?.publicKey);
        } catch (error) {
          const status = statusOf(error, Code.Internal);
          logFailure(log, "a large request", status, error);
          throw status;
        }
      },
    },
  );
}

/**
 * Anybody may ask for the whole history, as often as they like: while an answer is on its way to somebody, everybody else
 * is sent the same bytes in memory.
 */
function createAnswerPreparation(): (history: ManifestHistory) => PreparedAnswer {
  let last: { readonly key: string; readonly answer: WeakRef<PreparedAnswer> } | undefined;
  return ({ manifests, policies, rootCaPem, meshCaPem, latest }) => {
    // Each generation has a mesh CA of its own, and may be signed anew.
    const key = `${latest.bytes.toHex()} ${meshCaPem}`;
    const known = last?.key === key ? last.answer.deref() : undefined;
    if (known !== undefined) return known;
    const { output } = UserAPI.method.getManifests;
    const { number: manifestField } = output.field.Manifests;
    const { number: policyField } = output.field.Policies;
    const small = {
      RootCA: utf8(rootCaPem),
      MeshCA: utf8(meshCaPem),
      LatestTransition: { TransitionHash: latest.transitionHash, Signature: latest.signature },
    };
    const answer = prepareAnswer(output, small, [
      ...manifests.map((bytes) => ({ number: manifestField, bytes })),
      ...policies.map((bytes) => ({ number: policyField, bytes })),
    ]);
    last = { key, answer: new WeakRef(answer) };
    return answer;
  };
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
