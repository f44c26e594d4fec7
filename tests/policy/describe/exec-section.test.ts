import { describe, expect, test } from "bun:test";
import { commandText } from "../../../src/policy/describe/exec-section.ts";
import type { FoundPolicy } from "../../../src/policy/found-policy.ts";
import { describeFound, foundIn, withDataAt } from "../../fakes/found-policies.ts";
import { podYaml } from "../../fakes/policy-input.ts";

async function sectionOf(found: FoundPolicy) {
  const { containers } = await describeFound(found);
  return containers[1]?.sections.find(({ id }) => id === "exec");
}

describe("execSection()", () => {
  test("says that the host may execute nothing, unless a row says what", async () => {
    const nothing = await sectionOf(await foundIn(podYaml()));
    const probe = await sectionOf(await foundIn(podYaml("livenessProbe: {exec: {command: [cat, /x]}}")));
    expect([nothing?.rows.length, nothing?.note]).toEqual([0, expect.stringContaining("nothing")]);
    expect([probe?.rows.length, probe?.note]).toEqual([1, expect.not.stringContaining("nothing")]);
  });
  test("says that the YAML does not have a command, where it does not", async () => {
    const found = withDataAt(await foundIn(podYaml()), ["containers", 1, "exec_commands"], [["sh"]]);
    expect((await sectionOf(found))?.rows).toMatchObject([{ value: "sh", origin: { source: "unknown" } }]);
  });
  test("shows the commands and patterns that hold for any container in each", async () => {
    const exec = { allowed_commands: [["ls", "-l"]], regex: ["^ps "] };
    const path = ["request_defaults", "ExecProcessRequest"];
    const section = await sectionOf(withDataAt(await foundIn(podYaml()), path, exec));
    expect(section?.rows.map(({ subject, value, room }) => [subject, value, room])).toEqual([
      ["any container", "ls -l", "fixed"],
      ["any container", "^ps ", "pattern"],
    ]);
  });
});

describe("commandText()", () => {
  test("quotes what would not read back as one argument", () => {
    expect(commandText(["sh", "-c", "a b", "", 'say "x"'])).toBe('sh -c "a b" "" "say \\"x\\""');
  });
});
