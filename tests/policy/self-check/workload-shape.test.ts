import { describe, expect, test } from "bun:test";
import { viewWorkload } from "../../../src/kubernetes/pod/workload-view.ts";
import { renderPolicyData } from "../../../src/policy/render-policy.ts";
import { containerImages } from "../../../src/policy/self-check/pod-steps.ts";
import { workloadShape } from "../../../src/policy/self-check/workload-shape.ts";
import { derive, IMAGE, IMAGE_FACTS, type DeriveOptions } from "../../fakes/policy-input.ts";

async function shapeOf(yaml: string, options?: DeriveOptions): Promise<string> {
  const policy = await derive(yaml, options);
  expect(policy.errors).toEqual([]);
  const view = viewWorkload(policy.object, () => {})!;
  const data = policy.data!;
  const containers = await containerImages({ ...policy, data, view });
  return workloadShape({ ...policy, view, containers }, renderPolicyData(data));
}

const pod = (name: string, container = "", spec = ""): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${JSON.stringify(name)}, namespace: prod},
    spec: {containers: [{name: main, image: "${IMAGE}"${container}}]${spec}}}`;

describe("workloadShape()", () => {
  test("is the same for workloads that differ only in their names", async () => {
    expect(await shapeOf(pod("one", ", args: [--name=one]"))).toBe(await shapeOf(pod("two", ", args: [--name=two]")));
  });
  test("tells other texts apart", async () => {
    expect(await shapeOf(pod("one", ", args: [one]"))).not.toBe(await shapeOf(pod("two", ", args: [one]")));
    expect(await shapeOf(pod("one", ", args: [onex]"))).not.toBe(await shapeOf(pod("two", ", args: [twox]")));
  });
  test.each([
    ["1", "2"],
    ["a", "b"],
    ["Web", "web"],
    ["we.b", "wexb"],
    ["web_1", "web"],
    ["n".repeat(50), "m".repeat(50)],
  ])("does not take out names of an unusual form: %s", async (name, other) => {
    const runAsUser = `, securityContext: {runAsUser: ${/^\d$/.test(name) ? name : 7}}`;
    const otherUser = `, securityContext: {runAsUser: ${/^\d$/.test(other) ? other : 7}}`;
    expect(await shapeOf(pod(name, runAsUser))).not.toBe(await shapeOf(pod(other, otherUser)));
  });
  test("does not take letters of an escape sequence for a name", async () => {
    const [newline, tab] = [pod("nweb", String.raw`, args: ["\nweb"]`), pod("tweb", String.raw`, args: ["\tweb"]`)];
    expect(await shapeOf(newline)).not.toBe(await shapeOf(tab));
  });
  test("tells images apart that only their names distinguish", async () => {
    const yaml = (name: string) => pod(name).replace(IMAGE, name);
    const facts = (name: string, group: string) => ({ facts: { [name]: { ...IMAGE_FACTS[IMAGE], group } } });
    const settings = { profile: "upstream" } as const;
    const [one, same, other] = [
      await shapeOf(yaml("one"), { ...settings, ...facts("one", "root:x:0:\n") }),
      await shapeOf(yaml("two"), { ...settings, ...facts("two", "root:x:0:\n") }),
      await shapeOf(yaml("two"), { ...settings, ...facts("two", "root:x:0:\n# other\n") }),
    ];
    expect(same).not.toBe(other);
    expect(one).not.toBe(other);
  });
  test.each([
    ["ConfigMap", "configMap: {name: NAME}", "data: {KEY: v}"],
    ["Secret", "secret: {secretName: NAME}", "stringData: {KEY: v}"],
  ])("tells the contents of a %s apart", async (kind, source, data) => {
    const yaml = (name: string, key: string) =>
      [
        pod(
          name,
          ", volumeMounts: [{name: files, mountPath: /files}]",
          `, volumes: [{name: files, ${source.replace("NAME", name)}}]`,
        ),
        `{apiVersion: v1, kind: ${kind}, metadata: {name: ${name}, namespace: prod}, ${data.replace("KEY", key)}}`,
      ].join("\n---\n");
    expect(await shapeOf(yaml("one", "key"))).toBe(await shapeOf(yaml("two", "key")));
    expect(await shapeOf(yaml("one", "key"))).not.toBe(await shapeOf(yaml("two", "other")));
  });
});
