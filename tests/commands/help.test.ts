import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PROGRAM } from "../../src/cli/root-definition.ts";
import { explainCode, renderExplanation } from "../../src/commands/explain-code.ts";
import { helpCommand } from "../../src/commands/help.ts";
import { ERROR_CODES, type ErrorCode } from "../../src/lib/error-codes.ts";
import { ERROR_EXPLANATIONS } from "../../src/lib/error-explanations.ts";
import { createParsedFlags } from "../../src/terminal/parsed-flags.ts";
import type { Io } from "../../src/terminal/io.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { recordIo } from "../fakes/recorded-io.ts";

const CODES = Object.keys(ERROR_CODES) as readonly ErrorCode[];

async function help(words: readonly string[], change: Partial<Io> = {}): Promise<string> {
  const io = recordIo(change);
  await helpCommand.run({ flags: createParsedFlags([], new Map(), ""), positionals: words, program: PROGRAM }, io);
  return io.printed.join("");
}

describe("helpCommand", () => {
  test("explains a code with meaning, causes, actions and exit status", async () => {
    const text = await help(["attestation/rejected"]);
    expect(text).toStartWith("attestation/rejected\n  Evidence was checked and refused.\n");
    expect(text).toContain("exit status is 3");
    expect(text).toMatch(/Likely causes:\n {2}- /);
    expect(text).toMatch(/What to do:\n {2}- /);
  });

  test("has something to say about every code", async () => {
    for (const code of CODES) expect(await help([code])).toMatch(/What to do:\n {2}- [A-Z]/);
  });

  test("gives the explanation as JSON", async () => {
    expect(JSON.parse(await help(["lib/offline"], { format: "json" }))).toMatchObject({
      schema: "contrast/error-code/v1",
      code: "lib/offline",
      class: ERROR_CODES["lib/offline"].class,
      exitStatus: 7,
    });
  });

  test("breaks lines to the width of the terminal", async () => {
    const text = await help(["attestation/rejected"], { columns: () => 40 });
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(44);
  });

  test("offers a similar code for one that does not exist", async () => {
    expect(await codeOfAsync(async () => await help(["attestation/rejectd"]))).toBe("terminal/unknown-code");
  });

  test("lists the codes of a room where none is similar", async () => {
    const error = await help(["attestation/nonsense"]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ hint: expect.stringMatching(/^There are .*attestation\/rejected/) });
    const other = await help(["foo/bar"]).catch((thrown: unknown) => thrown);
    expect(other).toMatchObject({ hint: expect.stringContaining("such as attestation/rejected") });
  });

  test("knows every code that the written pages name", async () => {
    const root = join(import.meta.dir, "../..");
    const pages = [
      "README.md",
      "docs/verify.md",
      "docs/collateral.md",
      "docs/images.md",
      "docs/coordinator.md",
      "docs/state.md",
      "docs/sandbox.md",
      "docs/initializer.md",
    ];
    const texts = pages.map((page) => readFileSync(join(root, page), "utf8"));
    const codes = texts.flatMap((text) =>
      [...text.matchAll(/contrast help ([a-z0-9]+\/[a-z0-9-]+)/g)].map(([, code]) => code!),
    );
    expect(codes).not.toBeEmpty();
    for (const code of codes) expect(await help([code]), code).toStartWith(`${code}\n`);
  });

  test("has more to say about every code that the pages for operators name than its class", () => {
    const root = join(import.meta.dir, "../..");
    const pages = [
      "docs/coordinator.md",
      "docs/state.md",
      "docs/initializer.md",
      "docs/sandbox.md",
      "docs/service-mesh.md",
      "docs/mesh-views.md",
      "docs/measure.md",
    ];
    const texts = pages.map((page) => readFileSync(join(root, page), "utf8"));
    const named = CODES.filter((code) => texts.some((text) => text.includes(`\`${code}\``)));
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((code) => ERROR_EXPLANATIONS[code] === undefined)).toEqual([]);
  });

  test("still explains commands", async () => {
    expect(await help(["evidence", "verify"])).toContain("contrast evidence verify");
  });
});

describe("explainCode()", () => {
  test("falls back to what the class says", () => {
    const explanation = explainCode("lib/json-invalid", undefined);
    expect([explanation.causes, explanation.exitStatus]).toEqual([[], undefined]);
    expect(renderExplanation(explanation, undefined)).not.toContain("Likely causes");
  });

  test.each(Object.entries(ERROR_EXPLANATIONS))("has whole sentences for %s", (_code, { causes, actions }) => {
    for (const sentence of [...causes, ...actions]) expect(sentence).toMatch(/^[A-Z].*[.?]$/s);
  });

  test("has causes for every code that says that something was refused or could not be checked", () => {
    const told = CODES.filter((code) => ["rejected", "collateral"].includes(ERROR_CODES[code].class));
    expect(told.filter((code) => ERROR_EXPLANATIONS[code] === undefined)).toEqual([]);
  });
});
