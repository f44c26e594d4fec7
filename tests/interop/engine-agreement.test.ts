import { describe, expect, test } from "bun:test";
import { renderPolicyData } from "../../src/policy/render-policy.ts";
import { selfCheckCases } from "../../src/policy/self-check/self-check-cases.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../fakes/campaign.ts";
import { generatedPods } from "../fakes/generated-pods.ts";
import { mutateRequest } from "../fakes/mutated-requests.ts";
import { seededRandom } from "../fakes/mutations.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { derive } from "../fakes/policy-input.ts";
import { decideWithContrast, decideWithModule, decideWithRegorus, type PeerSession } from "../fakes/policy-peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const SEED = 20_261_123;
const [PODS, REQUESTS] = IS_CAMPAIGN ? [240, 90] : [4, 30];

const PROFILES = ["metal", "upstream", "aks"] as const;

/** Requests of the kinds that are decided by much; of the many files that are copied only the first ones. */
const RICH = /^(?:CreateContainer|CreateSandbox|ExecProcess|UpdateInterface|UpdateRoutes)Request$/;
const MAX_COPIES = 3;

/** Genuine requests of a pod in their order, each followed by its share of mutated ones. */
async function sessionOf(yaml: string, number: number): Promise<PeerSession> {
  const random = seededRandom(SEED + number);
  const policy = await derive(yaml, { profile: PROFILES[number % PROFILES.length]! });
  const { data } = policy;
  if (data === undefined) throw new Error(`pod ${number}: ${policy.errors.join("\n")}`);
  const allowed = (await selfCheckCases({ ...policy, data })).filter((each) => each.allowed);
  const copies = allowed.filter(({ kind }) => kind === "CopyFileRequest").slice(0, MAX_COPIES);
  const genuine = allowed.filter((each) => RICH.test(each.kind) || copies.includes(each));
  const share = Math.ceil(REQUESTS / genuine.length) - 1;
  const requests = genuine.flatMap(({ kind, request }) => [
    { kind, request },
    ...Array.from({ length: share }, () => ({ kind, request: mutateRequest(request, random) })),
  ]);
  return { policyDataText: renderPolicyData(data), requests };
}

const plain = (verdict: string): string => verdict.replace(/^error:.*/s, "error");

/** What engines said about the requests of some pods. */
interface Tally {
  readonly counts: Record<string, number>;
  readonly differences: object[];
}

/**
 * Has engines decide and compares them: the compiled rules, both versions of regorus as crates, and as the module of this
 * program, whose prints must be those of the crates too.
 */
async function compare(sessions: readonly PeerSession[], { counts, differences }: Tally): Promise<void> {
  const compiled = await decideWithContrast(sessions);
  const native = decideWithRegorus(sessions, temporaryDirectory());
  const ours = await decideWithModule(sessions);
  for (const [number, { requests }] of sessions.entries()) {
    for (const [index, { kind, request }] of requests.entries()) {
      const [wasm, peer, own] = [compiled[number]![index]!, native[number]![index]!, ours[number]![index]!];
      const verdicts = [wasm, peer.guest, peer.current, own.guest, own.current].map(plain);
      counts[verdicts[0]!] = (counts[verdicts[0]!] ?? 0) + 1;
      const arePrintsAlike =
        Bun.deepEquals(peer.guestPrints, own.guestPrints) && Bun.deepEquals(peer.currentPrints, own.currentPrints);
      if (new Set(verdicts).size > 1 || !arePrintsAlike) differences.push({ kind, wasm, peer, own, request });
    }
  }
}

/** Pods that are decided together, so that a campaign shows how far it is. */
const AT_ONCE = 20;

describe("policy engines", () => {
  test.if(hasPrograms("agreement of policy engines", "cargo"))(
    `agree on at least ${PODS * REQUESTS} requests, most of them mutated, over ${PODS} generated pods (seed ${SEED})`,
    async () => {
      const tally: Tally = { counts: {}, differences: [] };
      let sessions: PeerSession[] = [];
      for (const [number, yaml] of generatedPods(PODS, SEED).entries()) {
        sessions.push(await sessionOf(yaml, number));
        if (sessions.length < AT_ONCE && number + 1 < PODS) continue;
        await compare(sessions, tally);
        sessions = [];
        const verdicts = JSON.stringify(tally.counts);
        console.log(`policy engines: ${number + 1} pods, ${verdicts}, ${tally.differences.length} differences`);
      }
      const { allow = 0, deny = 0, error = 0 } = tally.counts;
      expect(tally.differences.slice(0, 3)).toEqual([]);
      expect(allow + deny + error).toBeGreaterThanOrEqual(PODS * REQUESTS);
      // Neither all refused nor all allowed would say much.
      expect(Math.min(allow, deny)).toBeGreaterThan(PODS);
    },
    CAMPAIGN_TIMEOUT_MS,
  );
});
