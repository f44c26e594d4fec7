import * as v from "valibot";
import defaults from "./coordinator-policy-defaults.json" with { type: "json" };
import type { Platform } from "./platforms.ts";

// By display form. Release builds fill the table; a development build has no released Coordinator to expect.
const table = v.parse(v.record(v.string(), v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))), defaults);

/**
 * The policy hash of the Coordinator that was released with this program for a platform.
 *
 * @returns 64 lower-case hexadecimal digits, or undefined in a build that released none
 */
export function expectedCoordinatorPolicy(platform: Platform): string | undefined {
  return Object.hasOwn(table, platform.display) ? table[platform.display] : undefined;
}
