import { beforeAll, describe, expect, test } from "bun:test";
import type { Json } from "../../../src/lib/json.ts";
import { completeRequest } from "../../../src/policy/complete-request.ts";
import { ExplainingSession } from "../../../src/policy/explain/explaining-session.ts";
import type { RequestFaults } from "../../../src/policy/explain/explanation-value.ts";
import { PolicyEngine } from "../../../src/rego/policy-engine.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../../fakes/campaign.ts";
import { seededRandom } from "../../fakes/mutations.ts";
import { FEATURES } from "../../fakes/pod-features.ts";
import { RULE_CASES } from "../../fakes/rule-cases.ts";
import { explain, type ExplainedPolicy, explainedPolicy } from "./explained-policy.ts";
import { mutateRequest } from "./mutate-request.ts";

const REQUESTS = IS_CAMPAIGN ? 100_000 : 1200;
const SEED = 20_261_123;

/** Kinds whose decision the explanation covers by named checks. */
const EXPLAINED = [
  "CreateContainerRequest",
  "ExecProcessRequest",
  "CreateSandboxRequest",
  "CopyFileRequest",
  "UpdateInterfaceRequest",
  "UpdateRoutesRequest",
  "AddARPNeighborsRequest",
];

/** What follows from the failing checks alone: of equal containers, the rules take the first. */
function followsAllowed(kind: string, { request, containers }: RequestFaults): boolean {
  if (request.length > 0) return false;
  if (kind === "CreateContainerRequest")
    return containers.find(({ failed }) => failed.length === 0)?.state.length === 0;
  if (kind !== "ExecProcessRequest") return true;
  return containers.some(({ failed, state }) => failed.length === 0 && state.length === 0);
}

describe("agent_policy/explanation", () => {
  let policies: readonly ExplainedPolicy[] = [];
  beforeAll(async () => {
    const yaml = Object.values(FEATURES).filter((_, index) => IS_CAMPAIGN || index % 5 === 0);
    policies = await Promise.all(
      yaml.flatMap((text) => [explainedPolicy(text), explainedPolicy(text, { profile: "upstream" })]),
    );
  }, CAMPAIGN_TIMEOUT_MS);

  test(
    `agrees with the decision about ${REQUESTS} mutated requests (seed ${SEED})`,
    async () => {
      const random = seededRandom(SEED);
      const counts = { allowed: 0, denied: 0 };
      for (let number = 0; number < REQUESTS;) {
        const policy = policies[random(policies.length)]!;
        const session = await ExplainingSession.open(policy.text);
        const kinds = policy.cases.filter(({ kind, allowed }) => allowed && EXPLAINED.includes(kind));
        for (const { kind, request } of kinds.slice(0, 200)) {
          // Some requests go through as they are, so that there is a state to contradict.
          const mutated = random(6) === 0 ? request : mutateRequest(request, random);
          const complete: Json = completeRequest(kind, mutated);
          const faults = session.faultsOf(kind, complete, [])!;
          const allowed = followsAllowed(kind, faults);
          const explanation = await explain(policy, { kind, request: mutated }, session);
          const context = `request ${number}: ${kind}`;
          expect([context, explanation.verdict]).toEqual([context, allowed ? "allowed" : "denied"]);
          expect([context, explanation.faults.length > 0]).toEqual([context, !allowed]);
          counts[allowed ? "allowed" : "denied"]++;
          number++;
        }
      }
      expect(Math.min(counts.allowed, counts.denied)).toBeGreaterThan(REQUESTS / 20);
    },
    CAMPAIGN_TIMEOUT_MS,
  );

  test(
    "agrees with the decision about every case of the rules",
    async () => {
      const engine = await PolicyEngine.load();
      for (const { title, policy, first, last, allowed } of RULE_CASES) {
        if (!EXPLAINED.includes(last.kind)) continue;
        const session = engine.open(JSON.stringify(policy));
        for (const { kind, request } of first) session.decide(kind, request);
        const input = { ...last.request, explained: { kind: last.kind, containers: [0] } };
        const faults = session.query("explanation", input) as RequestFaults;
        expect([title, followsAllowed(last.kind, faults)]).toEqual([title, allowed]);
      }
    },
    CAMPAIGN_TIMEOUT_MS,
  );
});
