import type { EvidenceField } from "../attestation/describe-evidence.ts";

/** Fields of evidence below each other, one on a line. */
export function fieldLines(fields: readonly EvidenceField[]): readonly string[] {
  const width = Math.max(0, ...fields.map(({ name }) => name.length));
  return fields.map(({ name, value, meaning }) => {
    const words = meaning === undefined ? "" : `  (${meaning})`;
    return `  ${name.padEnd(width)}  ${value}${words}`;
  });
}
