import { beforeAll, describe, expect, test } from "bun:test";
import { completeRequest } from "../../../src/policy/complete-request.ts";
import { ExplainingSession } from "../../../src/policy/explain/explaining-session.ts";
import { parseDenial } from "../../../src/policy/explain/parse-denial.ts";
import { type OpenedPolicy, openPolicy } from "../../../src/policy/open-policy.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../../fakes/campaign.ts";
import { seededRandom } from "../../fakes/mutations.ts";
import { FEATURES } from "../../fakes/pod-features.ts";
import { creationOf, explain, type ExplainedPolicy, explainedPolicy } from "./explained-policy.ts";
import { mutateRequest } from "./mutate-request.ts";
import { jsonAt } from "../../../src/policy/explain/known-part.ts";
import { FEATURE_CHECKS } from "../../../src/policy/explain/request-guides.ts";
import type { Json } from "../../../src/lib/json.ts";

const REQUESTS = IS_CAMPAIGN ? 2000 : 6;

const hasParts = (request: Json): boolean =>
  ["Process", "Linux"].every(
    (part) => typeof jsonAt(request, ["OCI", part]) === "object" && jsonAt(request, ["OCI", part]) !== null,
  );

describe("what the engine of guests prints", () => {
  let policy: ExplainedPolicy;
  let guest: OpenedPolicy;
  beforeAll(async () => {
    policy = await explainedPolicy(FEATURES["volumes"]!);
    guest = await openPolicy(policy.text, { engine: "guest" });
  }, CAMPAIGN_TIMEOUT_MS);

  test(
    "names the checks that the explanation names for that container",
    async () => {
      const random = seededRandom(20_261_125);
      const kind = "CreateContainerRequest";
      const genuine = creationOf(policy, "main");
      let compared = 0;
      for (let number = 0; number < REQUESTS; number++) {
        const request = completeRequest(kind, mutateRequest(genuine, random));
        const { allowed, prints = [] } = guest.session.evaluate(kind, request);
        const { verdict, containers, faults } = await explain(policy, { kind, request });
        expect(allowed).toBe(verdict === "allowed");
        // Where these are missing altogether, one engine counts checks that the other leaves to the container's.
        if (allowed || !hasParts(request)) continue;
        const blocked = `${kind} is blocked by policy: ${prints.join(" ")}`;
        const [line] = parseDenial(`"shim task: ${JSON.stringify(blocked).slice(1, -1)}"`).refusals;
        const container = containers.find(({ name }) => name === line?.container);
        const shared = faults.map(({ check }) => check);
        const wanted = new Set([
          ...(container?.failed ?? []),
          ...shared.filter((check) => FEATURE_CHECKS.includes(check)),
        ]);
        expect([number, [...new Set(line?.checks)].toSorted()]).toEqual([number, [...wanted].toSorted()]);
        compared++;
      }
      expect(compared).toBeGreaterThan(REQUESTS / 2);
    },
    CAMPAIGN_TIMEOUT_MS,
  );

  test("is enough to tell the checks and what the policy has", async () => {
    const request = completeRequest("CreateContainerRequest", creationOf(policy, "main"));
    const hooked = { ...(request as object), sandbox_pidns: true };
    const { prints = [] } = guest.session.evaluate(
      "CreateContainerRequest",
      completeRequest("CreateContainerRequest", hooked),
    );
    const { refusals } = parseDenial(prints.join(" "));
    expect(refusals).toEqual([{ container: "main", checks: ["pidns"], isCut: false }]);
    const session = await ExplainingSession.open(policy.text);
    expect(session.isOurs).toBe(true);
  });
});
