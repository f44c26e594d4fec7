import { describe, expect, test } from "bun:test";
import { warnAboutRequest } from "../../src/generate/warn-about-request.ts";
import { Problems } from "../../src/lib/problems.ts";

describe("warnAboutRequest()", () => {
  test("warns of what not every Coordinator takes", () => {
    const problems = new Problems();
    warnAboutRequest({ bytes: 4_194_304, policies: 60 }, "manifest.json", problems);
    expect(problems.warnings).toEqual([]);
    warnAboutRequest({ bytes: 4_194_305, policies: 70 }, "manifest.json", problems);
    expect(problems.warnings).toMatchObject([{ code: "generate/request-large", file: "manifest.json" }]);
    expect(problems.errors).toEqual([]);
  });
});
