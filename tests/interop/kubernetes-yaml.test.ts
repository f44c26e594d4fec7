import { beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import * as fc from "fast-check";
import { canonicalQuantity } from "../../src/kubernetes/pod/quantity.ts";
import { isValueMap, type Value } from "../../src/kubernetes/value.ts";
import { YamlStream } from "../../src/kubernetes/yaml-stream.ts";
import { editedText } from "../fakes/edited-text.ts";
import { goPeer } from "../fakes/go-peer.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { DOCUMENTS, KEYS, SCALARS } from "../fakes/yaml-samples.ts";
import { Choices, randomChange, randomMap, YamlWriter } from "../fakes/yaml-writer.ts";

const SEED = 20_260_302;

type Request = { readonly yaml: string } | { readonly quantity: string };
type Answer = { readonly json?: string; readonly error?: string };

let program = "";

function askGo(requests: readonly Request[]): Answer[] {
  const input = requests.map((request) => `${JSON.stringify(request)}\n`).join("");
  const run = spawnSync(program, { input, maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(run.stderr.toString());
  return run.stdout
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** JSON with integers beyond 2^53 as bigint. */
function exactJson(text: string): Value {
  return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) => {
    const isLarge = typeof value === "number" && !Number.isSafeInteger(value);
    return isLarge && /^-?[0-9]+$/.test(context?.source ?? "") && inRange(BigInt(context?.source ?? "0"))
      ? BigInt(context?.source ?? "0")
      : value;
  }) as Value;
}

/** What our reader makes of integers; larger ones are floats. */
function inRange(value: bigint): boolean {
  return value >= -(1n << 63n) && value < 1n << 64n;
}

/** Our reading of the first document, or undefined for an error. */
function readOurs(text: string): Value | undefined {
  const problems: unknown[] = [];
  const stream = new YamlStream(text, "test.yaml", (problem) => problems.push(problem));
  if (problems.length > 0) return undefined;
  const [document] = stream.documents;
  return document === undefined ? null : document.value;
}

function readGo(answer: Answer | undefined): Value | undefined {
  return answer?.json === undefined ? undefined : exactJson(answer.json);
}

/** Floats of 64-bit integers and more digits print differently; both are the same number. */
function normal(value: Value | undefined): unknown {
  return value === undefined
    ? "error"
    : JSON.parse(JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? `#${inner}` : inner)));
}

function compare(texts: readonly string[]): void {
  const answers = askGo(texts.map((yaml) => ({ yaml })));
  const differences = texts.flatMap((text, index) => {
    const ours = normal(readOurs(text));
    const go = normal(readGo(answers[index]));
    return Bun.deepEquals(ours, go) ? [] : [{ text, ours, go, error: answers[index]?.error }];
  });
  expect(differences).toEqual([]);
}

describe.if(hasPrograms("YAML against sigs.k8s.io/yaml", "go"))("YAML against sigs.k8s.io/yaml", () => {
  beforeAll(() => {
    program = goPeer(join(import.meta.dir, "kubernetes-yaml"));
  }, 300_000);

  test("resolvePlainScalar() reads every scalar as value, in lists and in flow maps as Go does", () => {
    compare(SCALARS.map((scalar) => `v: ${scalar}\n`));
    compare(SCALARS.filter((scalar) => !scalar.startsWith("-")).map((scalar) => `- ${scalar}\n- x\n`));
    compare(
      SCALARS.filter((scalar) => !/[,[{]/.test(scalar) && scalar !== "-" && scalar !== "!!str").map(
        (scalar) => `a: {b: ${scalar}, c: [${scalar}]}\n`,
      ),
    );
  });

  test("resolvePlainScalar() reads generated numbers as Go does", () => {
    const digits = fc.string({
      unit: fc.constantFrom(...Array.from("0123456789abcfexobXOB_.+-:eE")),
      minLength: 1,
      maxLength: 24,
    });
    const sign = fc.constantFrom("", "", "+", "-");
    const prefix = fc.constantFrom("", "0", "0x", "0o", "0b", ".", "0X", "00");
    const number = fc.tuple(sign, prefix, digits).map((parts) => parts.join(""));
    const texts = fc
      .sample(number, { seed: SEED, numRuns: 6_000 })
      .filter((text) => !text.includes(": ") && !text.endsWith(":"));
    compare(texts.filter((text) => text !== "-" && text !== "---").map((text) => `v: ${text}\n`));
  });

  test("keyText() makes the same strings of keys as Go", () => {
    compare(KEYS.map((key) => `? ${key}\n: 1\n`));
    const keys = fc.sample(fc.float({ noNaN: true, noDefaultInfinity: true }), { seed: SEED, numRuns: 1_000 });
    compare(keys.map((key) => `? !!float ${key}\n: 1\n`));
  });

  test("YamlStream() reads documents as Go does", () => {
    compare(DOCUMENTS.filter(({ differs }) => differs === undefined).map(({ text }) => text));
  });

  test("YamlStream() differs from Go only where it is written down", () => {
    for (const { text, differs } of DOCUMENTS) {
      if (differs === undefined) continue;
      const [answer] = askGo([{ yaml: text }]);
      expect({ text, same: Bun.deepEquals(normal(readOurs(text)), normal(readGo(answer))) }).toEqual({
        text,
        same: false,
      });
    }
  });

  test("YamlStream() folds scalars over several lines as Go does", () => {
    const word = fc.constantFrom("a", "b c", "x:y", "1", "-", "z'", "# n", "");
    const line = fc
      .tuple(fc.constantFrom("", "", " ", "  "), word, fc.constantFrom("", "", " "))
      .map((parts) => parts.join(""));
    const lines = fc.array(line, { minLength: 1, maxLength: 5 });
    const header = fc.constantFrom("|", "|-", "|+", ">", ">-", ">+", "|2", ">2-");
    const block = fc
      .tuple(header, lines, fc.constantFrom("", "c: 1\n", "# c\n"))
      .map(
        ([head, body, rest]) => `a:\n  b: ${head}\n${body.map((text) => `    ${text}`.trimEnd()).join("\n")}\n${rest}`,
      );
    const quoted = fc
      .tuple(fc.constantFrom('"', "'"), lines)
      .map(
        ([quote, body]) =>
          `a: ${quote}w${body.map((text) => `${text.replaceAll(/['"#]/g, "")}\n  `).join("")}${quote}\nb: 1\n`,
      );
    const plain = lines.map(
      (body) => `a: w\n${body.map((text) => `  ${text.replaceAll(/[-#]/g, "")}`.trimEnd()).join("\n")}\nb: 1\n`,
    );
    compare(fc.sample(fc.oneof(block, quoted, plain), { seed: SEED, numRuns: 3_000 }));
  });

  test("YamlStream() gives damaged documents the meaning that Go gives them, or refuses them", () => {
    const characters = Array.from(" \n\t:-#'\"[]{},|>&*!?a1~%@`<=\\.0_+eE");
    const texts = Array.from({ length: 6_000 }, (_, index) => {
      const choices = new Choices(SEED + index);
      const text = new YamlWriter(choices).document(randomMap(choices));
      const at = choices.below(text.length + 1);
      const inserted = choices.chance(25) ? text.slice(choices.below(text.length), at) : choices.oneOf(characters);
      return `${text.slice(0, at)}${choices.chance(30) ? "" : inserted}${text.slice(at + choices.below(3))}`;
    });
    const answers = askGo(texts.map((yaml) => ({ yaml })));
    const read = texts.flatMap((text, index) => {
      const ours = readOurs(text);
      const go = readGo(answers[index]);
      // A text that is a scalar as a whole is no object, and Go reads only the first of several documents.
      const isObject = isValueMap(ours) && !/\n---/.test(text);
      return isObject && go !== undefined ? [{ text, ours: normal(ours), go: normal(go) }] : [];
    });
    expect(read.filter(({ ours, go }) => !Bun.deepEquals(ours, go))).toEqual([]);
    expect(read.length).toBeGreaterThan(1_500);
  });

  test("editDocument() writes what Go reads as wanted", () => {
    const texts: string[] = [];
    const wanted: unknown[] = [];
    for (let seed = 1; seed <= 1_500; seed++) {
      const choices = new Choices(seed + SEED);
      const value = randomMap(choices);
      const text = new YamlWriter(choices).document(value);
      const [document] = new YamlStream(text, "test.yaml", () => {}).documents;
      if (document === undefined) continue;
      const desired = randomChange(choices, value);
      texts.push(text, editedText(document, desired));
      wanted.push(normal(value), normal(desired));
    }
    const answers = askGo(texts.map((yaml) => ({ yaml })));
    for (const [index, text] of texts.entries()) {
      const read = normal(readGo(answers[index]));
      if (!Bun.deepEquals(read, wanted[index]))
        expect({ text, read, error: answers[index]?.error }).toEqual(wanted[index] as never);
    }
    expect(texts.length).toBeGreaterThan(2_000);
  });

  test("canonicalQuantity() agrees with apimachinery", () => {
    const suffix = fc.constantFrom(
      "",
      "",
      "n",
      "u",
      "m",
      "k",
      "M",
      "G",
      "T",
      "P",
      "E",
      "Ki",
      "Mi",
      "Gi",
      "Ti",
      "Pi",
      "Ei",
      "e3",
      "E-2",
      "e+6",
      "e-12",
      "x",
      "K",
      "e",
    );
    const digits = fc.string({ unit: fc.constantFrom(...Array.from("0123456789000")), maxLength: 16 });
    const number = fc.tuple(
      fc.constantFrom("", "", "", "-", "+"),
      digits,
      fc.constantFrom("", ".", ".5", ".50", ".125", ".000000000001"),
      suffix,
    );
    const texts = [
      "1",
      "0.5",
      "1024Mi",
      "1000m",
      "1.5Gi",
      "0.1Ki",
      "1e3",
      "100m",
      "0",
      "00",
      "",
      "1Zi",
      "128974848",
      "129e6",
      "123Mi",
      "-1Gi",
      "1.0",
      "1.500",
      "2047Ki",
      "1023Ki",
      "9223372036854775807",
      "8Ei",
      "1 Gi",
      "1_000",
      ...fc.sample(number, { seed: SEED, numRuns: 4_000 }).map((parts) => parts.join("")),
      // Go reads some texts without digits as zero; we refuse them all.
    ].filter((text) => text === "" || /^[-+]?\.?[0-9]/.test(text));
    const answers = askGo(texts.map((quantity) => ({ quantity })));
    const ours = (text: string): string => {
      try {
        return canonicalQuantity(text);
      } catch {
        return "error";
      }
    };
    const differences = texts.flatMap((text, index) => {
      const { json } = answers[index] ?? {};
      const go = json === undefined ? "error" : JSON.parse(json);
      // Above the largest suffix Go loses the exponent; we write it.
      return go === ours(text) || /^-?[0-9]+e[0-9]+$/.test(ours(text)) ? [] : [{ text, go, ours: ours(text) }];
    });
    expect(differences).toEqual([]);
  });
});
