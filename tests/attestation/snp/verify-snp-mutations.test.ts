import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { collateralSetOf } from "../../../src/attestation/collateral/collateral-set.ts";
import { createSnpChainCache } from "../../../src/attestation/snp/chain-cache.ts";
import { REPORT_SIZE } from "../../../src/attestation/snp/report-layout.ts";
import { type SnpEvidence, snpEvidenceFromReport } from "../../../src/attestation/snp/snp-evidence.ts";
import { verifySnp } from "../../../src/attestation/snp/verify-snp.ts";
import { embeddedTrustRoots } from "../../../src/attestation/trust-roots.ts";
import { ContrastError } from "../../../src/lib/errors.ts";
import { readCertificates } from "../../../src/pki/x509/read-certificates.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../../fakes/campaign.ts";
import { flipBit, seededRandom } from "../../fakes/mutations.ts";
import { vectorsFolder } from "../../fakes/vectors.ts";

const FOLDER = vectorsFolder("snp");
const NOTHING = collateralSetOf([]);

/** Chooses the bits where not all are flipped. */
const SEED = 20_250_601;
const SAMPLE = 150;

const VECTORS = [
  ["milan-v2-a", "milan-v2-a.vcek.der", "2023-01-01"],
  ["milan-v2-b", "milan-v2-b.vcek.der", "2023-02-04"],
  ["milan-v3-vlek", "milan-v3-vlek.vlek.der", "2025-01-01"],
  ["genoa-v3", "genoa-v3.vcek.pem", "2025-06-01"],
  ["milan-v3", "milan-v3.vcek.pem", "2025-06-01"],
] as const;

const chains = createSnpChainCache();

function read(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(FOLDER!, name)));
}

/** Whether mutated bytes are refused: by an error of ours or by a verdict that does not accept. */
function isRefused(make: () => SnpEvidence, at: string): boolean {
  try {
    const options = {
      at: new Date(at),
      roots: embeddedTrustRoots().amd,
      chains,
      expected: {},
      expectations: undefined,
    };
    return verifySnp(make(), NOTHING, { ...options, revocation: "waived" }).outcome !== "accepted";
  } catch (error) {
    if (error instanceof ContrastError && error.code.startsWith("snp/")) return true;
    throw error;
  }
}

/** Numbers of bits below `count`: all of them, or a sample. */
function bitsBelow(count: number, salt: number): readonly number[] {
  if (IS_CAMPAIGN) return Array.from({ length: count }, (_, bit) => bit);
  const random = seededRandom(SEED + salt);
  return Array.from({ length: SAMPLE }, () => random(count));
}

describe.skipIf(FOLDER === undefined)(`verifySnp() of changed vectors, seed ${SEED}`, () => {
  test.each(VECTORS)(
    "refuses %s with any bit of the report flipped",
    (report, certificate, at) => {
      const bytes = read(`${report}.report.bin`);
      const certificates = readCertificates(read(certificate), certificate);
      expect(isRefused(() => snpEvidenceFromReport(bytes, certificates), at)).toBe(false);
      const accepted = bitsBelow(8 * REPORT_SIZE, bytes[0x50]!).filter(
        (bit) => !isRefused(() => snpEvidenceFromReport(flipBit(bytes, bit), certificates), at),
      );
      expect(accepted).toEqual([]);
    },
    CAMPAIGN_TIMEOUT_MS,
  );

  test.each(VECTORS)(
    "refuses %s with any bit of the certificate flipped",
    (report, certificate, at) => {
      const bytes = read(`${report}.report.bin`);
      const evidence = snpEvidenceFromReport(bytes, readCertificates(read(certificate), certificate));
      const role = evidence.endorsements.vlek === undefined ? "vcek" : "vlek";
      const der = evidence.endorsements[role]!;
      const accepted = bitsBelow(8 * der.length, bytes[0x51]!).filter(
        (bit) => !isRefused(() => ({ ...evidence, endorsements: { [role]: flipBit(der, bit) } }), at),
      );
      expect(accepted).toEqual([]);
    },
    CAMPAIGN_TIMEOUT_MS,
  );

  test.each(VECTORS)("refuses %s cut off anywhere", (report, certificate, at) => {
    const bytes = read(`${report}.report.bin`);
    const evidence = snpEvidenceFromReport(bytes, readCertificates(read(certificate), certificate));
    const role = evidence.endorsements.vlek === undefined ? "vcek" : "vlek";
    const der = evidence.endorsements[role]!;
    for (let length = 0; length < bytes.length; length++) {
      expect(isRefused(() => snpEvidenceFromReport(bytes.subarray(0, length)), at)).toBe(true);
    }
    for (let length = 0; length < der.length; length++) {
      expect(isRefused(() => ({ ...evidence, endorsements: { [role]: der.subarray(0, length) } }), at)).toBe(true);
    }
  });
});
