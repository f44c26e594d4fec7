/**
 * Stands where a launch measurement would be if this build shipped a guest image for the platform. No hardware ever
 * reports it, since measurements are SHA-384 digests; `validateManifest` names every place that still has it.
 */
export const PLACEHOLDER_MEASUREMENT = "deadbeef".repeat(12);

/** Whether a manifest value is the stand-in for a measurement that this build does not have. */
export function isPlaceholderMeasurement(hex: string): boolean {
  return hex.toLowerCase() === PLACEHOLDER_MEASUREMENT;
}
