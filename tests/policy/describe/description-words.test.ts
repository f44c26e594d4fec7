import { describe, expect, test } from "bun:test";
import { trustText } from "../../../src/policy/describe/description-words.ts";
import { bareText, describeFound } from "../../fakes/found-policies.ts";

const entry = (file: string) => ({ file, sans: ["web"], workloadSecretId: "", role: "" });

describe("trustText()", () => {
  test.each<[string, readonly string[], readonly string[], string]>([
    ["no manifest", [], [], "none was found, so nothing says whether the policy is trusted; name it with --manifest"],
    ["none that trusts it", ["manifest.json"], [], "not trusted by manifest.json"],
    ["one that trusts it", ["manifest.json"], ["manifest.json"], "trusted by manifest.json: names web; no secret"],
    [
      "a history whose last manifest has dropped it",
      ["manifest.0.json", "manifest.1.json"],
      ["manifest.0.json"],
      "trusted by manifest.0.json: names web; no secret; not trusted by manifest.1.json",
    ],
  ])("tells %s", async (_what, manifests, trusting, text) => {
    const found = bareText("package agent_policy\n", { manifests, manifestEntries: trusting.map(entry) });
    expect(trustText(await describeFound(found))).toBe(text);
  });
});
