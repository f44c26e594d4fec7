import { describe, expect, test } from "bun:test";
import { encodeManifest, parseManifest } from "../../src/manifest/manifest-json.ts";
import type { Manifest } from "../../src/manifest/schema.ts";
import { setSnpMeasurements } from "../../src/manifest/set-snp-measurements.ts";
import { codeOf } from "../fakes/error-code.ts";

const [A, B, C] = ["aa", "bb", "cc"].map((byte) => byte.repeat(48)) as [string, string, string];

function manifestOf(...products: readonly string[]): Manifest {
  const snp = products.map((ProductName, index) => ({
    MinimumTCB: { BootloaderVersion: index, TEEVersion: 0, SNPVersion: 8, MicrocodeVersion: 115 },
    ProductName,
    TrustedMeasurement: "00",
    FromLater: index,
  }));
  const text = JSON.stringify({ Policies: {}, ReferenceValues: { snp }, SeedshareOwnerPubKeys: null });
  return parseManifest(new TextEncoder().encode(text), "manifest");
}

function measured(manifest: Manifest): readonly string[] {
  return (manifest.referenceValues.snp ?? []).map(
    ({ productName, trustedMeasurement, minimumTcb }) =>
      `${productName} ${minimumTcb.bootloaderVersion} ${trustedMeasurement.slice(0, 2)}`,
  );
}

describe("setSnpMeasurements()", () => {
  test("sets one measurement in all entries of the product", () => {
    const { manifest, set } = setSnpMeasurements(manifestOf("Milan", "Genoa", "Milan"), "Milan", [A]);
    expect(measured(manifest)).toEqual(["Milan 0 aa", "Genoa 1 00", "Milan 2 aa"]);
    expect(set).toEqual([
      { path: "ReferenceValues.snp[0].TrustedMeasurement", value: A },
      { path: "ReferenceValues.snp[2].TrustedMeasurement", value: A },
    ]);
  });

  test("repeats a single entry for several measurements", () => {
    const { manifest, set } = setSnpMeasurements(manifestOf("Milan", "Genoa"), "Milan", [A, B, C]);
    expect(measured(manifest)).toEqual(["Milan 0 aa", "Milan 0 bb", "Milan 0 cc", "Genoa 1 00"]);
    expect(set.map(({ path }) => path)).toEqual([0, 1, 2].map((at) => `ReferenceValues.snp[${at}].TrustedMeasurement`));
  });

  test("gives as many entries their measurements in order", () => {
    const { manifest } = setSnpMeasurements(manifestOf("Milan", "Genoa", "Milan"), "Milan", [A, B]);
    expect(measured(manifest)).toEqual(["Milan 0 aa", "Genoa 1 00", "Milan 2 bb"]);
  });

  test("changes nothing else, also nothing of later versions", () => {
    const before = manifestOf("Milan", "Genoa");
    const { manifest } = setSnpMeasurements(before, "Genoa", [A]);
    const lines = encodeManifest(before).split("\n");
    const changed = encodeManifest(manifest)
      .split("\n")
      .filter((line, index) => line !== lines[index]);
    expect(changed.map((line) => line.trim().slice(0, 26))).toEqual([`"TrustedMeasurement": "${A.slice(0, 3)}`]);
    expect(encodeManifest(manifest)).toContain("FromLater");
  });

  test("refuses a product that the manifest does not have", () => {
    expect(codeOf(() => setSnpMeasurements(manifestOf("Milan"), "Genoa", [A]))).toBe("manifest/measured-entry-missing");
    expect(codeOf(() => setSnpMeasurements(manifestOf(), "Genoa", [A]))).toBe("manifest/measured-entry-missing");
  });

  test("refuses to guess which measurement is whose", () => {
    const manifest = manifestOf("Milan", "Milan");
    expect(codeOf(() => setSnpMeasurements(manifest, "Milan", [A, B, C]))).toBe("manifest/measured-entry-ambiguous");
  });
});
