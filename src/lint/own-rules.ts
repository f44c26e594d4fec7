import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { ContrastError, messageOf } from "../lib/errors.ts";
import { kindOfPath, readText } from "../lib/files.ts";
import { isJsonObject, parseJson } from "../lib/json.ts";
import { EngineRefusal } from "../rego/regorus/engine-refusal.ts";
import { RegorusInstance } from "../rego/regorus/regorus-instance.ts";
import { regorusModule } from "../rego/regorus/regorus-module.ts";
import { lintInputs } from "./facts/lint-input.ts";
import type { LintFinding } from "./finding.ts";
import type { LintOptions } from "./lint-options.ts";
import { parseFindings } from "./parse-findings.ts";

/** A file of rules that a user wrote. */
export interface RuleFile {
  readonly path: string;
  readonly text: string;
}

const MAX_RULE_FILES = 200;
const MAX_RULE_BYTES = 1024 * 1024;
/** Longest time for one file and one portion of objects; rules that need more do not end. */
const PATIENCE_MS = 10_000;
const ANSWER_LIMITS = { maxBytes: 64 * 1024 * 1024, maxDepth: 100 };

/** The engine's newest version and Rego 1, without counting lines. */
const OPEN = [1, 1, 0] as const;

/** The package that the engine asks; the author's own name is put in its place. */
const PACKAGE = /^((?:[^\S\n]*(?:#[^\n]*)?\n)*[^\S\n]*package[^\S\n]+)[\w.]+/;

/**
 * Reads the files `*.rego` of a directory, in order of their names; tests (`*_test.rego`) are left out.
 *
 * @throws ContrastError `lint/rules-invalid`, `lib/file-unreadable`, `lib/file-too-large`, `lib/text-not-utf8`
 */
export async function readOwnRules(directory: string): Promise<readonly RuleFile[]> {
  let names: readonly string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    throw invalid(directory, `Cannot read rules in "${directory}": ${messageOf(error)}`);
  }
  const files = names.filter((name) => name.endsWith(".rego") && !name.endsWith("_test.rego")).toSorted();
  if (files.length === 0) throw invalid(directory, `Cannot read rules in "${directory}": no file ends in .rego`);
  if (files.length > MAX_RULE_FILES) {
    throw invalid(directory, `Cannot read rules in "${directory}": got ${files.length} files, take ${MAX_RULE_FILES}`);
  }
  const read: RuleFile[] = [];
  for (const name of files) {
    const path = join(directory, name);
    // A pipe would be waited for.
    if ((await kindOfPath(path)) !== "file") throw invalid(path, `Cannot read rules in "${path}": not a file`);
    read.push({ path, text: await readText(path, "rules file", MAX_RULE_BYTES) });
  }
  return read;
}

/**
 * Asks the rules of users about objects, each file by itself, in time and memory that are bounded.
 *
 * @throws ContrastError `lint/rules-invalid` with file and line, `lint/result-invalid`, `rego/limit-exceeded`
 */
export async function lintWithOwnRules(
  objects: readonly KubernetesObject[],
  options: LintOptions,
  files: readonly RuleFile[],
): Promise<readonly LintFinding[]> {
  const module = await regorusModule();
  const inputs = [...lintInputs(objects, options, "all")].map((input) => JSON.stringify(input));
  return files.flatMap((file) => lintWithFile(module, file, inputs, objects));
}

function lintWithFile(
  module: WebAssembly.Module,
  file: RuleFile,
  inputs: readonly string[],
  objects: readonly KubernetesObject[],
): readonly LintFinding[] {
  if (!PACKAGE.test(file.text)) throw invalid(file.path, `Cannot load rules: ${file.path}:1: no package declaration`);
  // Lines stay where they are, so the places in messages of the engine are those of the file.
  const text = file.text.replace(PACKAGE, "$1agent_policy");
  const source = { label: `rules file "${file.path}"`, isOwn: false };
  try {
    const instance = new RegorusInstance(module);
    instance.call("open", text, PATIENCE_MS, ...OPEN);
    return inputs.flatMap((input) => {
      const answer = instance.call("evaluate", `findings\n${input}`, PATIENCE_MS, 0);
      const parsed = parseJson(answer, `answer of ${source.label}`, ANSWER_LIMITS);
      return parseFindings(isJsonObject(parsed) ? parsed["value"] : undefined, objects, source);
    });
  } catch (error) {
    throw inFile(error, file);
  }
}

function inFile(error: unknown, { path }: RuleFile): unknown {
  if (error instanceof EngineRefusal) {
    const { place, fact } = error;
    const where = place === undefined ? path : `${path}:${place.line}:${place.column}`;
    return invalid(path, `Cannot use rules: ${where}: ${fact}`);
  }
  if (!(error instanceof ContrastError) || error.code !== "rego/limit-exceeded") return error;
  const reason = error.message.replace(/^[^:]*: /, "");
  return new ContrastError(error.code, `Cannot use rules file "${path}": ${reason}`, {
    hint: "Simplify the rules, and make sure that they end.",
  });
}

function invalid(path: string, message: string): ContrastError {
  const hint = "docs/lint.md says how rules are written.";
  return new ContrastError("lint/rules-invalid", message, { hint, details: { path } });
}
