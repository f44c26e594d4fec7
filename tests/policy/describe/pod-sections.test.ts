import { describe, expect, test } from "bun:test";
import type { FoundPolicy } from "../../../src/policy/found-policy.ts";
import { bareText, describeFound, foundIn, withDataAt } from "../../fakes/found-policies.ts";
import { podYaml } from "../../fakes/policy-input.ts";

/** Which rows of the pod every pod has, by subject. */
async function routineOf(found: FoundPolicy): Promise<readonly string[]> {
  const { pod } = await describeFound(found);
  const rows = pod.flatMap((section) => section.rows.map((row) => ({ ...row, id: section.id })));
  return [...new Set(rows.filter(({ routine }) => routine === true).map(({ id, subject }) => `${id} ${subject}`))];
}

describe("podSections()", () => {
  test("calls routine what the settings have as shipped", async () => {
    const found = await foundIn(podYaml());
    const shipped = await routineOf(found);
    expect(shipped).toContain("requests CopyFileRequest");
    expect(shipped).toContain("requests Variables");
    expect(shipped.some((row) => row.startsWith("sandbox "))).toBe(true);
    const copies = await routineOf(withDataAt(found, ["request_defaults", "CopyFileRequest"], ["^/x"]));
    expect(copies).not.toContain("requests CopyFileRequest");
    expect(copies).toContain("requests Variables");
  });
  test("calls nothing routine of data that are no settings", async () => {
    const data = { containers: [], request_defaults: { CopyFileRequest: ["^/x"] } };
    expect(await routineOf(bareText(`package agent_policy\n\npolicy_data := ${JSON.stringify(data)}`))).toEqual([]);
  });
  test("says that a pod without name or namespace may have any", async () => {
    const { pod } = await describeFound(bareText(`package agent_policy\n\npolicy_data := {"containers": []}`));
    const rows = pod.find(({ id }) => id === "identity")?.rows.map(({ subject, room }) => [subject, room]);
    expect(rows).toEqual([
      ["Name", "any"],
      ["Namespace", "any"],
    ]);
  });
});
