import { expectedCoordinatorPolicy } from "./coordinator-policy-defaults.ts";
import { type Platform, PLATFORMS } from "./platforms.ts";
import { embeddedReferenceValues, type ReferenceValuesTable } from "./reference-values-table.ts";
import { parseRuntimeHandler } from "./runtime-handler.ts";
import type { Manifest, ReferenceValues } from "./schema.ts";

/** A Coordinator that was released with this program. */
export interface ReleasedPolicy {
  /** 64 lower-case hexadecimal digits. */
  readonly hash: string;
  /** Display forms of the platforms that it is for. */
  readonly platforms: readonly string[];
}

/**
 * The released Coordinators that the manifest's hosts can run, told by its launch measurements; where none is one of
 * this program, by the kind of hardware.
 *
 * @param hashOf gives the released hash of a platform
 * @returns one entry for each different hash
 */
export function releasedCoordinatorPolicies(
  manifest: Manifest,
  hashOf: (platform: Platform) => string | undefined = expectedCoordinatorPolicy,
  table: ReferenceValuesTable = embeddedReferenceValues(),
): readonly ReleasedPolicy[] {
  const trusted = measurementsOf(manifest.referenceValues);
  const measured = [...table]
    .filter(([, values]) => [...measurementsOf(values)].some((measurement) => trusted.has(measurement)))
    .map(([handler]) => parseRuntimeHandler(handler).platform);
  const candidates = measured.length > 0 ? measured : PLATFORMS.filter((platform) => trusts(manifest, platform));
  const byHash = new Map<string, string[]>();
  for (const platform of candidates) {
    const hash = hashOf(platform);
    if (hash !== undefined) byHash.set(hash, [...(byHash.get(hash) ?? []), platform.display]);
  }
  return [...byHash].map(([hash, platforms]) => ({ hash, platforms }));
}

function measurementsOf({ snp, tdx }: ReferenceValues): ReadonlySet<string> {
  return new Set(
    [...(snp ?? []).map(({ trustedMeasurement }) => trustedMeasurement), ...(tdx ?? []).map(({ mrTd }) => mrTd)].map(
      (measurement) => measurement.toLowerCase(),
    ),
  );
}

function trusts({ referenceValues }: Manifest, { tee }: Platform): boolean {
  return (referenceValues[tee] ?? []).length > 0;
}
