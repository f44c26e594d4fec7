import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { sha256Hex } from "../lib/digest.ts";
import { type ErrorCode, isErrorCode } from "../lib/error-codes.ts";
import { readText, writeFileAtomically } from "../lib/files.ts";
import { parseJson } from "../lib/json.ts";
import type { GenerateOptions } from "./generate-options.ts";
import type { GenerateResult } from "./generate-result.ts";

/**
 * What a finished run depended on and left behind. While all of it is as it was, another run with the same options
 * would change nothing, so it can stop after reading the files.
 */
export interface RunRecord {
  /** YAML files that were found under the paths, in order. */
  readonly found: readonly string[];
  /** SHA-256 of every file that was read or written, after the run; null for a file that does not exist. */
  readonly files: Readonly<Record<string, string | null>>;
  /** Digests of the images that the YAML names by tag. */
  readonly tags: Readonly<Record<string, string>>;
  /** What is said again. */
  readonly result: RecordedResult;
}

/** What a run says that has nothing to write. */
export type RecordedResult = Omit<GenerateResult, "written" | "standardOutput">;

const text = v.string();
const optionalText = v.optional(text);
const optionalNumber = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)));
const problem = v.strictObject({
  code: v.custom<ErrorCode>((code) => typeof code === "string" && isErrorCode(code)),
  message: text,
  hint: optionalText,
  file: optionalText,
  line: optionalNumber,
  column: optionalNumber,
  path: optionalText,
  object: optionalText,
});
const algorithm = v.picklist(["sha256", "sha384", "sha512"]);
const initdata = v.optional(v.strictObject({ algorithm, digest: text, hostData: text, mrConfigId: text }));
const workload = v.strictObject({
  file: text,
  kind: text,
  name: text,
  namespace: optionalText,
  policyHash: text,
  initdata,
});
const schema = v.strictObject({
  found: v.array(text),
  files: v.record(text, v.nullable(text)),
  tags: v.record(text, text),
  result: v.strictObject({
    platform: text,
    runtimeHandler: text,
    manifestPath: text,
    hint: optionalText,
    missingReferenceValues: v.array(text),
    workloads: v.array(workload),
    warnings: v.array(problem),
  }),
});

const MAX_RECORD_BYTES = 64 * 1024 * 1024;

/** Where records of runs lie, by what was asked. */
export class RunRecords {
  readonly #path: string;

  /**
   * @param cacheDir base directory of the program's caches
   * @param programId changes with every build, see `lib/program.ts`
   * @param directory that relative paths of the options start from
   */
  constructor(cacheDir: string, programId: string, directory: string, options: GenerateOptions) {
    const key = sha256Hex(JSON.stringify([programId, directory, options]));
    this.#path = join(cacheDir, "generate", `${key}.json`);
  }

  /** The record of the last run with these options; a file that is missing or damaged counts as none. */
  async read(): Promise<RunRecord | undefined> {
    try {
      return v.parse(schema, parseJson(await readText(this.#path, "run record", MAX_RECORD_BYTES), "run record"));
    } catch {
      return undefined;
    }
  }

  async write(record: RunRecord): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    await writeFileAtomically(this.#path, JSON.stringify(record), { mode: 0o600 });
  }
}
