import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { ContrastError } from "../../lib/errors.ts";
import { exists, readText, stageFile } from "../../lib/files.ts";
import { quoteText } from "../../lib/quote-text.ts";
import { CASES_FILE } from "./find-test-directories.ts";
import { parseTestCases, type TestCase } from "./test-cases.ts";

/** Largest file of cases. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** A file of test cases as it is now. */
export interface CaseFile {
  readonly path: string;
  /** Undefined where there is no file yet. */
  readonly text: string | undefined;
  readonly cases: readonly TestCase[];
}

/**
 * Reads the test cases of a directory, which need not exist.
 *
 * @throws ProblemsError `policy/test-cases-invalid`
 * @throws ContrastError `lib/json-invalid`, the codes of reading files
 */
export async function readCaseFile(directory: string): Promise<CaseFile> {
  const path = join(directory, CASES_FILE);
  if (!(await exists(path))) return { path, text: undefined, cases: [] };
  const text = await readText(path, "test cases", MAX_FILE_BYTES);
  return { path, text, cases: parseTestCases(text, path) };
}

/**
 * Adds cases at the end of a file of test cases, all or none; what is there keeps every byte.
 *
 * @param file as it was when the cases were decided
 * @throws ContrastError `policy/case-unchanged` for a description that is taken, or a file that has changed since; the
 *   codes of writing files
 */
export async function appendTestCases(directory: string, file: CaseFile, cases: readonly TestCase[]): Promise<void> {
  const taken = new Set(file.cases.map(({ description }) => description));
  for (const { description } of cases) {
    if (taken.has(description)) throw unchanged(file.path, `it has a case ${quoteText(description)} already`);
    taken.add(description);
  }
  await mkdir(directory, { recursive: true });
  const staged = await stageFile(file.path, withCases(file.text, cases), { exclusive: file.text === undefined });
  try {
    const { text } = await readCaseFile(directory);
    if (text !== file.text) throw unchanged(file.path, "another program has just changed it");
    await staged.commit();
  } finally {
    await staged.discard();
  }
}

/** Whether YAML lies beside the test cases. */
export async function hasYaml(directory: string): Promise<boolean> {
  return (await readdir(directory)).some((name) => /\.ya?ml$/.test(name));
}

/** The text of the file with more elements: parsed before, so that it ends with the bracket of its list. */
function withCases(text: string | undefined, cases: readonly TestCase[]): string {
  const added = cases.map(({ description, kind, request, allowed }) =>
    JSON.stringify({ description, kind, request, allowed }, null, 2).replaceAll(/^/gm, "  "),
  );
  const list = (text ?? "[]").trimEnd();
  const before = list.slice(0, -1).trimEnd();
  return `${before}${before.endsWith("[") ? "" : ","}\n${added.join(",\n")}\n]\n`;
}

function unchanged(path: string, fact: string): ContrastError {
  return new ContrastError("policy/case-unchanged", `Cannot record in "${path}": ${fact}`, {
    hint: "Give another --description or directory, or run the command again.",
    details: { path },
  });
}
