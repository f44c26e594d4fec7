import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { generate } from "../../src/generate/generate.ts";
import { ProblemsError } from "../../src/lib/problems.ts";
import { rulesText } from "../../src/policy/rules-text.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../fakes/campaign.ts";
import { POD, scene } from "../fakes/generate-scene.ts";
import { OTHER_RULES } from "../fakes/other-rules.ts";

/** Generates with rules; what came of it. */
async function generateWith(rules: string, yaml = POD) {
  const { options, services } = scene(yaml);
  writeFileSync(options.rulesPath, rules);
  try {
    const { warnings, workloads } = await generate(options, services);
    return { options, warnings, workloads, errors: [] };
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return { options, warnings: error.warnings, workloads: [], errors: error.problems };
  }
}

describe("generate() with rules of others", () => {
  // Some hundred requests against text take seconds; that both engines decide alike is shown in tests/interop.
  test.if(IS_CAMPAIGN)(
    "has nothing to add where they decide like those of this version",
    async () => {
      const { warnings } = await generateWith(`${rulesText()}# mine\n`);
      const codes = warnings.map(({ code }) => code);
      expect(codes).toContain("generate/rules-differ");
      expect(codes.filter((code) => code.startsWith("policy/rules-"))).toEqual([]);
    },
    CAMPAIGN_TIMEOUT_MS,
  );

  test.each(["v0", "v1"] as const)("tells where they refuse and where they allow more, in Rego %s", async (version) => {
    const { options, warnings } = await generateWith(OTHER_RULES[version]);
    const told = warnings.filter(({ code }) => code.startsWith("policy/rules-"));
    expect(told.map(({ code, object }) => [code, object])).toEqual([
      ["policy/rules-refuse", "Pod web"],
      ["policy/rules-allow", "Pod web"],
    ]);
    expect(readFileSync(options.manifestPath, "utf8")).toContain("Policies");
  });

  test("tries forged requests once, genuine ones for every workload", async () => {
    const second = POD.replace("name: web\n", "name: other\n");
    const { warnings } = await generateWith(OTHER_RULES.v0, `${POD}---\n${second}`);
    const about = (code: string) => warnings.filter((each) => each.code === code).map(({ object }) => object);
    expect(about("policy/rules-refuse")).toEqual(["Pod web", "Pod other"]);
    expect(about("policy/rules-allow")).toEqual(["Pod web"]);
  });

  test("names file, line and column of what is no Rego, and writes nothing", async () => {
    const { options, errors } = await generateWith("package agent_policy\n\nCreateContainerRequest := ]\n");
    expect(errors).toMatchObject([{ code: "rego/syntax-invalid", file: options.rulesPath, line: 3, column: 27 }]);
    expect(existsSync(options.manifestPath)).toBe(false);
  });

  test.each([
    ["say nothing about containers", "package agent_policy\n"],
    ["are of another package", "package other\nCreateContainerRequest := true\n"],
    ["use a word that guests take for a name", "package agent_policy\nCreateContainerRequest if { 1 == 2 }\n"],
  ])("refuses rules that %s", async (_, rules) => {
    const { errors } = await generateWith(rules);
    expect(errors.map(({ code }) => code)).toEqual(["generate/rules-unusable"]);
  });

  test("warns of rules that allow what they refuse", async () => {
    const { warnings } = await generateWith("package agent_policy\nAllowRequestsFailingPolicy := true\n");
    expect(warnings.map(({ code }) => code)).toContain("generate/rules-lenient");
  });

  test("gives up trying rules that do not end, and goes on", async () => {
    const endless =
      "package agent_policy\nf(x) { f(x + 1) }\nCreateContainerRequest { f(1) }\nCreateSandboxRequest { f(1) }\n";
    const { warnings, workloads } = await generateWith(endless);
    expect(warnings.map(({ code }) => code)).toContain("policy/rules-untried");
    expect(workloads).toHaveLength(1);
  });
});
