import { describe, expect, test } from "bun:test";
import type { FoundPolicy } from "../../../src/policy/found-policy.ts";
import { bareText, describeFound, foundIn, withDataAt } from "../../fakes/found-policies.ts";
import { podYaml } from "../../fakes/policy-input.ts";

const CAPABILITIES = ["containers", 1, "OCI", "Process", "Capabilities"];

/** Each row as sets, note, and source of the origin. */
async function rowsOf(found: FoundPolicy): Promise<readonly string[]> {
  const { containers } = await describeFound(found);
  const section = containers[1]?.sections.find(({ id }) => id === "capabilities");
  return (section?.rows ?? []).map(({ subject, note, origin }) =>
    [subject, note ?? "no note", origin.source].join(": "),
  );
}

describe("capabilitySection()", () => {
  test("says whose word the capabilities are", async () => {
    const usual = await foundIn(podYaml());
    const own = await foundIn(podYaml("securityContext: {capabilities: {add: [SYS_TIME]}}"));
    const privileged = await foundIn(podYaml("securityContext: {privileged: true}"));
    const nothing = await foundIn(podYaml("securityContext: {runAsUser: 5}"));
    expect((await rowsOf(usual))[0]).toBe("Bounding, Effective, Permitted: the runtime's usual ones: runtime");
    expect((await rowsOf(nothing))[0]).toEndWith(": runtime");
    expect((await rowsOf(own))[0]).toBe("Bounding, Effective, Permitted: no note: yaml");
    expect((await rowsOf(privileged))[0]).toEndWith("every capability: privileged: yaml");
    expect((await rowsOf(bareText(usual.text)))[0]).toEndWith(": unknown");
  });
  test("has a row for each set that differs", async () => {
    const found = withDataAt(await foundIn(podYaml()), [...CAPABILITIES, "Ambient"], ["CAP_CHOWN"]);
    expect((await rowsOf(found)).map((row) => row.split(":")[0])).toEqual([
      "Bounding, Effective, Permitted",
      "Inheritable",
      "Ambient",
    ]);
  });
});
