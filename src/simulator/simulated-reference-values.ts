import type { JsonObject } from "../lib/json.ts";
import { snpReferenceValues } from "./amd/snp-reference-values.ts";
import { NEW_MACHINE_TCBS } from "./amd/snp-parts.ts";
import { createTdxMachine } from "./intel/tdx-machine.ts";
import { createTdxParts } from "./intel/tdx-parts.ts";

/**
 * The member `ReferenceValues` of a manifest that trusts the simulated guest image on new machines of a kind, without
 * values that somebody has to fill in. No hardware measures what it names.
 *
 * @param now only has to be a time; nothing of it is in the result
 */
export function simulatedReferenceValues(tee: "snp" | "tdx", now: Date): JsonObject {
  if (tee === "tdx") return createTdxMachine("tdx", createTdxParts(now)).referenceValues();
  return { snp: (["Milan", "Genoa"] as const).map((name) => snpReferenceValues(name, NEW_MACHINE_TCBS[name])) };
}
