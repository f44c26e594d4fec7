import type { Obstacle } from "../check-row.ts";

/** Why a check that builds on another one could not be made. */
export function dependsOn(what: string): Obstacle {
  return { code: "snp/not-checked", reason: `${what} could not be used` };
}
