import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { FlagDefinition } from "../../src/terminal/command-definition.ts";
import { parseFlags } from "../../src/terminal/flag-grammar.ts";
import { codeOf } from "../fakes/error-code.ts";

const FLAGS: readonly FlagDefinition[] = [
  { name: "policy", short: "p", type: "string", summary: "" },
  { name: "key", short: "w", type: "strings", default: ["workload-owner.pem"], summary: "" },
  { name: "disable-updates", short: "d", type: "boolean", summary: "" },
  { name: "skip", short: "s", type: "boolean", summary: "" },
];

function parse(...args: readonly string[]): unknown {
  const { values, positionals } = parseFlags(FLAGS, args);
  return { ...Object.fromEntries(values), positionals };
}

describe("parseFlags()", () => {
  test.each([
    [["--policy", "v"], { policy: "v", positionals: [] }],
    [["--policy=v"], { policy: "v", positionals: [] }],
    [["--policy="], { policy: "", positionals: [] }],
    [["--policy=a=b"], { policy: "a=b", positionals: [] }],
    [["-p", "v"], { policy: "v", positionals: [] }],
    [["-pv"], { policy: "v", positionals: [] }],
    [["-p=v"], { policy: "v", positionals: [] }],
    [["-p="], { policy: "=", positionals: [] }],
    [["-p", ""], { policy: "", positionals: [] }],
    [["--policy", "--skip"], { policy: "--skip", positionals: [] }],
    [["--policy", "--"], { policy: "--", positionals: [] }],
    [["--policy", "a", "--policy", "b"], { policy: "b", positionals: [] }],
    [["-d"], { "disable-updates": true, positionals: [] }],
    [["--disable-updates", "false"], { "disable-updates": true, positionals: ["false"] }],
    [["--disable-updates=false"], { "disable-updates": false, positionals: [] }],
    [["-d=F"], { "disable-updates": false, positionals: [] }],
    [["-ds"], { "disable-updates": true, skip: true, positionals: [] }],
    [["-dsp", "v"], { "disable-updates": true, skip: true, policy: "v", positionals: [] }],
    [["-dspv"], { "disable-updates": true, skip: true, policy: "v", positionals: [] }],
    [["-w", "a", "-wb", "--key=c,d"], { key: ["a", "b", "c,d"], positionals: [] }],
    [["a", "-d", "b"], { "disable-updates": true, positionals: ["a", "b"] }],
    [["a", "--", "-d", "--", "b"], { positionals: ["a", "-d", "--", "b"] }],
    [["-"], { positionals: ["-"] }],
    [[""], { positionals: [""] }],
  ])("reads %j", (args, expected) => {
    expect(parse(...args)).toEqual(expected);
  });

  test.each([
    [["--polic", "v"], "terminal/unknown-flag"],
    [["--Policy", "v"], "terminal/unknown-flag"],
    [["-x"], "terminal/unknown-flag"],
    [["-dx"], "terminal/unknown-flag"],
    [["-d="], "terminal/unknown-flag"],
    [["--__proto__"], "terminal/unknown-flag"],
    [["--=v"], "terminal/flag-syntax"],
    [["---policy"], "terminal/flag-syntax"],
    [["--policy"], "terminal/flag-needs-argument"],
    [["-p"], "terminal/flag-needs-argument"],
    [["-dp"], "terminal/flag-needs-argument"],
    [["--skip=yes"], "terminal/invalid-argument"],
    [["--skip=toString"], "terminal/invalid-argument"],
    [["--skip="], "terminal/invalid-argument"],
  ])("rejects %j with %s", (args, code) => {
    expect(codeOf(() => parse(...args))).toBe(code);
  });

  test("names the flag as the user wrote it", () => {
    expect(() => parse("--unknown=1")).toThrow("unknown flag: --unknown");
    expect(() => parse("-dxs")).toThrow("unknown shorthand flag: 'x' in -xs");
    expect(() => parse("-dp")).toThrow("flag needs an argument: 'p' in -p");
    expect(() => parse("-d=maybe")).toThrow('invalid argument "maybe" for "-d, --disable-updates" flag');
  });

  test.each([
    [["--polic", "v"], "Did you mean --policy?"],
    [["-skip"], "Did you mean --skip?"],
    [["--nothing-like-it"], undefined],
  ])("offers for %j the flag that may be meant", (args, hint) => {
    expect(() => parse(...args)).toThrow(expect.objectContaining({ hint }));
  });

  test("never loses a word: without flags every word is a positional, in order", () => {
    const word = fc.string().filter((text) => !text.startsWith("-"));
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(parseFlags(FLAGS, words).positionals).toEqual(words);
      }),
      { seed: 21 },
    );
  });

  test("gives back any value that follows its flag, in all four spellings", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (value) => {
        const spellings = [["--policy", value], [`--policy=${value}`], ["-p", value], [`-p=${value}`]];
        for (const words of spellings) expect(parseFlags(FLAGS, words).values.get("policy")).toBe(value);
      }),
      { seed: 22 },
    );
  });
});
