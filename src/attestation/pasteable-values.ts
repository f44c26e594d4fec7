import type { CheckGroup } from "./verdict.ts";

/** Minima of an entry, such as `ReferenceValues.snp[0].MinimumTCB.SNPVersion`. */
const MINIMUM = /^(ReferenceValues\.snp\[\d+\]\.MinimumTCB)\.([A-Za-z]+)$/;

/**
 * Minima that a machine missed, with its own values, as they stand in a manifest: a line for people, then members of
 * JSON. Of a value that is stated twice the lower one is taken. Measurements are never offered: whether the right guest
 * runs there is not for the machine to say.
 *
 * @returns no lines where no minimum was missed
 */
export function pasteableValues({ checks }: CheckGroup): readonly string[] {
  const found = new Map<string, number>();
  let place = "";
  for (const { outcome, source, actual } of checks) {
    const [, object, member] = MINIMUM.exec(source ?? "") ?? [];
    if (outcome !== "failed" || object === undefined || member === undefined) continue;
    place = object;
    found.set(member, Math.min(Number(actual), found.get(member) ?? Infinity));
  }
  if (found.size === 0) return [];
  const members = [...found].map(([member, value]) => `  "${member}": ${value}`);
  return [`What this machine has, for ${place} in the manifest:`, ...members.join(",\n").split("\n")];
}
