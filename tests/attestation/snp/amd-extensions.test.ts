import { describe, expect, test } from "bun:test";
import { parseAmdExtensions } from "../../../src/attestation/snp/amd-extensions.ts";
import { derElement, derInteger, derOid, derUtf8 } from "../../../src/pki/der-writer.ts";
import { parseCertificate } from "../../../src/pki/x509/certificate.ts";
import { amdExtension, type LeafOptions } from "../../fakes/amd-authority.ts";
import { amdChip } from "../../fakes/amd-chip.ts";
import { codeOf } from "../../fakes/error-code.ts";

const chip = amdChip();
const turin = amdChip({ product: "Turin" });

function parse(options: Partial<LeafOptions> = {}, of = chip): ReturnType<typeof parseAmdExtensions> {
  const certificate = parseCertificate(of.certificate(options), "test");
  return parseAmdExtensions(certificate, options.signingKey ?? "VCEK", of.product);
}

/** The code for a certificate in which one extension has other content, or is missing. */
function codeWith(suffix: string, value: Uint8Array | undefined, options: Partial<LeafOptions> = {}): string {
  const oid = derOid(`1.3.6.1.4.1.3704.1.${suffix}`).toHex();
  return codeOf(() =>
    parse({
      ...options,
      editExtensions: (extensions) => [
        ...extensions.filter((der) => !der.toHex().startsWith(oid, 4)),
        ...(value === undefined ? [] : [amdExtension(suffix, value)]),
      ],
    }),
  );
}

describe("parseAmdExtensions()", () => {
  test("reads a VCEK", () => {
    expect(parse()).toEqual({
      structVersion: 0,
      productName: "Milan-B0",
      tcb: 0xd918000000000204n,
      hwId: chip.chipId,
      cspId: undefined,
    });
  });

  test("reads a VCEK of Turin", () => {
    expect(parse({}, turin)).toEqual({
      structVersion: 1,
      productName: "Turin-B0",
      tcb: 0xd900000018020401n,
      hwId: turin.chipId.subarray(0, 8),
      cspId: undefined,
    });
  });

  test("reads a VLEK", () => {
    const { hwId, cspId, productName } = parse({ signingKey: "VLEK" });
    expect([hwId, cspId, productName]).toEqual([undefined, "CN=cc-test.example.com", "Milan"]);
  });

  test("reads a hwID that is wrapped", () => {
    expect(parse({ hwId: Uint8Array.of(4, 64, ...chip.chipId) }).hwId).toEqual(chip.chipId);
    expect(parse({ hwId: Uint8Array.of(4, 8, ...turin.chipId.subarray(0, 8)) }, turin).hwId).toEqual(
      turin.chipId.subarray(0, 8),
    );
  });

  test("reads the largest security version", () => {
    expect(parse({ tcb: { ...chip.tcb, microcode: 255 } }).tcb >> 56n).toBe(255n);
  });

  test.each(["1", "2", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "4"])("needs .%s", (suffix) => {
    expect(codeWith(suffix, undefined)).toBe("snp/certificate-extensions-invalid");
  });

  test("needs the FMC of Turin and the cspID of a VLEK", () => {
    const certificate = parseCertificate(chip.certificate(), "test");
    expect(codeOf(() => parseAmdExtensions(certificate, "VCEK", "Turin"))).toBe("snp/certificate-extensions-invalid");
    expect(codeWith("5", undefined, { signingKey: "VLEK" })).toBe("snp/certificate-extensions-invalid");
  });

  test("refuses a cspID in a VCEK and a hwID in a VLEK", () => {
    expect(codeOf(() => parse({ cspId: "CN=x" }))).toBe("snp/certificate-extensions-invalid");
    expect(codeOf(() => parse({ signingKey: "VLEK", hwId: chip.chipId }))).toBe("snp/certificate-extensions-invalid");
  });

  test.each([
    ["256", derInteger(256n)],
    ["-1", derInteger(-1n)],
    ["a long form", Uint8Array.of(2, 2, 0, 1)],
    ["another type", derUtf8("1")],
    ["bytes behind it", Uint8Array.of(2, 1, 1, 0)],
    ["nothing", new Uint8Array()],
  ])("refuses a security version that is %s", (_, value) => {
    expect(codeWith("3.2", value)).toBe("snp/certificate-extensions-invalid");
  });

  test.each([
    ["another string type", derUtf8("Milan-B0")],
    ["bytes behind it", Uint8Array.of(0x16, 1, 0x41, 0)],
    ["more than 256 characters", derElement(0x16, new Uint8Array(257).fill(0x41))],
    ["bytes beyond ASCII", Uint8Array.of(0x16, 1, 0xff)],
    ["nothing", new Uint8Array()],
  ])("refuses a productName with %s", (_, value) => {
    expect(codeWith("2", value)).toBe("snp/certificate-extensions-invalid");
  });

  test.each([
    ["63 bytes", new Uint8Array(63)],
    ["65 bytes", new Uint8Array(65)],
    ["8 bytes", new Uint8Array(8)],
    ["a wrapped 63", Uint8Array.of(4, 63, ...new Uint8Array(63))],
    ["another wrapping", Uint8Array.of(3, 64, ...new Uint8Array(64))],
    ["bytes behind the wrapping", Uint8Array.of(4, 64, ...new Uint8Array(65))],
  ])("refuses a hwID of %s", (_, value) => {
    expect(codeWith("4", value)).toBe("snp/certificate-extensions-invalid");
  });
});
