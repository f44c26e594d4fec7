import { describe, expect, test } from "bun:test";
import { ContrastError } from "../../../src/lib/errors.ts";
import { explainDenial } from "../../../src/policy/explain/explain-denial.ts";
import { ExplainingSession } from "../../../src/policy/explain/explaining-session.ts";
import { parseDenial } from "../../../src/policy/explain/parse-denial.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { otherPolicy } from "../../fakes/other-rules.ts";

describe("explainDenial()", () => {
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
