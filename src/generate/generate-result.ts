import type { Problem } from "../lib/problems.ts";
import type { InitdataDigests } from "../policy/initdata/initdata-digests.ts";

/** What a run of `generate` did, for people and for `--format json`. */
export interface GenerateResult {
  readonly platform: string;
  readonly runtimeHandler: string;
  readonly manifestPath: string;
  /** The line about missing reference values, where some are missing. */
  readonly hint?: string | undefined;
  /** Paths of the values in the manifest that the user must fill in. */
  readonly missingReferenceValues: readonly string[];
  readonly workloads: readonly GeneratedWorkload[];
  /** Files that were written, in order. */
  readonly written: readonly string[];
  readonly warnings: readonly Problem[];
  /** The combined YAML when standard input was read and no output file was named. */
  readonly standardOutput: Iterable<string> | undefined;
}

/** A workload that has a policy now. */
export interface GeneratedWorkload {
  readonly file: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
  /** 64 hexadecimal digits, the identity of the workload: SHA-256 of the policy text, or host data of the initdata. */
  readonly policyHash: string;
  /** Of the initdata, where the workload has some. */
  readonly initdata?: InitdataDigests | undefined;
}
