import { describe, expect, test } from "bun:test";
import { StreamEdit } from "../../../src/kubernetes/edit/stream-edit.ts";
import { type KubernetesObject, objectsOf } from "../../../src/kubernetes/object.ts";
import { type ValueMap, withValueAt } from "../../../src/kubernetes/value.ts";
import { YamlStream } from "../../../src/kubernetes/yaml-stream.ts";

interface Edited {
  readonly changed: boolean;
  readonly chunks: readonly string[];
}

function parse(text: string): { stream: YamlStream; objects: readonly KubernetesObject[] } {
  const stream = new YamlStream(text, "in.yaml", () => {});
  return { stream, objects: objectsOf(stream, () => {}) };
}

async function edit(text: string, desired: (object: KubernetesObject) => ValueMap): Promise<Edited> {
  const { stream, objects } = parse(text);
  const stepwise = new StreamEdit(stream, objects, async (object) => desired(object));
  const chunks: string[] = [];
  for await (const chunk of stepwise.chunks()) chunks.push(chunk);
  return { changed: stepwise.changed, chunks };
}

function named(object: KubernetesObject, name: string): ValueMap {
  return withValueAt(object.value, ["metadata", "name"], name) as ValueMap;
}

const LIST =
  "# head\n---\napiVersion: v1\nkind: List\nitems: # all\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a} # a\n- apiVersion: v1\n  kind: List\n  items: [{apiVersion: v1, kind: Pod, metadata: {name: b}}]\n- {apiVersion: v1, kind: Pod, metadata: {name: c}}\n---\n# nothing\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: d}\n...\n# tail\n";

describe("StreamEdit", () => {
  test("changes objects in documents and Lists and leaves the rest of the stream", async () => {
    const { changed, chunks } = await edit(LIST, (object) => named(object, `${object.name}2`));
    expect(changed).toBe(true);
    expect(chunks.join("")).toBe(LIST.replaceAll(/name: ([abcd])/g, "name: $12"));
  });

  test("changes nothing when the values are the same", async () => {
    const equal = await edit(LIST, (object) => named(object, object.name ?? ""));
    expect(equal).toEqual({ changed: false, chunks: [LIST] });
    const identical = await edit(LIST, (object) => object.value);
    expect(identical).toEqual({ changed: false, chunks: [LIST] });
  });

  test("asks for objects in their order and hands out large results in parts", async () => {
    const text = Array.from(
      { length: 40 },
      (_, index) => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: p${index}\n`,
    ).join("---\n");
    const policy = "QUJD".repeat(20_000);
    const asked: (string | undefined)[] = [];
    const { chunks } = await edit(text, (object) => {
      asked.push(object.name);
      return withValueAt(object.value, ["metadata", "annotations", "k"], policy) as ValueMap;
    });
    expect(asked).toEqual(Array.from({ length: 40 }, (_, index) => `p${index}`));
    expect(chunks.length).toBeGreaterThan(2);
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThan(1_300_000);
    expect(parse(chunks.join("")).objects).toHaveLength(40);
  });
});
