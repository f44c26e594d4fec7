import type { CollateralItem, CollateralNeed, SnpProduct, TcbVersion } from "../../src/attestation/collateral-need.ts";
import { parseSnpReport } from "../../src/attestation/snp/parse-report.ts";
import { productOfCpuid } from "../../src/attestation/snp/product.ts";
import { encodeSnpAttestation } from "../../src/attestation/snp/snp-attestation.ts";
import type { SnpEvidence } from "../../src/attestation/snp/snp-evidence.ts";
import { encodeSnpReport, type ReportFields, signSnpReport } from "../../src/simulator/amd/snp-report.ts";
import { createEcKeyPair, type KeyPair } from "../../src/simulator/key-pair.ts";
import { publishedItem } from "../../src/simulator/published-item.ts";
import { AMD_TEST_TIME, type AmdAuthority, amdAuthority, type LeafOptions } from "./amd-authority.ts";

export type { ReportFields } from "../../src/simulator/amd/snp-report.ts";
export { AMD_TEST_TIME, type AmdAuthority, amdAuthority } from "./amd-authority.ts";

/** Launch digest of every report that asks for no other. */
export const CHIP_MEASUREMENT = new Uint8Array(48).fill(0x4d);

/** What stands beside the report in evidence. */
export interface EvidenceParts {
  /** The certificate of the signing key; true by default. */
  readonly leaf?: boolean | Uint8Array;
  /** ASK or ASVK, and ARK; false by default. */
  readonly chain?: boolean;
  readonly crl?: Uint8Array;
  /** The product line that the sender names, which counts for version 2; that of the chip by default, `null` for none. */
  readonly product?: SnpProduct | null;
}

/** What is unusual about a chip. */
export interface ChipOptions {
  readonly product?: SnpProduct;
  readonly authority?: AmdAuthority;
  /** That of the certificates and, by default, of all TCB fields of reports. */
  readonly tcb?: TcbVersion;
  readonly chipId?: Uint8Array;
}

/** A processor with keys of its own. */
export interface AmdChip {
  readonly product: SnpProduct;
  readonly authority: AmdAuthority;
  readonly tcb: TcbVersion;
  /** 64 bytes. */
  readonly chipId: Uint8Array;
  readonly vcekDer: Uint8Array;
  readonly vlekDer: Uint8Array;
  /** A VCEK or VLEK of this chip that differs from the usual one. */
  readonly certificate: (options?: Partial<LeafOptions>) => Uint8Array;
  /** A signed report, 1184 bytes. */
  readonly report: (fields?: ReportFields) => Uint8Array;
  /** Signs bytes 0 to 0x2A0 of a report anew. */
  readonly sign: (report: Uint8Array) => Uint8Array;
  readonly evidence: (fields?: ReportFields, parts?: EvidenceParts) => SnpEvidence;
  /** Evidence as the value of a certificate extension. */
  readonly attestation: (fields?: ReportFields, parts?: EvidenceParts) => Uint8Array;
  /** VCEK and revocation list as AMD's service has them. */
  readonly collateralItems: (options?: { crl?: Uint8Array }) => readonly CollateralItem[];
}

/** What reports say that have no fields of their own. */
const USUAL_FIELDS: ReportFields = { measurement: CHIP_MEASUREMENT, reportId: new Uint8Array(32).fill(0x1d) };

let chipKey: KeyPair | undefined;

/** The key of every chip of this process, unless another one is under test. */
function usualChipKey(): KeyPair {
  chipKey ??= createEcKeyPair("P-384");
  return chipKey;
}

/** A chip of a product line, certified by a synthetic authority. */
export function amdChip(options: ChipOptions = {}): AmdChip {
  const product = options.product ?? options.authority?.product ?? "Milan";
  const authority = options.authority ?? amdAuthority(product);
  const tcb = options.tcb ?? {
    fmc: product === "Turin" ? 1 : undefined,
    bootloader: 4,
    tee: 2,
    snp: 24,
    microcode: 217,
  };
  const chipId = options.chipId ?? usualChipId(product);
  const key = usualChipKey();
  const hwId = product === "Turin" ? chipId.subarray(0, 8) : chipId;
  const certificate = (leaf: Partial<LeafOptions> = {}): Uint8Array => {
    const signingKey = leaf.signingKey ?? "VCEK";
    const identity = signingKey === "VCEK" ? { hwId } : { cspId: "CN=cc-test.example.com" };
    return authority.leaf({ signingKey, publicKey: key.publicKey, tcb, ...identity, ...leaf });
  };
  const signReport = (report: Uint8Array): Uint8Array => signSnpReport(report, key);
  const vcekDer = certificate();
  const vlekDer = certificate({ signingKey: "VLEK" });
  const report = (fields: ReportFields = {}): Uint8Array =>
    signReport(encodeSnpReport({ product, tcb, chipId }, { ...USUAL_FIELDS, ...fields }));
  const evidence = (fields: ReportFields = {}, parts: EvidenceParts = {}): SnpEvidence => {
    const reportBytes = report(fields);
    const leaf = leafOf(parts.leaf ?? true, fields.signingKey === "VLEK" ? vlekDer : vcekDer);
    const isVlek = fields.signingKey === "VLEK";
    const parsed = parseSnpReport(reportBytes);
    const claimed = parts.product === null ? undefined : (parts.product ?? product);
    return {
      report: parsed,
      reportBytes,
      product: parsed.cpuid === undefined ? claimed : productOfCpuid(parsed.cpuid),
      endorsements: {
        vcek: isVlek ? undefined : leaf,
        vlek: isVlek ? leaf : undefined,
        ask: parts.chain === true ? (isVlek ? authority.asvkDer : authority.askDer) : undefined,
        ark: parts.chain === true ? authority.arkDer : undefined,
        crl: parts.crl,
      },
    };
  };
  return {
    product,
    authority,
    tcb,
    chipId,
    vcekDer,
    vlekDer,
    certificate,
    report,
    sign: signReport,
    evidence,
    attestation: (fields, parts) => encodeSnpAttestation(evidence(fields, parts)),
    collateralItems: ({ crl = authority.crl() } = {}) => [
      collateralItem({ kind: "amd-vcek", product, chipIdHex: hwId.toHex(), tcb }, vcekDer),
      collateralItem({ kind: "amd-crl", product, signingKey: "VCEK" }, crl),
      collateralItem({ kind: "amd-crl", product, signingKey: "VLEK" }, crl),
    ],
  };
}

/** Collateral as a file would bring it. */
export function collateralItem(need: CollateralNeed, body: Uint8Array): CollateralItem {
  return { ...publishedItem(need, body, undefined, AMD_TEST_TIME), origin: "file", fetchedAt: undefined };
}

function usualChipId(product: SnpProduct): Uint8Array {
  return Uint8Array.from({ length: 64 }, (_, index) => (product === "Turin" && index >= 8 ? 0 : 0xa0 + index));
}

function leafOf(leaf: boolean | Uint8Array, usual: Uint8Array): Uint8Array | undefined {
  if (leaf instanceof Uint8Array) return leaf;
  return leaf ? usual : undefined;
}
