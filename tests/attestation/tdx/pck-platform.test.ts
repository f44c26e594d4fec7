import { describe, expect, test } from "bun:test";
import { parsePckPlatform, SGX_EXTENSION_OID } from "../../../src/attestation/tdx/pck-platform.ts";
import { derElement, derInteger, derNull, derOctetString, derOid, derSequence } from "../../../src/pki/der-writer.ts";
import { type Certificate, parseCertificate } from "../../../src/pki/x509/certificate.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { fakeCertificate, fakeExtension } from "../../fakes/intel-certificates.ts";
import { createIntelPlatform } from "../../fakes/intel-platform.ts";
import { tdxVectors } from "../../fakes/tdx-vectors.ts";

const { pck } = createIntelPlatform().fields;
const vectors = tdxVectors();

function withExtension(value: Uint8Array): Certificate {
  return parseCertificate(fakeCertificate({ ...pck, extensions: [fakeExtension(SGX_EXTENSION_OID, value)] }), "PCK");
}

const pair = (oid: string, ...value: readonly Uint8Array[]): Uint8Array =>
  derSequence(derOid(`${SGX_EXTENSION_OID}.${oid}`), ...value);
const components = Array.from({ length: 16 }, (_, part) => pair(`2.${part + 1}`, derInteger(BigInt(part))));
const tcb = [...components, pair("2.17", derInteger(65_535n)), pair("2.18", derOctetString(new Uint8Array(16)))];
const members = {
  ppid: pair("1", derOctetString(new Uint8Array(16))),
  tcb: pair("2", derSequence(...tcb)),
  pceId: pair("3", derOctetString(new Uint8Array(2))),
  fmspc: pair("4", derOctetString(Uint8Array.of(0, 1, 2, 0xa, 0xb, 0xc))),
};

function extension(
  changes: Partial<Record<keyof typeof members, Uint8Array>> = {},
  ...more: readonly Uint8Array[]
): Uint8Array {
  return derSequence(...Object.values({ ...members, ...changes }), ...more);
}

function tcbWith(index: number, member: Uint8Array): Uint8Array {
  return pair("2", derSequence(...tcb.with(index, member)));
}

describe("parsePckPlatform()", () => {
  test.skipIf(vectors === undefined).each([
    ["v4-a", "50806f000000", "scalable"],
    ["v4-b", "b0c06f000000", "scalable"],
    ["v4-c", "00a06d080000", "scalable with integrity"],
    ["v4-d", "00806f050000", "scalable"],
    ["v5-a", "90c06f000000", "scalable"],
  ] as const)("reads the certificate of %s", (name, fmspc, sgxType) => {
    expect(vectors!.evidence(name).platform).toMatchObject({ fmspc, pceId: "0000" });
    if (name === "v4-c") expect(vectors!.evidence(name).platform.sgxType).toBe(sgxType);
  });

  test("reads an extension with what it must have, and nothing else", () => {
    expect(parsePckPlatform(withExtension(extension()))).toEqual({
      ppid: "00".repeat(16),
      sgxComponents: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
      pceSvn: 65_535,
      cpuSvn: "00".repeat(16),
      pceId: "0000",
      fmspc: "0001020a0b0c",
      sgxType: undefined,
      platformInstanceId: undefined,
      configuration: undefined,
    });
  });

  test("ignores members with other numbers", () => {
    expect(parsePckPlatform(withExtension(extension({}, pair("9", derNull())))).fmspc).toBe("0001020a0b0c");
  });

  const enumerated = (value: number): Uint8Array => derElement(0x0a, Uint8Array.of(value));
  const cases: readonly [string, Uint8Array][] = [
    ["a short PPID", extension({ ppid: pair("1", derOctetString(new Uint8Array(15))) })],
    ["a long FMSPC", extension({ fmspc: pair("4", derOctetString(new Uint8Array(7))) })],
    ["a PCE-ID that is a number", extension({ pceId: pair("3", derInteger(0n)) })],
    ["no FMSPC", derSequence(members.ppid, members.tcb, members.pceId)],
    ["no TCB", derSequence(members.ppid, members.pceId, members.fmspc)],
    ["FMSPC twice", extension({}, members.fmspc)],
    ["a component beyond a byte", extension({ tcb: tcbWith(0, pair("2.1", derInteger(256n))) })],
    ["a negative component", extension({ tcb: tcbWith(0, pair("2.1", derInteger(-1n))) })],
    ["a missing component", extension({ tcb: pair("2", derSequence(...tcb.slice(1))) })],
    ["PCESVN beyond two bytes", extension({ tcb: tcbWith(16, pair("2.17", derInteger(65_536n))) })],
    ["a short CPUSVN", extension({ tcb: tcbWith(17, pair("2.18", derOctetString(new Uint8Array(15)))) })],
    ["an unknown SGX type", extension({}, pair("5", enumerated(3)))],
    ["two values of one member", extension({ fmspc: pair("4", derOctetString(new Uint8Array(6)), derNull()) })],
    ["a member without value", extension({ fmspc: pair("4") })],
    ["a foreign member", extension({}, derSequence(derOid("1.2.3.4"), derNull()))],
    ["bytes behind", Uint8Array.from([...extension(), 0])],
    ["too many members", extension({}, ...Array.from({ length: 40 }, (_, index) => pair(`${index + 8}`, derNull())))],
    ["nothing", new Uint8Array(0)],
  ];

  test.each(cases)("refuses %s", (_, value) => {
    expect(codeOf(() => parsePckPlatform(withExtension(value)))).toBe("tdx/pck-extension-invalid");
  });

  test("refuses a certificate without the extension", () => {
    const certificate = parseCertificate(
      fakeCertificate({ ...pck, extensions: [fakeExtension("1.2.3", derNull())] }),
      "PCK",
    );
    expect(codeOf(() => parsePckPlatform(certificate))).toBe("tdx/pck-extension-invalid");
  });
});
