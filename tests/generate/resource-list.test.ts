import { describe, expect, test } from "bun:test";
import { parse } from "yaml";
import { generate } from "../../src/generate/generate.ts";
import { withResults } from "../../src/generate/resource-list.ts";
import type { Problem } from "../../src/lib/problems.ts";
import { IMAGE, POD, scene, type Scene } from "../fakes/generate-scene.ts";

const indented = (yaml: string): string => yaml.replaceAll(/^(?=.)/gm, "    ").replace("    ", "  - ");
const NOTES = `internal.config.kubernetes.io/index: '7'
    config.kubernetes.io/path: a/b.yaml
    kustomize.config.k8s.io/id: |
      kind: Pod
    mine: kept`;
const ITEM = POD.replace("# kept\n", "").replace("metadata:\n", `metadata:\n  annotations:\n    ${NOTES}\n`);

const list = (...items: readonly string[]): string =>
  `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n${items.map(indented).join("")}functionConfig: {kind: Generate} # kept\n`;

async function generated(made: Scene, text: string): Promise<{ yaml: string; hash: string | undefined }> {
  const services = { ...made.services, readInput: async () => new TextEncoder().encode(text) };
  const { standardOutput, workloads } = await generate({ ...made.options, paths: ["-"] }, services);
  return { yaml: [...(standardOutput ?? [])].join(""), hash: workloads[0]?.policyHash };
}

const CONFIG = (name: string, before: string): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: shop
  annotations: {internal.config.kubernetes.io/previousNames: '${before}'}
data: {GREETING: hello}
`;
const USING = ITEM.replace(`image: ${IMAGE}\n`, `image: ${IMAGE}\n      envFrom: [{configMapRef: {name: config}}]\n`);

describe("a ResourceList", () => {
  test("is patched in place, and its items keep what functions have noted on them", async () => {
    const { yaml } = await generated(scene(POD), list(CONFIG("first", ""), ITEM));
    const answer = parse(yaml) as { kind: string; items: { kind: string; metadata: { annotations: object } }[] };
    expect([answer.kind, ...answer.items.map(({ kind }) => kind)]).toEqual(["ResourceList", "ConfigMap", "Pod"]);
    expect(Object.keys(answer.items[1]!.metadata.annotations)).toEqual([
      "internal.config.kubernetes.io/index",
      "config.kubernetes.io/path",
      "kustomize.config.k8s.io/id",
      "mine",
      "io.katacontainers.config.agent.policy",
    ]);
    expect(yaml).toContain("functionConfig: {kind: Generate} # kept\n");
  });

  test("gives a Pod the policy that it has outside of lists, at any place", async () => {
    const made = scene(POD);
    const plain = POD.replace("metadata:\n", "metadata:\n  annotations: {mine: kept}\n");
    const { hash } = await generated(made, plain);
    expect((await generated(made, list(ITEM))).hash).toBe(hash);
    expect((await generated(made, list(ITEM.replace("'7'", "'8'")))).hash).toBe(hash);
    expect(
      (await generated(made, plain.replace("mine: kept", "postrenderer.helm.sh/postrender-filename: x, mine: kept")))
        .hash,
    ).toBe(hash);
    // Outside of lists these are annotations like others.
    expect((await generated(made, ITEM)).hash).not.toBe(hash);
  });

  test("finds ConfigMaps by the names that references still have", async () => {
    const { yaml } = await generated(scene(POD), list(USING, CONFIG("prod-config", "config,config")));
    const [pod] = (parse(yaml) as { items: { metadata: { annotations: Record<string, string> } }[] }).items;
    const policy = pod!.metadata.annotations["io.katacontainers.config.agent.policy"]!;
    expect(Buffer.from(policy, "base64").toString()).toContain('"GREETING=hello"');
  });

  test("does not guess which of two ConfigMaps a former name means", async () => {
    const two = list(USING, CONFIG("a-config", "config"), CONFIG("b-config", "config"));
    const error = await generated(scene(POD), two).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "policy/reference-unresolved" });
  });

  test("carries warnings in its results", async () => {
    const text = list(ITEM.replace("  containers:", "  hostNetwrok: true\n  containers:"));
    const { results } = parse((await generated(scene(POD), text)).yaml) as { results: { tags: { code: string } }[] };
    expect(results.find(({ tags }) => tags.code === "generate/field-unknown") as object).toEqual({
      message: expect.stringContaining("Did you mean hostNetwork?"),
      severity: "warning",
      tags: { code: "generate/field-unknown" },
      resourceRef: { apiVersion: "v1", kind: "Pod", name: "web", namespace: "shop" },
      field: { path: "spec.hostNetwrok" },
    });
  });
});

describe("withResults()", () => {
  const problem: Problem = { code: "oci/image-not-found", message: "no such image" };
  test("replaces results of an earlier function", () => {
    const before = `${list(ITEM)}results:\n- {message: old}\n`;
    const { results } = parse(withResults(before, [problem], "error")) as { results: object[] };
    expect(results).toEqual([{ message: "no such image", severity: "error", tags: { code: "oci/image-not-found" } }]);
  });

  test.each([POD, "", "{", `${list(ITEM)}---\n${POD}`, "kind: ResourceList\napiVersion: v1\n"])(
    "leaves any other text alone: %#",
    (text) => {
      expect(withResults(text, [problem], "error")).toBe(text);
    },
  );
});
