import { describe, expect, test } from "bun:test";
import { fillObserved } from "../../src/manifest/fill-observed.ts";
import { encodeManifest } from "../../src/manifest/manifest-json.ts";
import type { ObservedMachine } from "../../src/manifest/observed-machine.ts";
import type { Manifest } from "../../src/manifest/schema.ts";
import { TDX_DEFAULTS } from "../fakes/manifests.ts";
import { changedManifest, type PlainManifest, type PlainSnp } from "../fakes/plain-manifest.ts";

const MEASUREMENT = "0a".repeat(48);

const MILAN: ObservedMachine = {
  tee: "snp",
  product: "Milan",
  tcb: { fmc: undefined, bootloader: 4, tee: 0, snp: 24, microcode: 219 },
  measurementHex: MEASUREMENT,
};

const TDX: ObservedMachine = {
  tee: "tdx",
  mrTdHex: "0b".repeat(48),
  mrSeamHex: "0c".repeat(48),
  teeTcbSvnHex: "0d".repeat(16),
  qeSvn: 0,
  pceSvn: 0,
};

function manifestWith(referenceValues: PlainManifest["ReferenceValues"]): Manifest {
  return changedManifest((manifest) => (manifest.ReferenceValues = referenceValues));
}

const EMPTY_TCB = { BootloaderVersion: null, TEEVersion: null, SNPVersion: null, MicrocodeVersion: null };
const snp = (change: Partial<PlainSnp> = {}): PlainSnp => ({
  MinimumTCB: EMPTY_TCB,
  ProductName: "Milan",
  TrustedMeasurement: "ff".repeat(48),
  ...change,
});

const pathsOf = (manifest: Manifest, machine: ObservedMachine): readonly string[] =>
  fillObserved(manifest, machine).filled.map(({ path, value }) => `${path}=${value}`);

describe("fillObserved()", () => {
  test("fills the empty parts of the entry of the machine's product, and only those", () => {
    const manifest = manifestWith({
      snp: [snp({ ProductName: "Genoa" }), snp({ MinimumTCB: { ...EMPTY_TCB, SNPVersion: 3 } })],
    });
    const { filled, manifest: after } = fillObserved(manifest, MILAN);
    expect(filled.map(({ path, value }) => `${path}=${value}`)).toEqual([
      "ReferenceValues.snp[1].MinimumTCB.BootloaderVersion=4",
      "ReferenceValues.snp[1].MinimumTCB.TEEVersion=0",
      "ReferenceValues.snp[1].MinimumTCB.MicrocodeVersion=219",
    ]);
    expect(after.referenceValues.snp?.map(({ minimumTcb }) => minimumTcb.snpVersion)).toEqual([null, 3]);
    expect(encodeManifest(after)).toContain('"MicrocodeVersion": 219');
  });

  test("changes nothing else of the manifest", () => {
    const manifest = manifestWith({ snp: [snp()] });
    const { manifest: after } = fillObserved(manifest, MILAN);
    const restored = encodeManifest(after).replace(/(Version": )\d+/g, "$1null");
    expect(restored).toBe(encodeManifest(manifest));
  });

  test("never fills a measurement", () => {
    const manifest = manifestWith({ snp: [snp({ TrustedMeasurement: "deadbeef".repeat(12) })] });
    expect(fillObserved(manifest, MILAN).manifest.referenceValues.snp?.[0]?.trustedMeasurement).toBe(
      "deadbeef".repeat(12),
    );
    const tdx = manifestWith({ tdx: [TDX_DEFAULTS] });
    expect(fillObserved(tdx, TDX).manifest.referenceValues.tdx?.[0]?.mrTd).toBe(TDX_DEFAULTS.MrTd);
  });

  test("leaves a manifest alone that has no entry for the machine", () => {
    expect(pathsOf(manifestWith({ snp: [snp({ ProductName: "Genoa" })] }), MILAN)).toEqual([]);
    expect(pathsOf(manifestWith({ snp: [snp()] }), TDX)).toEqual([]);
    expect(pathsOf(manifestWith({ tdx: [TDX_DEFAULTS] }), MILAN)).toEqual([]);
  });

  test("of several entries for the product fills those that expect the guest which runs there", () => {
    const expecting = snp({ TrustedMeasurement: MEASUREMENT.toUpperCase() });
    expect(pathsOf(manifestWith({ snp: [snp(), expecting] }), MILAN).every((path) => path.includes("snp[1]"))).toBe(
      true,
    );
    expect(pathsOf(manifestWith({ snp: [snp(), expecting] }), MILAN)).toHaveLength(4);
    expect(pathsOf(manifestWith({ snp: [snp(), snp()] }), MILAN)).toEqual([]);
  });

  test("fills what generate leaves empty for TDX, and a missing SVN", () => {
    const manifest = manifestWith({ tdx: [{ ...TDX_DEFAULTS, MinimumQeSvn: null }] });
    expect(pathsOf(manifest, TDX)).toEqual([
      "ReferenceValues.tdx[0].MinimumQeSvn=0",
      `ReferenceValues.tdx[0].MinimumTeeTcbSvn=${"0d".repeat(16)}`,
      `ReferenceValues.tdx[0].MrSeam=${"0c".repeat(48)}`,
    ]);
  });
});
