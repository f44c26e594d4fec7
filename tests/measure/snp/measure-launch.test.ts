import { describe, expect, test } from "bun:test";
import { sha256Bytes } from "../../../src/lib/digest.ts";
import { measureSnpLaunch, type SnpLaunch } from "../../../src/measure/snp/measure-launch.ts";
import { VCPU_TYPES, vcpuSignature } from "../../../src/measure/snp/vcpu-signature.ts";
import type { Vmm } from "../../../src/measure/snp/vmm.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { fakeImage, GUID, HASHES_AREA, numbers, SECTIONS, usualEntries } from "../../fakes/firmware-image.ts";

/** The digests are those of sev-snp-measure 0.0.13 for the same image; tests/interop compares more with it. */
const EPYC_V4 = vcpuSignature(VCPU_TYPES.get("EPYC-v4")!);
const FEATURE_SNP = 1n;

function launch(change: Partial<SnpLaunch> = {}): SnpLaunch {
  return {
    firmware: fakeImage(),
    vmm: "qemu",
    vcpuSignature: EPYC_V4,
    guestFeatures: FEATURE_SNP,
    vcpuCounts: [1],
    ...change,
  };
}

function digestsOf(change: Partial<SnpLaunch>): readonly string[] {
  return measureSnpLaunch(launch(change)).measurements.map(({ digest }) => digest.toHex());
}

function hashes(kernel: string, initrd: string, commandLine: string): NonNullable<SnpLaunch["hashes"]> {
  return { kernel: sha256Bytes(kernel), initrd: sha256Bytes(initrd), commandLine: sha256Bytes(`${commandLine}\0`) };
}

describe("measureSnpLaunch()", () => {
  test.each<[Vmm, string, string]>([
    [
      "qemu",
      "ad2f836f2cc0251c5e860d8e6cf28e9d73f892653565bc325c74d2527f245c0142550a77b6775c7059a7aa5f84a530db",
      "639d200bbd1e7d50acc80f14bd75aa236fd5625f5d5fa25086a1a65f1b4bb667c571dead238b8ce8295e1277e00e1c2a",
    ],
    [
      "ec2",
      "74d50233aac90a7ca392795f63676d765053bc231d660e31d406f6aa540597d9f00cf17a6b7ab92bfbce78c700b6d787",
      "b6e53348618846bd92950eaedd369e93c626e4c85544ae381cc2f26c790214a5bcd31270ff5476b7e1b31cdbf374d7dd",
    ],
    [
      "gce",
      "047b0f288ea460494c105635f85807fd56adc90bbd0333b669809f275907372c6672e5dec1e7a42165c67c0003b3d190",
      "34896d1deef1bd8cc1ef9f3e0f9ffe7111c9f2d57c49ad94d3ca20ca7ff4551a2a2ea903b2fd973209b035fd5139f6a3",
    ],
  ])("measures one and three processors of %s as the peer does", (vmm, one, three) => {
    expect(digestsOf({ vmm, vcpuCounts: [1, 3] })).toEqual([one, three]);
  });

  test.each([
    [
      hashes("kernel", "", ""),
      "13e8814575b3e7632541bbb145a2484097f9fe4c7003d7f1a89be65d5a31bcdf399ee02f7a39a4e7587904677c2d0236",
    ],
    [
      hashes("kernel", "initrd", "console=hvc0 ä"),
      "7a68df02b5abc19e07ea35a267736cde69b8717a6562e0b85487020ef59d9fd670de524e35fdfb098919523839bb6e92",
    ],
  ])("measures kernels as the peer does (%#)", (kernel, digest) => {
    expect(digestsOf({ hashes: kernel })).toEqual([digest]);
  });

  test("measures type and features of processors as the peer does", () => {
    const milan = vcpuSignature(VCPU_TYPES.get("EPYC-Milan")!);
    expect(digestsOf({ vcpuSignature: milan, guestFeatures: 0x21n })).toEqual([
      "c90eb7ff49765fe565cbb29b37e448bb8d952326053f9876178c182c38cf05219bd83fb4f0be4d05dcefc33502d629ac",
    ]);
  });

  test("goes on from a known digest of the firmware", () => {
    const { stages } = measureSnpLaunch(launch());
    const firmwareDigest = stages[0]!.digest;
    expect(firmwareDigest.toHex()).toBe(
      "8e102cb9d63e77e68365ae16c7c5ad2da5ac9598e7faa67db7e21cb79dce0c8531bda5c9aae8721c65079794deb07c73",
    );
    expect(digestsOf({ firmwareDigest })).toEqual(digestsOf({}));
  });

  test("names what was measured, in order", () => {
    const names = (vmm: Vmm): readonly string[] =>
      measureSnpLaunch(launch({ vmm, vcpuCounts: [2] })).stages.map(({ name }) => name);
    const processors = ["processor 0", "processor 1"];
    expect(names("qemu")).toEqual([
      "firmware",
      "memory",
      "secrets",
      "cpuid",
      "svsm-calling-area",
      "kernel-hashes",
      ...processors,
    ]);
    expect(names("ec2").slice(-3)).toEqual(["cpuid", ...processors]);
  });

  test("has another digest for every change of an input", () => {
    const digests = [
      digestsOf({}),
      digestsOf({ firmware: fakeImage({ pages: 3 }) }),
      digestsOf({ vcpuCounts: [2] }),
      digestsOf({ vcpuSignature: EPYC_V4 + 1 }),
      digestsOf({ guestFeatures: 3n }),
      digestsOf({ hashes: hashes("kernel", "", "") }),
      digestsOf({ hashes: hashes("other kernel", "", "") }),
      digestsOf({ hashes: hashes("kernel", "initrd", "") }),
      digestsOf({ hashes: hashes("kernel", "", " ") }),
      digestsOf({ firmwareDigest: new Uint8Array(48) }),
    ].flat();
    expect(new Set(digests).size).toBe(digests.length);
  });

  test.each([
    ["an area of no bytes", { entries: usualEntries().map(withArea(numbers(HASHES_AREA.address, 0))) }],
    ["an area at no address", { entries: usualEntries().map(withArea(numbers(0, 0x400))) }],
    ["no entry for the area", { entries: usualEntries().filter(({ guid }) => guid !== GUID.hashesArea) }],
    ["no section for the area", { sections: SECTIONS.slice(0, 4) }],
  ])("refuses a kernel where the firmware has %s", (_, fake) => {
    const firmware = fakeImage(fake);
    expect(codeOf(() => digestsOf({ firmware }))).toBe("no error, returned object");
    expect(codeOf(() => digestsOf({ firmware, hashes: hashes("", "", "") }))).toBe("measure/firmware-no-hashes-area");
  });

  const { address } = HASHES_AREA;
  test.each([
    ["is too small", numbers(address, 175)],
    ["is on another page", numbers(address + 0x1000, 0x400)],
    ["is in front of its page", numbers(address - 0x1000, 0x400)],
    ["ends behind its page", numbers(0x810f51, 0x400)],
    ["is described by more bytes", numbers(address, 0x400, 0)],
  ])("refuses a kernel where the area %s", (_, area) => {
    const firmware = fakeImage({ entries: usualEntries().map(withArea(area)) });
    expect(codeOf(() => digestsOf({ firmware, hashes: hashes("", "", "") }))).toBe("measure/firmware-metadata-invalid");
  });

  test.each([
    ["measure/firmware-not-snp", usualEntries().filter(({ guid }) => guid !== GUID.resetBlock)],
    [
      "measure/firmware-metadata-invalid",
      usualEntries().map((entry) => (entry.guid === GUID.resetBlock ? { ...entry, data: new Uint8Array(3) } : entry)),
    ],
  ])("refuses firmware without a start for further processors: %s", (code, entries) => {
    expect(codeOf(() => digestsOf({ firmware: fakeImage({ entries }) }))).toBe(code);
  });
});

function withArea(data: Uint8Array): (entry: ReturnType<typeof usualEntries>[number]) => typeof entry {
  return (entry) => (entry.guid === GUID.hashesArea ? { ...entry, data } : entry);
}
