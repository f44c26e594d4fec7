import { createPublicKey, hash } from "node:crypto";
import type { ChainLink } from "../../src/coordinator/history/chain.ts";
import type { History } from "../../src/coordinator/history/history.ts";
import { type LatestTransition, verifyLatest } from "../../src/coordinator/history/latest-transition.ts";
import { NO_TRANSITION } from "../../src/coordinator/history/transition.ts";
import { createSeedEngine } from "../../src/coordinator/seed/seed-engine.ts";

const ENCODER = new TextEncoder();

const { transactionKey } = createSeedEngine(new Uint8Array(64).fill(7), new Uint8Array(32));

/** The transaction key of a seed, the same one in every process. */
export const TRANSACTION_KEY = { privateKey: transactionKey, publicKey: createPublicKey(transactionKey) };

/** A manifest with one policy, told apart by a name. */
export function manifestNamed(name: string): { readonly manifest: Uint8Array; readonly policy: Uint8Array } {
  const policy = ENCODER.encode(`package agent_policy\n# ${name}\n`);
  const policyHash = hash("sha256", policy, "hex");
  return { policy, manifest: ENCODER.encode(JSON.stringify({ Policies: { [policyHash]: { SANs: [name] } } })) };
}

/** Stores a manifest and makes it the newest one after `expected`, as SetManifest does. */
export async function setManifest(
  history: History,
  expected: LatestTransition | undefined,
  name: string,
): Promise<LatestTransition> {
  const { manifest, policy } = manifestNamed(name);
  await history.putPolicy(policy);
  const manifestHash = Uint8Array.fromHex(await history.putManifest(manifest));
  const previousHash = expected?.transitionHash ?? NO_TRANSITION;
  const transition = await history.putTransition({ manifestHash, previousHash });
  return await history.advance(expected, Uint8Array.fromHex(transition), TRANSACTION_KEY.privateKey);
}

/** The whole history, with its signature, hashes and policies checked, oldest manifest first. */
async function verifiedChain(history: History): Promise<readonly ChainLink[]> {
  const latest = await history.latest();
  if (latest === undefined) return [];
  const transition = await history.transition(latest.transitionHash.toHex());
  const chain = await history.chain(verifyLatest(latest, transition, TRANSACTION_KEY.publicKey));
  for (const { manifest } of chain) {
    const { Policies } = JSON.parse(new TextDecoder().decode(manifest)) as { Policies: Record<string, unknown> };
    for (const policyHash of Object.keys(Policies)) await history.policy(policyHash);
  }
  return chain;
}

/** Names of the manifests of a history, oldest first, after everything in it was checked. */
export async function manifestNames(history: History): Promise<readonly string[]> {
  const chain = await verifiedChain(history);
  return chain.map(({ manifest }) => {
    const { Policies } = JSON.parse(new TextDecoder().decode(manifest)) as {
      Policies: Record<string, { SANs: string[] }>;
    };
    return Object.values(Policies)[0]?.SANs[0] ?? "";
  });
}
