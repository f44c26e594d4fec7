import { describe, expect, test } from "bun:test";
import { policyChanges } from "../../src/generate/policy-changes.ts";

const RULES = "package agent_policy\ndefault CreateContainerRequest := true\n";

/** A pod with a policy, or without one. */
function pod(name: string, policy: string | undefined, namespace = "shop"): string {
  const annotation = policy === undefined ? "{}" : `{io.katacontainers.config.agent.policy: ${btoa(policy)}}`;
  const metadata = `{name: ${name}, namespace: ${namespace}, annotations: ${annotation}}`;
  return `apiVersion: v1\nkind: Pod\nmetadata: ${metadata}\nspec: {runtimeClassName: contrast-cc}\n`;
}

async function changesOf(before: readonly string[] | undefined, after: readonly string[]): Promise<readonly string[]> {
  const changes = await policyChanges({
    path: "a.yaml",
    before: before?.join("---\n"),
    after: after.join("---\n"),
  });
  return changes.map(({ label, namespace, status }) => `${label} ${namespace} ${status}`);
}

describe("policyChanges()", () => {
  const a = pod("a", RULES);
  const b = pod("b", RULES);

  test("finds nothing in equal documents, and nothing where only other text differs", async () => {
    expect(await changesOf([a, b], [a, b])).toEqual([]);
    expect(await changesOf([a, b], [`# more\n${a}`, b.replace("spec:", "spec: # same\n ")])).toEqual([]);
  });

  test("tells each workload whose policy is another one, by kind, name and namespace", async () => {
    const other = `${RULES}# other\n`;
    const elsewhere = pod("a", other, "elsewhere");
    expect(await changesOf([a, b, elsewhere], [pod("a", other), b, elsewhere])).toEqual(["Pod a shop changed"]);
  });

  test("finds workloads again that moved, and those that came or went", async () => {
    const c = pod("c", RULES);
    expect(await changesOf([a, b, c], [c, a, b])).toEqual([]);
    expect(await changesOf([a, b], [c, a, b])).toEqual(["Pod c shop added"]);
    expect(await changesOf([c, a, b], [a, b])).toEqual(["Pod c shop removed"]);
    expect(await changesOf(undefined, [a])).toEqual(["Pod a shop added"]);
    expect(await changesOf([pod("a", undefined)], [a])).toEqual(["Pod a shop added"]);
  });

  test("compares several workloads of one name in their order", async () => {
    const other = pod("a", `${RULES}# other\n`);
    expect(await changesOf([a, a], [a, a])).toEqual([]);
    expect(await changesOf([a, a], [a, other])).toEqual(["Pod a shop changed"]);
  });
});
