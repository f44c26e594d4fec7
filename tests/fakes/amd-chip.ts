import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { collateralUrl } from "../../src/attestation/collateral/collateral-url.ts";
import type {
  CollateralItem,
  CollateralNeed,
  SnpProduct,
  SnpSigningKey,
  TcbVersion,
} from "../../src/attestation/collateral-need.ts";
import { REPORT_OFFSETS as AT, REPORT_SIZE, SIGNED_SIZE } from "../../src/attestation/snp/report-layout.ts";
import { parseSnpReport } from "../../src/attestation/snp/parse-report.ts";
import { productOfCpuid } from "../../src/attestation/snp/product.ts";
import { encodeSnpAttestation } from "../../src/attestation/snp/snp-attestation.ts";
import type { SnpEvidence } from "../../src/attestation/snp/snp-evidence.ts";
import { composeTcb } from "../../src/attestation/snp/tcb.ts";
import { type AmdAuthority, amdAuthority, type LeafOptions } from "./amd-authority.ts";

export { AMD_TEST_TIME, type AmdAuthority, amdAuthority } from "./amd-authority.ts";

/** Launch digest of every report that asks for no other. */
export const CHIP_MEASUREMENT = new Uint8Array(48).fill(0x4d);

/** Fields of a report; what is left out has an ordinary value. */
export interface ReportFields {
  readonly version?: number;
  readonly guestSvn?: number;
  readonly policy?: bigint;
  readonly familyId?: Uint8Array;
  readonly imageId?: Uint8Array;
  readonly vmpl?: number;
  readonly signatureAlgorithm?: number;
  readonly platformInfo?: bigint;
  /** Whole field; by default what `signingKey` says. */
  readonly signerInfo?: number;
  readonly signingKey?: SnpSigningKey;
  readonly reportData?: Uint8Array;
  readonly measurement?: Uint8Array;
  readonly hostData?: Uint8Array;
  readonly chipId?: Uint8Array;
  readonly currentTcb?: TcbVersion;
  readonly reportedTcb?: TcbVersion;
  readonly committedTcb?: TcbVersion;
  readonly launchTcb?: TcbVersion;
  readonly cpuid?: readonly [family: number, model: number, stepping: number];
  readonly currentVersion?: readonly [major: number, minor: number, build: number];
  readonly committedVersion?: readonly [major: number, minor: number, build: number];
  readonly launchMitVector?: bigint;
  readonly currentMitVector?: bigint;
}

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

const CPUIDS: Readonly<Record<SnpProduct, readonly [number, number, number]>> = {
  Milan: [0x19, 0x01, 1],
  Genoa: [0x19, 0x11, 1],
  Turin: [0x1a, 0x02, 0],
};

let chipKey: { readonly privateKey: KeyObject; readonly publicKey: KeyObject } | undefined;

/** The key of every chip of this process, unless another one is under test. */
function usualChipKey(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  chipKey ??= generateKeyPairSync("ec", { namedCurve: "P-384" });
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
  const { privateKey, publicKey } = usualChipKey();
  const hwId = product === "Turin" ? chipId.subarray(0, 8) : chipId;
  const certificate = (leaf: Partial<LeafOptions> = {}): Uint8Array => {
    const signingKey = leaf.signingKey ?? "VCEK";
    const identity = signingKey === "VCEK" ? { hwId } : { cspId: "CN=cc-test.example.com" };
    return authority.leaf({ signingKey, publicKey, tcb, ...identity, ...leaf });
  };
  const signReport = (report: Uint8Array): Uint8Array => signed(report, privateKey);
  const vcekDer = certificate();
  const vlekDer = certificate({ signingKey: "VLEK" });
  const report = (fields: ReportFields = {}): Uint8Array => signReport(unsignedReport(product, tcb, chipId, fields));
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
  return {
    need,
    url: collateralUrl(need),
    body,
    issuerChainPem: undefined,
    origin: "file",
    fetchedAt: undefined,
    note: undefined,
  };
}

function usualChipId(product: SnpProduct): Uint8Array {
  return Uint8Array.from({ length: 64 }, (_, index) => (product === "Turin" && index >= 8 ? 0 : 0xa0 + index));
}

function leafOf(leaf: boolean | Uint8Array, usual: Uint8Array): Uint8Array | undefined {
  if (leaf instanceof Uint8Array) return leaf;
  return leaf ? usual : undefined;
}

function unsignedReport(product: SnpProduct, tcb: TcbVersion, chipId: Uint8Array, fields: ReportFields): Uint8Array {
  const bytes = new Uint8Array(REPORT_SIZE);
  const view = new DataView(bytes.buffer);
  const { version = 3 } = fields;
  const tcbAt = (offset: number, value: TcbVersion = tcb): void =>
    view.setBigUint64(offset, composeTcb(value, product), true);
  view.setUint32(AT.version, version, true);
  view.setUint32(AT.guestSvn, fields.guestSvn ?? 0, true);
  view.setBigUint64(AT.policy, fields.policy ?? 0x30000n, true);
  bytes.set(fields.familyId ?? [], AT.familyId);
  bytes.set(fields.imageId ?? [], AT.imageId);
  view.setUint32(AT.vmpl, fields.vmpl ?? 0, true);
  view.setUint32(AT.signatureAlgorithm, fields.signatureAlgorithm ?? 1, true);
  view.setBigUint64(AT.platformInfo, fields.platformInfo ?? 0x25n, true);
  view.setUint32(AT.signerInfo, fields.signerInfo ?? (fields.signingKey === "VLEK" ? 4 : 0), true);
  bytes.set(fields.reportData ?? [], AT.reportData);
  bytes.set(fields.measurement ?? CHIP_MEASUREMENT, AT.measurement);
  bytes.set(fields.hostData ?? [], AT.hostData);
  bytes.fill(0x1d, AT.reportId, AT.reportId + 32);
  bytes.fill(0xff, AT.reportIdMa, AT.reportIdMa + 32);
  if (version >= 3) bytes.set(fields.cpuid ?? CPUIDS[product], AT.cpuidFamily);
  bytes.set(fields.chipId ?? chipId, AT.chipId);
  tcbAt(AT.currentTcb, fields.currentTcb);
  tcbAt(AT.reportedTcb, fields.reportedTcb);
  tcbAt(AT.committedTcb, fields.committedTcb);
  tcbAt(AT.launchTcb, fields.launchTcb);
  bytes.set((fields.currentVersion ?? [1, 55, 29]).toReversed(), AT.currentVersion);
  bytes.set((fields.committedVersion ?? [1, 55, 29]).toReversed(), AT.committedVersion);
  view.setBigUint64(AT.launchMitVector, fields.launchMitVector ?? 0n, true);
  view.setBigUint64(AT.currentMitVector, fields.currentMitVector ?? 0n, true);
  return bytes;
}

function signed(report: Uint8Array, key: KeyObject): Uint8Array {
  const bytes = report.slice();
  const rs = new Uint8Array(sign("sha384", bytes.subarray(0, SIGNED_SIZE), { key, dsaEncoding: "ieee-p1363" }));
  bytes.set(rs.subarray(0, 48).toReversed(), AT.signature);
  bytes.set(rs.subarray(48).toReversed(), AT.signature + 72);
  return bytes;
}
