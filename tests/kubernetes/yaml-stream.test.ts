import { describe, expect, test } from "bun:test";
import type { Value } from "../../src/kubernetes/value.ts";
import { YamlStream } from "../../src/kubernetes/yaml-stream.ts";
import { decodeYaml } from "../../src/kubernetes/yaml-text.ts";
import type { Problem } from "../../src/lib/problems.ts";

function read(text: string): { values: readonly Value[]; problems: readonly Problem[]; stream: YamlStream } {
  const problems: Problem[] = [];
  const stream = new YamlStream(text, "in.yaml", (problem) => problems.push(problem));
  return { values: stream.documents.map(({ value }) => value), problems, stream };
}

/** `code line:column path` of every problem. */
function faults(text: string): string[] {
  return read(text).problems.map(({ code, line, column, path }) => `${code} ${line}:${column} ${path ?? ""}`.trimEnd());
}

function valuesOf(text: string): readonly Value[] {
  const { values, problems } = read(text);
  expect(problems).toEqual([]);
  return values;
}

describe("YamlStream()", () => {
  test("reads every document and skips empty ones", () => {
    expect(valuesOf("# head\n---\na: 1\n---\n# nothing\n---\n---\nb: 2\n...\n# tail\n")).toEqual([{ a: 1 }, { b: 2 }]);
    expect(valuesOf("")).toEqual([]);
    expect(valuesOf("null\n")).toEqual([null]);
  });

  test("reads a byte-order mark, CRLF line ends and directives", () => {
    expect(valuesOf("\uFEFFa: |\r\n  x\r\n  y\r\nb: z\r\n---\r\nc: 1\r\n")).toEqual([
      { a: "x\ny\n", b: "z" },
      { c: 1 },
    ]);
    expect(valuesOf("%YAML 1.1\n---\na: yes\n...\n%TAG ! tag:x,1:\n---\nb: !y 1\n")).toEqual([{ a: true }, { b: "1" }]);
  });

  test("takes a marker inside a quoted scalar for a marker", () => {
    expect(faults('a: "x\n---\ny"\n')).toEqual(["kubernetes/yaml-syntax 2:1"]);
  });

  test("reads documents in braces, as JSON has them", () => {
    expect(valuesOf('{"a": [1, {"b": "c\\n"}],\n "d": null}\n')).toEqual([{ a: [1, { b: "c\n" }], d: null }]);
  });

  test("shares aliased values and merges maps as go-yaml does", () => {
    const [value] = valuesOf("a: &a {x: 1, w: 2}\nb: *a\nc: {<<: *a, x: 3}\nd:\n  x: 4\n  <<: [*a, {x: 5, z: 6}]\n");
    expect(value).toEqual({ a: { x: 1, w: 2 }, b: { x: 1, w: 2 }, c: { x: 3, w: 2 }, d: { x: 1, w: 2, z: 6 } });
  });

  test("keeps keys that JavaScript treats as something else", () => {
    const [value] = valuesOf("__proto__: {a: 1}\nconstructor: x\ntoString: y\n");
    expect(Object.keys(value as object)).toEqual(["__proto__", "constructor", "toString"]);
    expect(({} as { a?: number }).a).toBeUndefined();
  });

  test("reads tags and non-string keys as Kubernetes does", () => {
    expect(valuesOf("1: !!str 2\ntrue: !!int '012'\n1.5: !foo 3\n0x10: !!binary aGk=\n1e20: !!float 7\n")).toEqual([
      { "1": "2", true: 10, "1.5": "3", "16": "hi", "1e+20": 7 },
    ]);
  });

  test.each<[string, string, string]>([
    ["a: 1\n\tb: 2\n", "kubernetes/yaml-syntax", "2:1"],
    ["a: [1, 2\nb: 3\n", "kubernetes/yaml-syntax", "2:1"],
    ["a: b: c\n", "kubernetes/yaml-syntax", "1:4"],
    ["a: 'x\n", "kubernetes/yaml-syntax", "2:1"],
    ["a: 1\n  b: 2\n", "kubernetes/yaml-syntax", "1:4"],
    ["%YAML 2.0\n---\na: 1\n", "kubernetes/yaml-syntax", "1:7"],
    ['a: "x\\\n\n  y"\n', "kubernetes/yaml-syntax", "1:4"],
    [`${"k".repeat(1_048_576)}: 1\n`, "kubernetes/yaml-syntax", "1:1"],
    [`'${"k".repeat(1_048_576)}': 1\n`, "kubernetes/yaml-syntax", "1:1"],
    ["a: {x:}\n", "kubernetes/yaml-syntax", "1:6"],
    ["a: {?x: 1}\n", "kubernetes/yaml-syntax", "1:5"],
    ["a: [?x]\n", "kubernetes/yaml-syntax", "1:5"],
    ["a: &x.y 1\n", "kubernetes/yaml-syntax", "1:4"],
    ["a: &x 1\nb: *x?\n", "kubernetes/yaml-syntax", "2:4"],
    ["a: !'x' 1\n", "kubernetes/yaml-syntax", "1:4"],
    ["a: 1\nb:\n  c: *x\n", "kubernetes/yaml-alias", "3:6 b.c"],
    ["a: &a\n  - *a\n", "kubernetes/yaml-alias", "2:5 a[0]"],
    ["a: 1\nb: {c: 2, c: 3}\n", "kubernetes/yaml-duplicate-key", "2:11 b.c"],
    ["1: a\n'1': b\n", "kubernetes/yaml-duplicate-key", '2:1 ["1"]'],
    ["a: !!int x\n", "kubernetes/yaml-value", "1:10 a"],
    ["a: !!binary '*'\n", "kubernetes/yaml-value", "1:13 a"],
    ["a: .inf\n", "kubernetes/yaml-value", "1:4 a"],
    ['a: "\\ud83d"\n', "kubernetes/yaml-value", "1:4 a"],
    ["? [a]\n: 1\n", "kubernetes/yaml-value", "1:3"],
    ["~: 1\n", "kubernetes/yaml-value", "1:1"],
    ["18446744073709551615: 1\n", "kubernetes/yaml-value", "1:1"],
    ["<<: 1\n", "kubernetes/yaml-value", "1:1"],
    ["a: x\0y\n", "kubernetes/yaml-character", "1:5"],
    ["a: 1\n# ü\u2028\n", "kubernetes/yaml-character", "2:4"],
    ["a: 1\rb: 2\n", "kubernetes/yaml-character", "1:5"],
    ["a: 1\n\uFEFFb: 2\n", "kubernetes/yaml-character", "2:1"],
  ])("refuses %j with code, place and path", (text, code, place) => {
    expect(faults(text)).toContain(`${code} ${place}`);
  });

  test.each<[string, string]>([
    ["flow lists", "[".repeat(100_000)],
    ["flow maps", "{a: ".repeat(20_000)],
    ["block lists", "- ".repeat(20_000)],
    ["block maps", Array.from({ length: 2_000 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join("")],
  ])("refuses deep nesting of %s", (_, text) => {
    expect(read(text).problems[0]?.code).toBe("kubernetes/yaml-too-complex");
  });

  test("refuses aliases that expand to too much", () => {
    const lines = Array.from(
      "bcdefghij",
      (name, index) => `${name}: &${name} [${`*${"abcdefghi"[index]}, `.repeat(10)}]`,
    );
    expect(faults(`a: &a [x]\n${lines.join("\n")}\n`)).toHaveLength(1);
    expect(faults(`a: &a ${"x".repeat(100_000)}\nb: [${"*a, ".repeat(1_000)}]\n`)[0]).toStartWith(
      "kubernetes/yaml-too-complex 2:",
    );
    const map = Array.from({ length: 1_000 }, (_, index) => `k${index}: v`).join(", ");
    const merges = Array.from({ length: 2_000 }, (_, index) => `m${index}: {<<: *a}\n`).join("");
    expect(faults(`a: &a {${map}}\n${merges}`)[0]).toStartWith("kubernetes/yaml-too-complex ");
  });

  test("refuses more documents, more values and longer unusual documents than the limits", () => {
    expect(faults("---\n".repeat(100_002))).toEqual(["kubernetes/yaml-too-complex 100001:1"]);
    expect(faults(`a: &x ${"y".repeat(1_600_000)}\n`)).toEqual(["kubernetes/yaml-too-complex 1:1"]);
    expect(faults(`a: &x [${"y,".repeat(200_000)}]\n`)).toEqual(["kubernetes/yaml-too-complex 1:1"]);
    expect(faults(`${"- a\n".repeat(700_000)}---\n`.repeat(3))).toEqual(["kubernetes/yaml-too-complex 1400002:1"]);
  });

  test("reports the faults of every document, but not without end", () => {
    expect(faults("a: *x\n---\nok: 1\n---\nb: 1\nb: 2\nc: *y\n")).toEqual([
      "kubernetes/yaml-alias 1:4 a",
      "kubernetes/yaml-duplicate-key 6:1 b",
      "kubernetes/yaml-alias 7:4 c",
    ]);
    expect(faults("a: *x\n---\n".repeat(1_000))).toHaveLength(200);
  });

  test("reads or refuses a document truncated at every byte", () => {
    const text =
      "a: &x\n  - {b: \"c\\n\", d: 'e'}\n  - |-\n    f\n\nb: *x\n<<: {k: !!str 1}\n# é\n---\n? z\n: >\n  y\n";
    const bytes = new TextEncoder().encode(text);
    for (let length = 0; length < bytes.length; length++) {
      const problems: Problem[] = [];
      const decoded = decodeYaml(bytes.subarray(0, length), "in.yaml", (problem) => problems.push(problem));
      if (decoded !== undefined) read(decoded);
      else expect(problems).toHaveLength(1);
    }
  });
});

describe("locate()", () => {
  const { stream } = read("# c\na:\n  b:\n    - name: x\n      é: {k: &v 1}\nd: *v\ne:\nf: {<<: {g: 2}}\n");
  const [document] = stream.documents;
  const at = (...path: (string | number)[]): string => {
    const { line, column, path: text } = document!.locate(path);
    return `${line}:${column} ${text}`;
  };

  test("finds values, items, aliased and merged values", () => {
    expect(at("a", "b", 0, "name")).toBe("4:13 a.b[0].name");
    expect(at("a", "b", 0, "é", "k")).toBe('5:17 a.b[0]["é"].k');
    expect(at("d")).toBe("6:4 d");
    expect(at("f", "g")).toBe("8:13 f.g");
  });

  test("finds the key of a value that is not written and the parent of one that does not exist", () => {
    expect(at("e")).toBe("7:1 e");
    expect(at("a", "b", 7, "name")).toBe("4:5 a.b[7].name");
    expect(at("a", "x", "y")).toBe("3:3 a.x.y");
  });
});

describe("decodeYaml()", () => {
  test("reports the place of the first byte that is not UTF-8", () => {
    const problems: Problem[] = [];
    const bytes = Uint8Array.from([...Buffer.from("a: \uFFFD\nbü: "), 0xff, 0x0a]);
    expect(decodeYaml(bytes, "in.yaml", (problem) => problems.push(problem))).toBeUndefined();
    expect(problems).toMatchObject([{ code: "kubernetes/yaml-encoding", file: "in.yaml", line: 2, column: 5 }]);
  });

  test("keeps a byte-order mark", () => {
    expect(decodeYaml(Buffer.from("\uFEFFa"), "in.yaml", () => {})).toBe("\uFEFFa");
  });
});
