import { describe, expect, test } from "bun:test";
import type { Evidence } from "../../../src/attestation/evidence.ts";
import { snpEvidenceFromReport } from "../../../src/attestation/snp/snp-evidence.ts";
import { tdxEvidenceFromQuote } from "../../../src/attestation/tdx/tdx-evidence.ts";
import { claimExtensions, workloadSecretIdExtension } from "../../../src/coordinator/ca/claims.ts";
import { derBoolean, derInteger, derOctetString } from "../../../src/pki/der-writer.ts";
import { amdChip } from "../../fakes/amd-chip.ts";
import { createIntelPlatform } from "../../fakes/intel-platform.ts";
import { tdxVectors } from "../../fakes/tdx-vectors.ts";

/** Arc, how its value is written, and that value's place in the raw evidence: the tables of the reference, read anew. */
type Place = readonly [arc: number, kind: "uint" | "bytes", offset: number, size: number];

const tcb = (offset: number, [bootloader, tee, snp, microcode]: readonly [number, number, number, number]): Place[] => [
  [bootloader, "uint", offset, 1],
  [tee, "uint", offset + 1, 1],
  [snp, "uint", offset + 6, 1],
  [microcode, "uint", offset + 7, 1],
];

function expected(base: string, raw: Uint8Array, places: readonly Place[]): readonly string[] {
  return places.map(([arc, kind, offset, size]) => {
    const bytes = raw.slice(offset, offset + size);
    const value =
      kind === "bytes" ? derOctetString(bytes) : derInteger(BigInt(`0x${bytes.slice().toReversed().toHex()}`));
    return `${base}.${arc} ${value.toHex()}`;
  });
}

const written = (evidence: Evidence): readonly string[] =>
  claimExtensions(evidence).map(
    ({ oid, critical, value }) => `${oid}${critical === true ? " critical" : ""} ${value.toHex()}`,
  );

const SNP = "1.3.9901.2.1";
const TDX = "1.3.9901.2.2";
const SNP_BEFORE_FLAGS: readonly Place[] = [
  [1, "uint", 0x00, 4],
  [2, "uint", 0x04, 4],
  [3, "uint", 0x09, 1],
  [4, "uint", 0x08, 1],
];
const SNP_IDENTITY: readonly Place[] = [
  [9, "bytes", 0x10, 16],
  [10, "bytes", 0x20, 16],
  [11, "uint", 0x30, 4],
  ...tcb(0x38, [12, 14, 13, 15]),
];
const SNP_AFTER_FLAGS: readonly Place[] = [
  [21, "bytes", 0x50, 64],
  [22, "bytes", 0x90, 48],
  [23, "bytes", 0xc0, 32],
  [24, "bytes", 0xe0, 48],
  [25, "bytes", 0x110, 48],
  [26, "bytes", 0x140, 32],
  [27, "bytes", 0x160, 32],
  ...tcb(0x180, [28, 30, 29, 31]),
  [32, "bytes", 0x1a0, 64],
  ...tcb(0x1e0, [33, 35, 34, 36]),
  [37, "uint", 0x1e8, 1],
  [38, "uint", 0x1e9, 1],
  [39, "uint", 0x1ea, 1],
  [40, "uint", 0x1ec, 1],
  [41, "uint", 0x1ed, 1],
  [42, "uint", 0x1ee, 1],
  ...tcb(0x1f0, [43, 45, 44, 46]),
];

function expectedSnp(raw: Uint8Array): readonly string[] {
  const flag = (arc: number, offset: number, bit: number): string =>
    `${SNP}.${arc} ${derBoolean(((raw[offset]! >> bit) & 1) === 1).toHex()}`;
  return [
    ...expected(SNP, raw, SNP_BEFORE_FLAGS),
    flag(7, 0x0a, 0),
    flag(6, 0x0a, 2),
    flag(5, 0x0a, 3),
    flag(8, 0x0a, 4),
    ...expected(SNP, raw, SNP_IDENTITY),
    flag(16, 0x40, 0),
    flag(17, 0x40, 1),
    `${SNP}.20 ${derInteger(BigInt((raw[0x48]! >> 2) & 7)).toHex()}`,
    flag(18, 0x48, 0),
    flag(19, 0x48, 1),
    ...expected(SNP, raw, SNP_AFTER_FLAGS),
  ];
}

/** A quote of version 4; what follows the QE authentication data depends on its size. */
function expectedTdx(raw: Uint8Array): readonly string[] {
  const view = new DataView(raw.buffer, raw.byteOffset);
  const authSize = view.getUint16(0x302 + 0x1c0, true);
  const chain = 0x302 + 0x1c2 + authSize;
  const chainSize = view.getUint32(chain + 2, true);
  const body = 0x30;
  const qe = 0x302;
  return expected(TDX, raw, [
    [1, "uint", 0x00, 2],
    [2, "uint", 0x02, 2],
    [3, "uint", 0x04, 4],
    [4, "bytes", 0x0a, 2],
    [5, "bytes", 0x08, 2],
    [6, "bytes", 0x0c, 16],
    [7, "bytes", 0x1c, 20],
    [8, "bytes", body, 16],
    [9, "bytes", body + 0x10, 48],
    [10, "bytes", body + 0x40, 48],
    [11, "bytes", body + 0x70, 8],
    [12, "bytes", body + 0x78, 8],
    [13, "bytes", body + 0x80, 8],
    [14, "bytes", body + 0x88, 48],
    [15, "bytes", body + 0xb8, 48],
    [16, "bytes", body + 0xe8, 48],
    [17, "bytes", body + 0x118, 48],
    [18, "bytes", body + 0x148, 48],
    [19, "bytes", body + 0x178, 48],
    [20, "bytes", body + 0x1a8, 48],
    [21, "bytes", body + 0x1d8, 48],
    [22, "bytes", body + 0x208, 64],
    [23, "uint", 0x278, 4],
    [24, "bytes", 0x27c, 64],
    [25, "bytes", 0x2bc, 64],
    [26, "uint", 0x2fc, 2],
    [27, "uint", 0x2fe, 4],
    [29, "bytes", qe, 16],
    [30, "uint", qe + 0x10, 4],
    [31, "bytes", qe + 0x14, 28],
    [32, "bytes", qe + 0x30, 16],
    [33, "bytes", qe + 0x40, 32],
    [34, "bytes", qe + 0x60, 32],
    [35, "bytes", qe + 0x80, 32],
    [36, "bytes", qe + 0xa0, 96],
    [37, "uint", qe + 0x100, 2],
    [38, "uint", qe + 0x102, 2],
    [39, "bytes", qe + 0x104, 60],
    [40, "bytes", qe + 0x140, 64],
    [41, "bytes", qe + 0x180, 64],
    [42, "uint", qe + 0x1c0, 2],
    [43, "bytes", qe + 0x1c2, authSize],
    [44, "uint", chain, 2],
    [45, "uint", chain + 2, 4],
    [46, "bytes", chain + 6, chainSize],
    [47, "bytes", chain + 6 + chainSize, raw.length],
  ]);
}

describe("claimExtensions()", () => {
  test("writes an SNP report in the order of version 1.4", () => {
    const numbered = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, index) => (index * 7) % 256);
    const evidence = amdChip().evidence({
      version: 3,
      guestSvn: 0xfedc_ba98,
      policy: 0x1f_c8_81n,
      familyId: numbered(16),
      imageId: numbered(16).toReversed(),
      vmpl: 3,
      signerInfo: 0b0_0111,
      platformInfo: 0b10n,
      reportData: numbered(64),
      hostData: numbered(32),
      currentTcb: { fmc: undefined, bootloader: 1, tee: 2, snp: 3, microcode: 200 },
      reportedTcb: { fmc: undefined, bootloader: 5, tee: 6, snp: 7, microcode: 8 },
      committedTcb: { fmc: undefined, bootloader: 9, tee: 10, snp: 11, microcode: 12 },
      launchTcb: { fmc: undefined, bootloader: 13, tee: 14, snp: 15, microcode: 16 },
      currentVersion: [1, 55, 40],
      committedVersion: [0, 54, 39],
    });
    expect(written({ tee: "snp", snp: evidence })).toEqual(expectedSnp(evidence.reportBytes));
  });

  test("writes every flag of an SNP report from its own bit", () => {
    for (const bit of [16n, 18n, 19n, 20n]) {
      for (const platformInfo of [0n, 1n, 2n]) {
        for (const signerInfo of [0, 1, 2, 4, 28]) {
          const snp = amdChip().evidence({ policy: (1n << 17n) | (1n << bit), platformInfo, signerInfo });
          expect(written({ tee: "snp", snp })).toEqual(expectedSnp(snp.reportBytes));
        }
      }
    }
  });

  test("writes integers and flags as the reference has them", () => {
    const snp = amdChip().evidence({ version: 2, vmpl: 0, guestSvn: 200, policy: 0x3_0000n });
    const claims = written({ tee: "snp", snp });
    expect(claims).toContain(`${SNP}.1 020102`);
    expect(claims).toContain(`${SNP}.11 020100`);
    expect(claims).toContain(`${SNP}.2 020200c8`);
    expect(claims).toContain(`${SNP}.7 0101ff`);
    expect(claims).toContain(`${SNP}.5 010100`);
  });

  test("reads TCB versions of Turin in the layout of Turin", () => {
    const launchTcb = { fmc: 1, bootloader: 2, tee: 3, snp: 4, microcode: 5 };
    const claims = written({ tee: "snp", snp: amdChip({ product: "Turin" }).evidence({ launchTcb }) });
    expect(claims.slice(-4)).toEqual([`${SNP}.43 020102`, `${SNP}.45 020103`, `${SNP}.44 020104`, `${SNP}.46 020105`]);
  });

  test("writes a saved report as it writes the evidence around it", () => {
    const snp = amdChip().evidence({});
    const saved = snpEvidenceFromReport(snp.reportBytes);
    expect(written({ tee: "snp", snp: saved })).toEqual(written({ tee: "snp", snp }));
  });

  test("writes a TDX quote in numeric order", () => {
    const quote = createIntelPlatform().quote();
    expect(written({ tee: "tdx", tdx: tdxEvidenceFromQuote(quote) })).toEqual(expectedTdx(quote));
  });

  test("writes what stands behind a TDX quote", () => {
    const quote = Uint8Array.of(...createIntelPlatform().quote(), 1, 2, 3);
    const claims = written({ tee: "tdx", tdx: tdxEvidenceFromQuote(quote) });
    expect(claims).toEqual(expectedTdx(quote));
    expect(claims.at(-1)).toBe(`${TDX}.47 0403010203`);
  });
});

const vectors = tdxVectors();

describe.skipIf(vectors === undefined)("claimExtensions() of real quotes", () => {
  test.each(["v4-a", "v4-b", "v4-c", "v4-d"])("reads %s as the table of offsets does", (name) => {
    const quote = vectors!.quote(name);
    expect(written({ tee: "tdx", tdx: tdxEvidenceFromQuote(quote) })).toEqual(expectedTdx(quote));
  });

  test("takes sizes of a quote of version 5 from their fields", () => {
    const quote = vectors!.quote("v5-a");
    const claims = written({ tee: "tdx", tdx: tdxEvidenceFromQuote(quote) });
    const view = new DataView(quote.buffer, quote.byteOffset);
    const signedSize = 48 + 6 + view.getUint32(50, true);
    expect(claims).toContain(`${TDX}.23 ${derInteger(BigInt(view.getUint32(signedSize, true))).toHex()}`);
    expect(claims).toContain(`${TDX}.27 ${derInteger(BigInt(view.getUint32(signedSize + 134, true))).toHex()}`);
  });
});

describe("workloadSecretIdExtension()", () => {
  test("writes the bytes of an ID, and nothing without one", () => {
    expect(workloadSecretIdExtension("web é")).toEqual([
      { oid: "1.3.9901.3.1", value: Uint8Array.fromHex("040677656220c3a9") },
    ]);
    expect(workloadSecretIdExtension("")).toEqual([]);
  });
});
