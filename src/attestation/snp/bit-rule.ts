import { judgedRow, type Obstacle, type Row } from "../check-row.ts";
import type { Check } from "../verdict.ts";

/** What is demanded of one bit of a report. */
export interface BitRule<Bit extends string> {
  readonly bit: Bit;
  /** Of its row. */
  readonly id: string;
  /** As the specification writes it. */
  readonly subject: string;
  readonly manifestKey: string;
  /** `allowed`: set only where the expectation has it; `required`: set wherever the expectation has it. */
  readonly rule: "allowed" | "required";
}

/**
 * Judges one bit.
 *
 * @param row what is shown beside both values
 */
export function checkBit<Bit extends string>(
  { bit, id, rule }: BitRule<Bit>,
  actual: Readonly<Record<Bit, boolean>>,
  wanted: Readonly<Record<Bit, boolean>>,
  row: Pick<Row, "subject" | "meaning" | "source">,
  obstacle: Obstacle,
): Check {
  const isGood = rule === "allowed" ? wanted[bit] || !actual[bit] : actual[bit] || !wanted[bit];
  const isFree = wanted[bit] === (rule === "allowed");
  const expected = isFree ? "any" : String(wanted[bit]);
  return judgedRow({ ...row, id, expected, actual: String(actual[bit]) }, isGood, obstacle);
}
