import { type ContrastError, messageOf } from "../../lib/errors.ts";
import type { Obstacle } from "../check-row.ts";
import type { Check } from "../verdict.ts";

/** What a step found out: a row of the verdict without its name. */
export type Finding = Omit<Check, "id" | "subject">;

/** One step of a verification: one row of the verdict. */
export interface Step<T> {
  /** Stable name of the row. */
  readonly id: string;
  /** What is checked, in the words of the specifications. */
  readonly subject: string;
  readonly judge: (value: T) => Finding;
}

/** What steps look at, or why there is nothing to look at: then every step has the same finding. */
export type Source<T> =
  { readonly ready: true; readonly value: T } | { readonly ready: false; readonly finding: Finding };

/** Runs every step, whatever the others found. */
export function judgeSteps<T>(steps: readonly Step<T>[], source: Source<T>): readonly Check[] {
  return steps.map(({ id, subject, judge }) => ({
    id,
    subject,
    ...(source.ready ? judge(source.value) : source.finding),
  }));
}

/** Whether no step of a list refused or lacked anything that makes the rest meaningless. */
export function noneFailed(checks: readonly Check[]): boolean {
  return checks.every(({ outcome }) => outcome !== "failed");
}

/** `passed` unless the call throws; the message of the error is the reason. */
export function judgedByCall(verify: () => void, obstacle: Obstacle): Finding {
  try {
    verify();
    return { outcome: "passed" };
  } catch (error) {
    return { outcome: "failed", ...obstacle, reason: obstacle.reason ?? messageOf(error) };
  }
}

/** Reads an error as finding of the step that it stopped. */
export function failedBy(error: ContrastError): Finding {
  return { outcome: "failed", code: error.code, reason: error.message, remedy: error.hint };
}
