import { ContrastError } from "../lib/errors.ts";
import { parseReferenceValuesByHandler } from "./manifest-json.ts";
import type { Platform } from "./platforms.ts";
import embedded from "./reference-values.json" with { type: "json" };
import { parseRuntimeHandler } from "./runtime-handler.ts";
import type { ReferenceValues } from "./schema.ts";

/** Reference values by runtime handler name. */
export type ReferenceValuesTable = ReadonlyMap<string, ReferenceValues>;

/** What the table has for one platform. */
export interface PlatformDefaults {
  readonly handler: string;
  readonly referenceValues: ReferenceValues;
}

/** The table that is part of the program; `scripts/reference-values.ts` makes it. */
export function embeddedReferenceValues(): ReferenceValuesTable {
  return parseReferenceValuesTable(new TextEncoder().encode(JSON.stringify(embedded)), "embedded reference values");
}

/**
 * Reads a table from a file of the same form: a JSON object from handler name to reference values, field names in any
 * letter case. Platforms that this version does not know are left out.
 *
 * @param what named in messages, such as `reference values file "values.json"`
 * @throws ContrastError `lib/text-not-utf8`, `lib/json-invalid`, `manifest/handler-invalid`
 * @throws ProblemsError `lib/json-wrong-type`, `lib/json-out-of-range`
 */
export function parseReferenceValuesTable(bytes: Uint8Array, what: string): ReferenceValuesTable {
  const table = new Map<string, ReferenceValues>();
  for (const [handler, values] of parseReferenceValuesByHandler(bytes, what)) {
    if (platformOf(handler) !== undefined) table.set(handler, values);
  }
  return table;
}

/**
 * Finds the handler and the reference values of a platform.
 *
 * @throws ContrastError `manifest/platform-without-values`, `manifest/handler-ambiguous`
 */
export function platformDefaults(table: ReferenceValuesTable, platform: Platform): PlatformDefaults {
  const [first, second] = [...table].filter(([handler]) => platformOf(handler)?.name === platform.name);
  if (first === undefined) {
    throw new ContrastError(
      "manifest/platform-without-values",
      `no embedded reference values found for platform: ${platform.display}`,
      { hint: "Give a table that has an entry for the platform with --reference-values-file." },
    );
  }
  const [handler, referenceValues] = first;
  if (second !== undefined) {
    throw new ContrastError(
      "manifest/handler-ambiguous",
      `Cannot choose runtime handler of ${platform.display}: got "${handler}" and "${second[0]}", need one`,
      { hint: "Remove all but one entry of the platform from the reference values file." },
    );
  }
  return { handler, referenceValues };
}

/** Newer tables may know platforms that we do not; a name that is no handler name at all is an error. */
function platformOf(handler: string): Platform | undefined {
  try {
    return parseRuntimeHandler(handler).platform;
  } catch (error) {
    if (error instanceof ContrastError && error.code === "manifest/platform-unknown") return undefined;
    throw error;
  }
}
