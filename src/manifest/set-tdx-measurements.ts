import { ContrastError } from "../lib/errors.ts";
import { type Manifest, runtimeMeasurementsKey, type TdxReferenceValues } from "./schema.ts";
import type { MeasuredManifest } from "./set-snp-measurements.ts";

/**
 * Sets MrTd and Rtrms (or Rtmrs, where the entry calls them so) of all TDX entries; everything else of them stays.
 *
 * @param mrTdHex 96 lower-case hexadecimal digits, as each of `rtmrsHex` (RTMR0 to RTMR3)
 * @throws ContrastError `manifest/measured-entry-missing`
 */
export function setTdxMeasurements(
  manifest: Manifest,
  mrTdHex: string,
  rtmrsHex: readonly [string, string, string, string],
): MeasuredManifest {
  const entries = manifest.referenceValues.tdx ?? [];
  if (entries.length === 0) {
    throw new ContrastError("manifest/measured-entry-missing", "Cannot set measurements: no TDX entry", {
      hint: 'Let "contrast generate --reference-values PLATFORM" make the manifest for such machines.',
    });
  }
  const set = entries.flatMap((entry, index) => [
    { path: `ReferenceValues.tdx[${index}].MrTd`, value: mrTdHex },
    ...rtmrsHex.map((value, register) => ({
      path: `ReferenceValues.tdx[${index}].${runtimeMeasurementsKey(entry)}[${register}]`,
      value,
    })),
  ]);
  const tdx = entries.map((entry): TdxReferenceValues => {
    const key = runtimeMeasurementsKey(entry) === "Rtmrs" ? "rtmrs" : "rtrms";
    return { ...entry, mrTd: mrTdHex, [key]: rtmrsHex };
  });
  return { manifest: { ...manifest, referenceValues: { ...manifest.referenceValues, tdx } }, set };
}
