import { collateralSetOf } from "../../src/attestation/collateral/collateral-set.ts";
import type { SnpExpectations } from "../../src/attestation/snp/expectations.ts";
import type { SnpEvidence } from "../../src/attestation/snp/snp-evidence.ts";
import type { SnpVerifyOptions } from "../../src/attestation/snp/snp-options.ts";
import { verifySnp } from "../../src/attestation/snp/verify-snp.ts";
import type { Verdict } from "../../src/attestation/verdict.ts";
import type { LeafOptions } from "./amd-authority.ts";
import { AMD_TEST_TIME, type AmdChip, amdChip, CHIP_MEASUREMENT, type ReportFields } from "./amd-chip.ts";

/** Reference values that every ordinary report of a chip meets. */
export function snpExpectationsOf(chip: AmdChip, changes: Partial<SnpExpectations> = {}): SnpExpectations {
  return {
    name: `snp-0-${chip.product.toUpperCase()}`,
    source: "ReferenceValues.snp[0]",
    product: chip.product,
    measurement: CHIP_MEASUREMENT,
    minimumTcb: chip.tcb,
    guestPolicy: undefined,
    platformInfo: undefined,
    allowedChipIds: undefined,
    minimumMitigationVector: undefined,
    ...changes,
  };
}

/** Options under which an ordinary report of a chip is accepted. */
export function snpOptionsOf(chip: AmdChip, changes: Partial<SnpVerifyOptions> = {}): SnpVerifyOptions {
  return {
    at: AMD_TEST_TIME,
    roots: chip.authority.roots,
    revocation: "required",
    expectations: [snpExpectationsOf(chip)],
    expected: {},
    ...changes,
  };
}

/** What differs from an ordinary verification. */
export interface SnpCase {
  readonly chip?: AmdChip;
  readonly evidence?: SnpEvidence;
  /** The revocation list that is gathered; `null` for none. */
  readonly crl?: Uint8Array | null;
  /** Whether AMD's service has the VCEK; false by default. */
  readonly hasVcek?: boolean;
  readonly options?: Partial<SnpVerifyOptions>;
}

/** Verifies ordinary evidence of an ordinary chip, except for what the case changes. */
export function judgeSnp({ chip = amdChip(), evidence, crl, hasVcek = false, options }: SnpCase): Verdict<SnpEvidence> {
  const items = chip
    .collateralItems(crl instanceof Uint8Array ? { crl } : {})
    .filter(({ need }) => (need.kind === "amd-vcek" && hasVcek) || (need.kind === "amd-crl" && crl !== null));
  return verifySnp(evidence ?? chip.evidence(), collateralSetOf(items), snpOptionsOf(chip, options));
}

/** Makers of cases in which one thing differs. */
export interface SnpCaseMakers {
  readonly report: (fields: ReportFields) => SnpCase;
  /** The certificate, and the report that comes with it. */
  readonly vcek: (options: Partial<LeafOptions>, fields?: ReportFields) => SnpCase;
  /** The reference values, and the report that they are about. */
  readonly wants: (changes: Partial<SnpExpectations>, fields?: ReportFields) => SnpCase;
}

/** Makers of cases about a chip. */
export function snpWith(chip: AmdChip): SnpCaseMakers {
  return {
    report: (fields) => ({ chip, evidence: chip.evidence(fields) }),
    vcek: (options, fields = {}) => ({ chip, evidence: chip.evidence(fields, { leaf: chip.certificate(options) }) }),
    wants: (changes, fields = {}) => ({
      chip,
      evidence: chip.evidence(fields),
      options: { expectations: [snpExpectationsOf(chip, changes)] },
    }),
  };
}
