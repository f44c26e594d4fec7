import type { Tables } from "../../generate/manifest-inputs.ts";
import { isPlaceholderMeasurement } from "../../manifest/placeholder-measurement.ts";
import type { Platform } from "../../manifest/platforms.ts";
import { parseRuntimeHandler } from "../../manifest/runtime-handler.ts";
import {
  type ReferenceValues,
  runtimeMeasurements,
  runtimeMeasurementsKey,
  type SnpReferenceValues,
  type TdxReferenceValues,
} from "../../manifest/schema.ts";
import type { Examination } from "../examination.ts";
import type { OwnManifest } from "./check-manifest.ts";

const OBSERVE_HINT = 'Let "contrast manifest observe -c HOST:PORT --write" take the values of the machine.';
/** TUD of the TD attributes: any bit of the first byte makes the TD untrusted. */
const TDX_DEBUG = /^(?!00)[0-9a-f]{2}/i;

/** Looks at reference values that are well-formed, but hardly what somebody wants. */
export function checkReferenceValues(own: OwnManifest, examination: Examination): void {
  const { path: file, manifest } = own;
  const { snp, tdx } = manifest.referenceValues;
  snp?.forEach((entry, index) => checkSnp(entry, file, `ReferenceValues.snp[${index}]`, examination));
  tdx?.forEach((entry, index) => checkTdx(entry, file, `ReferenceValues.tdx[${index}]`, examination));
  examination.conclude("manifest.observation", "no value is one that no machine has");
  examination.conclude("manifest.debug", "no entry allows debugging");
}

function checkSnp({ minimumTcb, guestPolicy }: SnpReferenceValues, file: string, path: string, to: Examination): void {
  const { bootloaderVersion, teeVersion, snpVersion, microcodeVersion } = minimumTcb;
  if ([bootloaderVersion, teeVersion, snpVersion, microcodeVersion].every((version) => version === 255)) {
    to.error("manifest.observation", {
      file,
      path: `${path}.MinimumTCB`,
      message: "all versions are 255, which no machine reaches: every host is refused",
      hint: OBSERVE_HINT,
    });
  }
  if (guestPolicy?.debug === true) reportDebug(file, `${path}.GuestPolicy.Debug`, to);
}

function checkTdx(entry: TdxReferenceValues, file: string, path: string, to: Examination): void {
  const refused = (member: string, fact: string): void =>
    to.error("manifest.observation", {
      file,
      path: `${path}.${member}`,
      message: `${fact}, which no machine has: every host is refused`,
      hint: OBSERVE_HINT,
    });
  if (/^f{32}$/i.test(entry.minimumTeeTcbSvn)) refused("MinimumTeeTcbSvn", "all versions are 255");
  if (/^0{96}$/.test(entry.mrSeam)) refused("MrSeam", "the value is all zeros");
  if (TDX_DEBUG.test(entry.tdAttributes)) reportDebug(file, `${path}.TdAttributes`, to);
}

function reportDebug(file: string, path: string, to: Examination): void {
  to.warn("manifest.debug", {
    file,
    path,
    message: "guests are trusted whose memory the host can read",
    hint: "Take the permission out, unless this deployment has nothing to protect.",
  });
}

/** Compares the trusted measurements with those that this program, or the user's table, has for the platform. */
export function checkMeasurements(
  { path: file, manifest }: OwnManifest,
  tables: Tables | undefined,
  platform: Platform | undefined,
  examination: Examination,
): void {
  const check = "manifest.measurements";
  if (tables === undefined || platform === undefined) {
    examination.skip(check, "the table or the platform is not known");
    return;
  }
  const [, values] =
    [...tables.referenceValues].find(([handler]) => parseRuntimeHandler(handler).platform.name === platform.name) ?? [];
  if (values === undefined) {
    examination.leave(check, `the table has no entry for ${platform.display}`);
    return;
  }
  const known = new Set(measurementsOf(values).map(({ hex }) => hex));
  if ([...known].every(isPlaceholderMeasurement)) {
    examination.leave(check, `this build ships no guest image for ${platform.display}, so it cannot tell`);
    return;
  }
  for (const { path, hex } of measurementsOf(manifest.referenceValues)) {
    if (known.has(hex) || hex === "" || isPlaceholderMeasurement(hex)) continue;
    examination.warn(check, {
      file,
      path,
      message: `the measurement is none of those of this version for ${platform.display}`,
      actual: hex,
      expected: [...known].join(" or "),
      hint: "Compute it from the guest image with contrast measure; if the image is that of this version, move the manifest away and run generate.",
    });
  }
  examination.conclude(check, `they are those of the guest image for ${platform.display}`);
}

function measurementsOf({ snp, tdx }: ReferenceValues): readonly { readonly path: string; readonly hex: string }[] {
  return [
    ...(snp ?? []).map((entry, index) => ({
      path: `ReferenceValues.snp[${index}].TrustedMeasurement`,
      hex: entry.trustedMeasurement.toLowerCase(),
    })),
    ...(tdx ?? []).flatMap((entry, index) => [
      { path: `ReferenceValues.tdx[${index}].MrTd`, hex: entry.mrTd.toLowerCase() },
      ...runtimeMeasurements(entry).map((hex, register) => ({
        path: `ReferenceValues.tdx[${index}].${runtimeMeasurementsKey(entry)}[${register}]`,
        hex: hex.toLowerCase(),
      })),
    ]),
  ];
}
