import { describe, expect, test } from "bun:test";
import { ContrastError } from "../../../src/lib/errors.ts";
import { explainDenial } from "../../../src/policy/explain/explain-denial.ts";
import { ExplainingSession } from "../../../src/policy/explain/explaining-session.ts";
import { parseDenial } from "../../../src/policy/explain/parse-denial.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { otherPolicy } from "../../fakes/other-rules.ts";
import { podYaml } from "../../fakes/policy-input.ts";
import { creationOf, explainedPolicy } from "./explained-policy.ts";

/** Which checks are told to fail for a request that was cut behind its container's name. */
async function checksOfCut(line: string): Promise<readonly string[]> {
  const policy = await explainedPolicy(podYaml());
  const whole = JSON.stringify({ kind: "CreateContainerRequest", request: creationOf(policy, "main") });
  const cut = whole.slice(0, whole.indexOf('"Mounts"'));
  const options = { kind: undefined, container: undefined, object: undefined };
  const session = await ExplainingSession.open(policy.text);
  const signal = new AbortController().signal;
  const [explanation] = await explainDenial(parseDenial(`${line}\n${cut}`), session, options, signal);
  return explanation?.faults.map(({ check }) => check) ?? [];
}

describe("explainDenial()", () => {
  test("adds to a cut request the checks that the guest has named, for its container or for none", async () => {
    expect(await checksOfCut('container "main" refuses: mounts')).toContain("mounts");
    expect(await checksOfCut("command refuses: mounts")).toContain("mounts");
    expect(await checksOfCut('container "other" refuses: mounts')).not.toContain("mounts");
  });

  test("does not decide a cut request about no container, unless what is known is refused", async () => {
    const { text } = await explainedPolicy(podYaml());
    const session = await ExplainingSession.open(text);
    const verdictOf = async (members: string) => {
      const denial = parseDenial(`{"kind":"CreateSandboxRequest","request":{${members},"kernel_modules":[`);
      const options = { kind: undefined, container: undefined, object: undefined };
      const [explanation] = await explainDenial(denial, session, options, new AbortController().signal);
      return explanation?.verdict;
    };
    expect(await verdictOf('"sandbox_pidns":false')).toBe("unknown");
    expect(await verdictOf('"sandbox_pidns":true')).toBe("denied");
  });
  test("ends between two requests when it is interrupted", async () => {
    const denial = parseDenial('{"kind":"StatsContainerRequest","request":{"container_id":"a"}}\n'.repeat(3));
    const session = await ExplainingSession.open(otherPolicy("v0"));
    const options = { kind: undefined, container: undefined, object: undefined };
    const controller = new AbortController();
    setImmediate(() => controller.abort(new ContrastError("lib/interrupted", "interrupted")));
    const call = explainDenial(denial, session, options, controller.signal);
    expect(await codeOfAsync(() => call)).toBe("lib/interrupted");
  });
});
