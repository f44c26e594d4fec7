import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeSnpAttestation, parseSnpAttestation } from "../../../src/attestation/snp/snp-attestation.ts";
import { type Attestation, AttestationSchema, type Report } from "../../../src/proto/sevsnp_pb.ts";
import { amdChip } from "../../fakes/amd-chip.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { flipBit } from "../../fakes/mutations.ts";
import { vectorsFolder } from "../../fakes/vectors.ts";

const ATLS = vectorsFolder("atls");
const SNP = vectorsFolder("snp");
const chip = amdChip();
const bytes = chip.attestation({ version: 5, launchMitVector: 7n }, { chain: true, crl: chip.authority.crl() });

/** The code for evidence of which a part was changed. */
function codeWith(change: (message: Attestation, report: Report) => void): string {
  // The message shares the memory that it was read from.
  const message = fromBinary(AttestationSchema, bytes.slice());
  change(message, message.report!);
  return codeOf(() => parseSnpAttestation(toBinary(AttestationSchema, message)));
}

describe("parseSnpAttestation()", () => {
  test.skipIf(ATLS === undefined || SNP === undefined).each([
    ["snp-milan-v2-a-chain", "milan-v2-a", "Milan", ["vcek", "ask", "ark"]],
    ["snp-milan-v2-a-nochain", "milan-v2-a", "Milan", []],
    ["snp-genoa-v3-chain", "genoa-v3", "Genoa", ["vcek", "ask", "ark"]],
  ] as const)(
    "rebuilds the report of %s, and encodeSnpAttestation() writes the same bytes",
    (name, report, product, parts) => {
      const value = new Uint8Array(readFileSync(join(ATLS!, `${name}.pb`)));
      const evidence = parseSnpAttestation(value);
      expect(evidence.reportBytes).toEqual(new Uint8Array(readFileSync(join(SNP!, `${report}.report.bin`))));
      expect(evidence.product).toBe(product);
      expect(Object.entries(evidence.endorsements).flatMap(([key, der]) => (der === undefined ? [] : key))).toEqual([
        ...parts,
      ]);
      expect(encodeSnpAttestation(evidence)).toEqual(value);
    },
  );

  test("reads what encodeSnpAttestation() wrote", () => {
    for (const signingKey of ["VCEK", "VLEK"] as const) {
      const evidence = chip.evidence({ version: 5, signingKey }, { chain: true, crl: chip.authority.crl() });
      expect(parseSnpAttestation(encodeSnpAttestation(evidence))).toEqual(evidence);
    }
  });

  test("takes the product of version 2 from the message, and of later versions from the report", () => {
    const productOf = (version: number, name: number): string | undefined => {
      const message = fromBinary(AttestationSchema, chip.attestation({ version }));
      message.product!.name = name;
      return parseSnpAttestation(toBinary(AttestationSchema, message)).product;
    };
    expect([productOf(2, 2), productOf(2, 0), productOf(3, 2), productOf(3, 0)]).toEqual([
      "Genoa",
      undefined,
      "Milan",
      "Milan",
    ]);
  });

  test("knows no product for a number that the enumeration lacks", () => {
    const message = fromBinary(AttestationSchema, chip.attestation({ version: 2 }));
    message.product!.name = 4;
    expect(parseSnpAttestation(toBinary(AttestationSchema, message)).product).toBeUndefined();
  });

  test("refuses evidence without report", () => {
    expect(codeWith((message) => delete message.report)).toBe("snp/attestation-invalid");
    expect(codeOf(() => parseSnpAttestation(new Uint8Array()))).toBe("snp/attestation-invalid");
  });

  test.each([
    "familyId",
    "imageId",
    "reportData",
    "measurement",
    "hostData",
    "idKeyDigest",
    "authorKeyDigest",
    "reportId",
    "reportIdMa",
    "chipId",
    "signature",
  ] as const)("refuses another size of %s", (field) => {
    for (const change of [-1, 1]) {
      const code = codeWith((_, report) => {
        const value = new Uint8Array(report[field].length + change);
        value.set(report[field].subarray(0, value.length));
        report[field] = value;
      });
      expect(code).toBe("snp/attestation-invalid");
    }
    expect(codeWith((_, report) => (report[field] = new Uint8Array()))).toBe("snp/attestation-invalid");
  });

  test.each([
    "currentBuild",
    "currentMinor",
    "currentMajor",
    "committedBuild",
    "committedMinor",
    "committedMajor",
  ] as const)("refuses a %s that does not fit a byte", (field) => {
    expect(codeWith((_, report) => (report[field] = 256))).toBe("snp/attestation-invalid");
  });

  test("refuses a processor that cannot be, and one for a report of version 2", () => {
    expect(codeWith((_, report) => (report.cpuid1eaxFms |= 0x1000))).toBe("snp/attestation-invalid");
    expect(
      codeWith((_, report) => {
        report.version = 2;
        report.launchMitVector = 0n;
      }),
    ).toBe("snp/attestation-invalid");
  });

  test("judges the report as parseSnpReport() does", () => {
    expect(codeWith((_, report) => (report.version = 6))).toBe("snp/report-version-unknown");
    expect(codeWith((_, report) => (report.version = 4))).toBe("snp/report-reserved-set");
    expect(codeWith((_, report) => (report.policy = 0n))).toBe("snp/policy-reserved-set");
    expect(codeWith((_, report) => (report.signerInfo = 8))).toBe("snp/signer-info-invalid");
    expect(codeWith((_, report) => (report.signature[511] = 1))).toBe("snp/report-reserved-set");
  });

  test("refuses more bytes than evidence has, even if they are a message", () => {
    const padded = (size: number): string =>
      codeWith((message) => (message.certificateChain!.firmwareCert = new Uint8Array(size)));
    expect(padded(240 * 1024)).toStartWith("no error");
    expect(padded(256 * 1024)).toBe("snp/attestation-invalid");
  });

  test("refuses groups inside groups without end", () => {
    expect(codeOf(() => parseSnpAttestation(new Uint8Array(256 * 1024).fill(0x0b)))).toBe("snp/attestation-invalid");
  });

  test("refuses evidence whose report is cut off", () => {
    const end = reportEndOf(bytes);
    const accepted = Array.from({ length: end }, (_, length) => length).filter((length) =>
      codeOf(() => parseSnpAttestation(bytes.subarray(0, length))).startsWith("no error"),
    );
    expect(accepted).toEqual([]);
  });

  test("never fails in another way, whatever the bytes", () => {
    for (let length = reportEndOf(bytes); length <= bytes.length; length += 7) {
      expect(codeOf(() => parseSnpAttestation(bytes.subarray(0, length)))).toMatch(/^snp\/|^no error/);
    }
    for (let index = 0; index < bytes.length; index += 3) {
      const changed = flipBit(bytes, 8 * index + (index % 8));
      expect(codeOf(() => parseSnpAttestation(changed))).toMatch(/^snp\/|^no error/);
    }
  });
});

/** Where the first member of the message ends: behind a tag, a length of two bytes and the report. */
function reportEndOf(message: Uint8Array): number {
  return 1 + 2 + (message[1]! & 0x7f) + (message[2]! << 7);
}
