import type { EvidenceField } from "../../attestation/describe-evidence.ts";
import { wrapText } from "../../terminal/wrap-text.ts";

/** Longer lines are broken; values alone, such as digests, stay whole. */
const MAX_WIDTH = 110;

/** Fields of evidence below each other, one on a line, with what a value means beside it or below it. */
export function fieldLines(fields: readonly EvidenceField[]): readonly string[] {
  const width = Math.max(0, ...fields.map(({ name }) => name.length));
  return fields.flatMap(({ name, value, meaning }) => {
    const line = `  ${name.padEnd(width)}  ${value}`;
    if (meaning === undefined) return [line];
    const whole = `${line}  (${meaning})`;
    if (whole.length <= MAX_WIDTH) return [whole];
    const indent = " ".repeat(width + 4);
    return [line, ...wrapText(`(${meaning})`, MAX_WIDTH - indent.length).map((words) => indent + words)];
  });
}
