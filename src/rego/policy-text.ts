import { ContrastError } from "../lib/errors.ts";

/** Largest policy text in characters; the engine of the guests refuses more than 16 MiB. */
const MAX_POLICY_LENGTH = 16 * 1024 * 1024;

/** Where generators write the data of a policy: the last thing of the text, at the beginning of a line. */
const DATA_MARKER = "\npolicy_data := ";

/** The two parts of a policy text, whoever wrote it. */
export interface PolicyText {
  /** Everything before the data; the whole text where there are no data. */
  readonly rulesText: string;
  /** What follows the last `policy_data := `, up to the end: JSON in every policy that a generator made; not checked. */
  readonly dataText: string | undefined;
}

/**
 * Splits a policy text into what its author wrote and what a generator appended.
 *
 *     <rules> "\n" "policy_data := " <data>
 *
 * @throws ContrastError `rego/policy-too-large`
 * @see kata-containers `src/tools/genpolicy/src/policy.rs`
 */
export function splitPolicyText(text: string): PolicyText {
  assertPolicySize(text);
  const start = text.lastIndexOf(DATA_MARKER);
  if (start === -1) return { rulesText: text, dataText: undefined };
  return { rulesText: text.slice(0, start), dataText: text.slice(start + DATA_MARKER.length) };
}

/**
 * Refuses a policy that no guest would load, before anything is built from it.
 *
 * @throws ContrastError `rego/policy-too-large`
 */
export function assertPolicySize(text: string): void {
  if (text.length <= MAX_POLICY_LENGTH) return;
  throw new ContrastError(
    "rego/policy-too-large",
    `Cannot read policy: got ${text.length} characters, limit ${MAX_POLICY_LENGTH}`,
    { hint: "Guests refuse policies of more than 16 MiB; remove data that the rules do not need." },
  );
}
