import { describe, expect, test } from "bun:test";
import { editDocument, planMinimalEdit } from "../../../src/kubernetes/edit/edit-document.ts";
import { equalValues, type Value } from "../../../src/kubernetes/value.ts";
import { type YamlDocument, YamlStream } from "../../../src/kubernetes/yaml-stream.ts";
import { editedText } from "../../fakes/edited-text.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { Choices, randomChange, randomMap, YamlWriter } from "../../fakes/yaml-writer.ts";

const SEED = 20_260_304;

function parse(text: string): YamlDocument {
  const stream = new YamlStream(text, "in.yaml", (problem) => {
    throw new Error(`${problem.message}\n${text}`);
  });
  return stream.documents[0]!;
}

/** Edits the text and edits the result again, which must change nothing. */
function edit(text: string, desired: Value): string {
  const document = parse(text);
  expect(planMinimalEdit(document, desired)?.pieces.join("")).toBe(editedText(document, desired));
  const edited = editedText(document, desired);
  expect(editedText(parse(edited), desired)).toBe(edited);
  return edited;
}

describe("editDocument()", () => {
  test("adds keys behind their siblings in the style of the document", () => {
    expect(
      edit("# head\na: 1 # one\nb:\n    c: x\n\n# tail\nd: 2", { a: 1, b: { c: "x", o: { m: ["k"] } }, d: 2, e: null }),
    ).toBe("# head\na: 1 # one\nb:\n    c: x\n    o:\n        m:\n          - k\n\n# tail\nd: 2\ne: null");
  });

  test("indents lists as the document does", () => {
    expect(edit("a:\n- x\n", { a: ["x"], b: ["z"] })).toBe("a:\n- x\nb:\n- z\n");
    expect(edit("a:\n    - x\n", { a: ["x"], b: [{ c: 1, d: [2] }] })).toBe(
      "a:\n    - x\nb:\n    - c: 1\n      d:\n          - 2\n",
    );
  });

  test.each<[string, string]>([
    ["annotations: null # none\nz: 1\n", "annotations: # none\n  k: v\nz: 1\n"],
    ["annotations:\nz: 1\n", "annotations:\n  k: v\nz: 1\n"],
    ["annotations: # none\nz: 1\n", "annotations: # none\n  k: v\nz: 1\n"],
    ["annotations: {} # none\nz: 1\n", "annotations: # none\n  k: v\nz: 1\n"],
    ["annotations: ~\nz: 1\n", "annotations:\n  k: v\nz: 1\n"],
    ["annotations: text\nz: 1\n", "annotations:\n  k: v\nz: 1\n"],
    ["annotations: |\n  text\n\nz: 1\n", "annotations:\n  k: v\n\nz: 1\n"],
    ["annotations:\n- a\n- b\nz: 1\n", "annotations:\n  k: v\nz: 1\n"],
    ["annotations: &x\n  a: b\nz: 1\n", "annotations:\n  k: v\nz: 1\n"],
    ["{annotations: {}, z: 1}\n", "{annotations: {k: v}, z: 1}\n"],
    ["{annotations, z: 1}\n", "{annotations: {k: v}, z: 1}\n"],
    ['{"annotations": {"a": "b"},\n "z": 1}\n', '{"annotations": {"k": "v"},\n "z": 1}\n'],
    ["annotations: [a,\n  b] # c\nz: 1\n", "annotations: # c\n  k: v\nz: 1\n"],
  ])("makes %j hold a map", (text, edited) => {
    expect(edit(text, { annotations: { k: "v" }, z: 1 })).toBe(edited);
  });

  test("fills roots and items that were empty", () => {
    expect(edit("{}\n", { a: 1, b: [2] })).toBe("a: 1\nb:\n  - 2\n");
    expect(edit("--- {} # c\n", { a: 1 })).toBe("--- \na: 1 # c\n");
    expect(edit("- # c\n- null\n- {}\n", [{ a: 1, b: 2 }, { c: 3 }, [4]])).toBe(
      "- # c\n  a: 1\n  b: 2\n- c: 3\n- - 4\n",
    );
  });

  test("empties maps and lists", () => {
    expect(edit("a: # c\n  b: 1\nd:\n- e\nf: [g, h]\n", { a: {}, d: [], f: [] })).toBe("a: {} # c\nd: []\nf: []\n");
    expect(edit("- a: 1\n  b: 2\n- - c\n", [{}, []])).toBe("- {}\n- []\n");
  });

  test("replaces scalars in their own style and keeps what stands around them", () => {
    expect(
      edit("a: 'x'  # c\nb: \"y\"\nc: z\nd: 0x10\ne: |\n  t\n", { a: "it's", b: "n", c: "no", d: 17, e: "u" }),
    ).toBe("a: 'it''s'  # c\nb: \"n\"\nc: \"no\"\nd: 17\ne: u\n");
    expect(edit("a: two\n  lines # c\nb: 1\n", { a: "one", b: 1 })).toBe("a: one # c\nb: 1\n");
  });

  test.each([
    "yes",
    "No",
    "y",
    "~",
    "null",
    "true",
    "0644",
    "0o7",
    "1_000",
    "12:30",
    "2024-01-01",
    "1.5",
    "1e3",
    ".5",
    ".inf",
    "-",
    "- a",
    "? a",
    "a: b",
    "a #b",
    " a",
    "a ",
    "",
    "a\nb",
    "\t",
    "#",
    "&a",
    "*a",
    "!a",
    "|",
    ">",
    "%a",
    "@a",
    "`a",
    "'",
    '"',
    "[a",
    "{a",
    "a:",
    "=",
    "<<",
    "\u2028",
    "\u0085",
    "\u007f",
    "\uFEFF",
    "😀",
    "NaN",
    "0x1F",
    "---",
    "...",
    "NULL",
    "Off",
    "inf",
  ])("writes the new string %j so that it stays a string", (text) => {
    const document = parse("a: 1\nf: [1]\n");
    const desired = { a: text, f: [text], [text]: text };
    expect(equalValues(parse(editedText(document, desired)).value, desired)).toBe(true);
  });

  test("leaves strings without quotes where no reader takes them for something else", () => {
    expect(edit("a: 1\n", { a: 1, b: "web", c: "ghcr.io/a/b:v1@sha256:ab", d: "50Mi", e: "--flag=x y", f: "-l" })).toBe(
      "a: 1\nb: web\nc: ghcr.io/a/b:v1@sha256:ab\nd: 50Mi\ne: --flag=x y\nf: -l\n",
    );
  });

  test("inserts, removes and replaces items by name without touching the others", () => {
    const text =
      "c:\n  # the app\n  - name: app # main\n    image: a\n  # the log\n  - image: l\n    name: log\nz: 1\n";
    const app = { name: "app", image: "a" };
    const log = { image: "l", name: "log" };
    expect(edit(text, { c: [{ name: "init" }, app, log], z: 1 })).toBe(text.replace("c:\n", "c:\n  - name: init\n"));
    expect(edit(text, { c: [app, log, { name: "mesh" }], z: 1 })).toBe(text.replace("z: 1", "  - name: mesh\nz: 1"));
    expect(edit(text, { c: [app, { name: "mid" }, log], z: 1 })).toBe(
      text.replace("  # the log", "  - name: mid\n  # the log"),
    );
    expect(edit(text, { c: [app], z: 1 })).toBe(text.replace("  - image: l\n    name: log\n", ""));
    expect(edit(text, { c: [log], z: 1 })).toBe(text.replace("  - name: app # main\n    image: a\n", ""));
    expect(edit(text, { c: [{ ...app, image: "b" }, log], z: 1 })).toBe(text.replace("image: a", "image: b"));
    expect(edit(text, { c: [log, app], z: 1 })).toContain("  - image: l\n    name: log\n  - name: app\n    image: a\n");
  });

  test("keeps the text of long lists in which every item changes", () => {
    const text = Array.from({ length: 1_000 }, (_, index) => `- a: ${index} # note\n`).join("");
    const desired = Array.from({ length: 1_000 }, (_, index) => ({ a: index, b: true }));
    expect(edit(text, desired)).toBe(text.replaceAll("# note\n", "# note\n  b: true\n"));
    expect(edit(text, [...desired, 1])).toBe(`${text.replaceAll("# note\n", "# note\n  b: true\n")}- 1\n`);
  });

  test("edits flow collections in place", () => {
    const text = 'a: [ "x", w, z ] # c\nb: { c: 1, d: 2, e: 3 }\n';
    expect(edit(text, { a: ["x", "z", "v"], b: { c: 1, e: 4, f: 5 } })).toBe(
      'a: [ "x", z, "v" ] # c\nb: { c: 1, e: 4, f: 5 }\n',
    );
    expect(edit(text, { a: ["n", "x"], b: { e: 3 } })).toBe('a: [ "n", "x" ] # c\nb: { e: 3 }\n');
    expect(edit("a: [\n  x, # one\n  w, # two\n]\n", { a: ["x", "w", "z"] })).toBe(
      "a: [\n  x, # one\n  w, z, # two\n]\n",
    );
  });

  test.each([
    ["|", "|-"],
    ["|2+", "|2-"],
    [">-", ">-"],
  ])("keeps the meaning of a block %s that ends the file without line break", (header, edited) => {
    const text = `a: # note\n  - b: ${header}\n      x`;
    expect(edit(text, { a: [{ b: "x" }], c: 1 })).toBe(`a: # note\n  - b: ${edited}\n      x\nc: 1`);
  });

  test("removes entries, the first after a dash too", () => {
    expect(edit("- a: 1\n  # b\n  b: 2\n- c: 3\n  d: |\n    x\n  e: 4\n", [{ b: 2 }, { e: 4 }])).toBe(
      "- # b\n  b: 2\n- e: 4\n",
    );
    expect(edit("a: 1\nb:\n  c: 2\n# d\nd: 3", { d: 3 })).toBe("# d\nd: 3");
    expect(edit("a: 1\nb:\n  c: 2", { a: 1 })).toBe("a: 1");
  });

  test("keeps CRLF line ends, a byte-order mark and markers", () => {
    expect(edit("\uFEFFa: 1\r\nb: 2\r\n", { a: 1, b: 2, c: { d: [3] } })).toBe(
      "a: 1\r\nb: 2\r\nc:\r\n  d:\r\n    - 3\r\n",
    );
    expect(edit("---\r\na:\r\n  - x\r\n...\r\n", { a: ["w", "x"] })).toBe("---\r\na:\r\n  - w\r\n  - x\r\n...\r\n");
  });

  test("keeps anchors and aliases where they still say what is wanted", () => {
    const text = "a: &x\n  b: 1\nc: *x\nd: &y v\ne: *y\n";
    expect(edit(text, { a: { b: 2 }, c: { b: 2 }, d: "w", e: "w" })).toBe("a: &x\n  b: 2\nc: *x\nd: &y w\ne: *y\n");
    expect(edit(text, { a: { b: 2 }, c: { b: 1 }, d: "v", e: "w" })).toBe("a: &x\n  b: 2\nc:\n  b: 1\nd: &y v\ne: w\n");
    expect(edit(text, { c: { b: 1 }, e: "v" })).toBe("c:\n  b: 1\ne: v\n");
  });

  test("writes out merged maps only where they no longer fit", () => {
    const text = "a: &x {b: 1, c: 2}\nd:\n  <<: *x # base\n  e: 3\n";
    const a = { b: 1, c: 2 };
    expect(edit(text, { a, d: { b: 1, c: 2, e: 4, f: 5 } })).toBe(text.replace("e: 3\n", "e: 4\n  f: 5\n"));
    expect(edit(text, { a, d: { b: 9, c: 2, e: 3 } })).toBe(text.replace("e: 3\n", "e: 3\n  b: 9\n"));
    expect(edit(text, { a, d: { b: 1, e: 3 } })).toBe("a: &x {b: 1, c: 2}\nd:\n  b: 1\n  e: 3\n");
  });

  test("writes the whole document anew when a part cannot be edited", () => {
    const document = parse("# c\na: &k x\n*k : 1\n");
    expect(editedText(document, { a: "y", x: 1 })).toBe('# c\na: "y"\nx: 1\n');
  });

  test("fails rather than writing something else", () => {
    expect(codeOf(() => editedText(parse("a: 1\n"), { a: 1, ["k".repeat(2_000)]: 2 }))).toBe(
      "kubernetes/edit-mismatch",
    );
    expect(codeOf(() => editedText(parse("a: 1\n"), { a: "\ud83d" }))).toBe("kubernetes/edit-mismatch");
    expect(codeOf(() => editedText(parse("a: 1\n"), { a: Number.NaN }))).toBe("lib/internal");
  });

  test("hands long new strings out without copying them", () => {
    const policy = "cGFja2FnZSBhZ2VudF9wb2xpY3kK".repeat(2_000);
    const { pieces } = editDocument(parse("a:\n  b: c\nd: e\n"), { a: { b: "c", p: policy }, d: "e" });
    expect(pieces).toContain(policy);
    expect(pieces.join("")).toBe(`a:\n  b: c\n  p: ${policy}\nd: e\n`);
  });

  test("keeps lists of merged maps where the result stays the same, and earlier maps win", () => {
    const text = "a: &x {b: 1}\nc: &y {b: 2, f: 3}\nd:\n  <<: [*x, *y]\n  e: 4\n";
    const [a, c] = [{ b: 1 }, { b: 2, f: 3 }];
    expect(edit(text, { a, c, d: { b: 1, f: 3, e: 5 } })).toBe(text.replace("e: 4", "e: 5"));
    expect(edit(text, { a, c: { b: 2 }, d: { b: 1, e: 4 } })).toBe(text.replace(", f: 3", ""));
    // What a merged map may no longer bring is written out.
    expect(edit(text, { a, c, d: { b: 2, f: 3, e: 4 } })).toContain("b: 2\n");
  });

  test("writes out a merged map that stands there itself only where it no longer fits", () => {
    const text = "d:\n  <<: {b: 1}\n  e: 4\n";
    expect(edit(text, { d: { b: 1, e: 5 } })).toBe("d:\n  <<: {b: 1}\n  e: 5\n");
    expect(edit(text, { d: { e: 4 } })).toBe("d:\n  e: 4\n");
  });

  test("turns generated documents into generated values by small edits", () => {
    let tried = 0;
    for (let seed = SEED; seed < SEED + 1_500; seed++) {
      const choices = new Choices(seed);
      const value = randomMap(choices);
      const text = new YamlWriter(choices).document(value);
      const [document] = new YamlStream(text, "in.yaml", () => {}).documents;
      if (document === undefined) continue;
      expect({ seed, value: document.value }).toEqual({ seed, value });
      const desired = randomChange(choices, value);
      const edited = planMinimalEdit(document, desired)?.pieces.join("") ?? "overlap";
      const again = new YamlStream(edited, "out.yaml", () => {}).documents[0];
      if (!equalValues(again?.value ?? null, desired)) expect({ seed, text, edited }).toEqual({ desired } as never);
      if (again !== undefined) expect(editedText(again, desired)).toBe(edited);
      tried++;
    }
    expect(tried).toBeGreaterThan(1_000);
  });

  test("leaves the lines of entries that do not change", () => {
    let tried = 0;
    for (let seed = SEED; seed < SEED + 1_000; seed++) {
      const choices = new Choices(seed);
      const writer = new YamlWriter(choices);
      const parts = ["first", "second", "third", "fourth"].map((key) => ({ key, value: randomMap(choices, 1) }));
      const text = writer.document(Object.fromEntries(parts.map(({ key, value }) => [key, value])));
      const untouched = text.split(/^(?=['"]?(?:first|second|third|fourth)['"]?:)/m).slice(1);
      // Documents in braces, and those with anchors, change elsewhere too.
      if (untouched.length !== parts.length || /[&*]n[0-9]/.test(text)) continue;
      const changed = choices.below(4);
      const entries = parts.map(({ key, value }, index) => [
        key,
        index === changed ? randomChange(choices, value) : value,
      ]);
      const edited = editedText(parse(text), Object.fromEntries(entries));
      for (const [index, part] of untouched.entries()) {
        if (index !== changed) expect({ seed, found: edited.includes(part.trimEnd()) }).toEqual({ seed, found: true });
      }
      tried++;
    }
    expect(tried).toBeGreaterThan(400);
  });
});
