import type { ErrorCode } from "../lib/error-codes.ts";
import type { CollateralOrigin } from "./collateral-need.ts";

/**
 * How one check went.
 *
 * - `passed`: checked and good
 * - `failed`: checked and refused
 * - `unknown`: could not be checked, because something is missing or too old
 * - `waived`: not checked because the user said so
 * - `not-judged`: shown for information; nothing was expected of it
 */
export type CheckOutcome = "passed" | "failed" | "unknown" | "waived" | "not-judged";

/** One row of a verdict: one field or one step. */
export interface Check {
  /** Stable name, unique in its group, such as `measurement` or `tcb.microcode`; lower case, parts joined by dots. */
  readonly id: string;
  /** What was checked, in the words of the specifications, such as `MEASUREMENT (launch digest)`. */
  readonly subject: string;
  readonly outcome: CheckOutcome;
  readonly expected?: string | undefined;
  readonly actual?: string | undefined;
  /** What the actual value means, such as `debugging allowed`. */
  readonly meaning?: string | undefined;
  /** Where the expectation comes from, such as `ReferenceValues.snp[0].TrustedMeasurement`. */
  readonly source?: string | undefined;
  /** Why, for `failed` and `unknown`; explained by `contrast help CODE`. */
  readonly code?: ErrorCode | undefined;
  /** The fact behind `failed`, `unknown` or `waived`, in one sentence without final period. */
  readonly reason?: string | undefined;
  /** What to do about it, one imperative sentence. */
  readonly remedy?: string | undefined;
}

/** Checks that stand or fall together: the authenticity of the evidence, or one entry of the reference values. */
export interface CheckGroup {
  /** `authenticity`, `request` (report data and host data that the caller expects), or such as `snp-0-MILAN`. */
  readonly name: string;
  readonly checks: readonly Check[];
}

/** A signed object that a verification looked at beside the evidence itself, and where it came from. */
export interface CollateralUse {
  /** Such as `VCEK` or `AMD CRL for Genoa`. */
  readonly name: string;
  /** The vendor's own address; undefined for what is part of the evidence. */
  readonly url: string | undefined;
  readonly origin: CollateralOrigin;
  /** When it was fetched from its vendor; undefined where that is not known. */
  readonly fetchedAt: Date | undefined;
  /** Why an old copy had to do. */
  readonly note: string | undefined;
  /** The time that it states for itself; undefined where it names none, or cannot be read. */
  readonly notBefore: Date | undefined;
  readonly notAfter: Date | undefined;
}

/** What all checks of a group together say; `waived` and `not-judged` change nothing. */
export type GroupOutcome = "passed" | "failed" | "unknown";

/** A value that the checks of a verdict accepted. Only `concludeVerdict` makes one out of something unverified. */
export type Verified<T> = VerifiedValue<T>;

class VerifiedValue<T> {
  // A private member makes the type nominal: nothing else can be passed where a verified value is wanted.
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value. */
  get value(): T {
    return this.#value;
  }
}

/** The answer about one piece of evidence, with every reason. */
export type Verdict<T> = VerdictGroups &
  (
    | { readonly outcome: "accepted"; readonly evidence: Verified<T> }
    | { readonly outcome: "rejected" }
    /** Nothing was refused, but something could not be checked. */
    | { readonly outcome: "unknown" }
  );

interface VerdictGroups {
  /** Groups that must all pass: `authenticity` and, if the caller expects something of its own, `request`. */
  readonly required: readonly CheckGroup[];
  /** Reference values, of which one entry must pass as a whole; undefined where only `required` is judged. */
  readonly alternatives: readonly CheckGroup[] | undefined;
  /** The time that validity was judged at; added by `judgeEvidence`. */
  readonly at?: Date | undefined;
  /** Provenance of what the checks used; added by `judgeEvidence`. */
  readonly collateral?: readonly CollateralUse[] | undefined;
}

/** `failed` if any check failed, else `unknown` if any could not be made, else `passed`. */
export function groupOutcome(group: CheckGroup): GroupOutcome {
  const outcomes = group.checks.map(({ outcome }) => outcome);
  if (outcomes.includes("failed")) return "failed";
  return outcomes.includes("unknown") ? "unknown" : "passed";
}

/** Whether all groups that are required passed: only then the values of the evidence are more than somebody's word. */
export function isProven(required: readonly CheckGroup[]): boolean {
  return required.every((group) => group.checks.length > 0 && groupOutcome(group) === "passed");
}

/**
 * Decides once over all checks: accepted if every required group passed and, where there are alternatives, at least one
 * of them. An empty group or an empty list of alternatives accepts nothing. Where the required groups did not pass, the
 * alternatives lose their remedies: these tell how to make the manifest fit, and the evidence may be forged for that.
 *
 * @param evidence what becomes `Verified` if everything passed
 */
export function concludeVerdict<T>(
  evidence: T,
  required: readonly [CheckGroup, ...CheckGroup[]],
  entries: readonly CheckGroup[] | undefined,
): Verdict<T> {
  const alternatives = isProven(required) ? entries : entries?.map(withoutRemedies);
  const outcomes = required.map((group) => (group.checks.length === 0 ? "failed" : groupOutcome(group)));
  if (alternatives !== undefined) outcomes.push(bestOutcome(alternatives));
  if (outcomes.includes("failed")) return { outcome: "rejected", required, alternatives };
  if (outcomes.includes("unknown")) return { outcome: "unknown", required, alternatives };
  return { outcome: "accepted", evidence: new VerifiedValue(evidence), required, alternatives };
}

/** The same verdict about the same evidence in another wrapping, such as SNP evidence as one of two kinds. */
export function mapVerdict<A, B>(verdict: Verdict<A>, map: (evidence: A) => B): Verdict<B> {
  if (verdict.outcome !== "accepted") return verdict;
  return { ...verdict, evidence: new VerifiedValue(map(verdict.evidence.value)) };
}

/** The verdict about bytes that are not judged any further, as when they cannot be read: one failed row. */
export function refuseUnjudged(check: Omit<Check, "outcome">): Verdict<never> {
  return {
    outcome: "rejected",
    required: [{ name: "evidence", checks: [{ ...check, outcome: "failed" }] }],
    alternatives: undefined,
  };
}

function withoutRemedies({ name, checks }: CheckGroup): CheckGroup {
  return { name, checks: checks.map((check) => ({ ...check, remedy: undefined })) };
}

function bestOutcome(alternatives: readonly CheckGroup[]): GroupOutcome {
  const outcomes = alternatives.map((group) => (group.checks.length === 0 ? "failed" : groupOutcome(group)));
  if (outcomes.includes("passed")) return "passed";
  return outcomes.includes("unknown") ? "unknown" : "failed";
}
