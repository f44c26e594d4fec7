import type { SnpProduct } from "../attestation/collateral-need.ts";
import type { SnpExpectations } from "../attestation/snp/expectations.ts";
import type { SnpGuestPolicy } from "../attestation/snp/guest-policy.ts";
import type { SnpPlatformInfo } from "../attestation/snp/platform-info.ts";
import type { TdxExpectations } from "../attestation/tdx/expectations.ts";
import { ContrastError } from "../lib/errors.ts";
import { laterBit, laterUint64 } from "./later-members.ts";
import {
  type Manifest,
  runtimeMeasurements,
  runtimeMeasurementsKey,
  type SnpGuestPolicyValues,
  type SnpPlatformInfoValues,
  type SnpReferenceValues,
  type TdxReferenceValues,
} from "./schema.ts";

/**
 * What the manifest demands of SEV-SNP guests, one for each entry, in order.
 *
 * @param manifest a valid and complete one, see `requireValidManifest`
 * @throws ContrastError `manifest/value-missing`, `manifest/value-invalid`, `manifest/product-unknown` for values that
 *   validation would have refused, and for later members of the wrong type
 */
export function snpExpectations({ referenceValues }: Manifest): readonly SnpExpectations[] {
  return (referenceValues.snp ?? []).map((entry, index) => snpEntry(entry, index));
}

/** What the manifest demands of TDX guests; see `snpExpectations`. */
export function tdxExpectations({ referenceValues }: Manifest): readonly TdxExpectations[] {
  return (referenceValues.tdx ?? []).map((entry, index) => tdxEntry(entry, index));
}

function snpEntry(entry: SnpReferenceValues, index: number): SnpExpectations {
  const source = `ReferenceValues.snp[${index}]`;
  const { bootloaderVersion, teeVersion, snpVersion, microcodeVersion } = entry.minimumTcb;
  const product = productOf(entry.productName, source);
  return {
    name: `snp-${index}-${product.toUpperCase()}`,
    source,
    product,
    measurement: bytesOf(entry.trustedMeasurement, 48, `${source}.TrustedMeasurement`),
    minimumTcb: {
      fmc: undefined,
      bootloader: numberOf(bootloaderVersion, `${source}.MinimumTCB.BootloaderVersion`),
      tee: numberOf(teeVersion, `${source}.MinimumTCB.TEEVersion`),
      snp: numberOf(snpVersion, `${source}.MinimumTCB.SNPVersion`),
      microcode: numberOf(microcodeVersion, `${source}.MinimumTCB.MicrocodeVersion`),
    },
    guestPolicy: entry.guestPolicy && guestPolicyOf(entry.guestPolicy, `${source}.GuestPolicy`),
    platformInfo: entry.platformInfo && platformInfoOf(entry.platformInfo, `${source}.PlatformInfo`),
    allowedChipIds: entry.allowedChipIds?.map((chipId, chip) =>
      bytesOf(chipId, 64, `${source}.AllowedChipIDs[${chip}]`),
    ),
    minimumMitigationVector: laterUint64(entry.unknown, "minimummitigationvector", source),
  };
}

function productOf(name: string, source: string): SnpProduct {
  if (name === "Milan" || name === "Genoa") return name;
  throw new ContrastError("manifest/product-unknown", `Cannot use ${source}.ProductName: unknown product name`);
}

function guestPolicyOf({ unknown, ...bits }: SnpGuestPolicyValues, path: string): SnpGuestPolicy {
  return {
    ...bits,
    cxlAllow: laterBit(unknown, "cxlallowed", path),
    memAes256Xts: laterBit(unknown, "memaes256xts", path),
    raplDis: laterBit(unknown, "rapldis", path),
    ciphertextHidingDram: laterBit(unknown, "ciphertexthidingdram", path),
    pageSwapDisable: laterBit(unknown, "pageswapdisable", path),
  };
}

function platformInfoOf({ unknown, ...bits }: SnpPlatformInfoValues, path: string): SnpPlatformInfo {
  return { ...bits, tioEnabled: laterBit(unknown, "tioenabled", path) };
}

function tdxEntry(entry: TdxReferenceValues, index: number): TdxExpectations {
  const source = `ReferenceValues.tdx[${index}]`;
  const rtmrsKey = runtimeMeasurementsKey(entry);
  const registers = runtimeMeasurements(entry);
  const register = (number: number): Uint8Array =>
    bytesOf(registers[number] ?? "", 48, `${source}.${rtmrsKey}[${number}]`);
  return {
    name: `tdx-${index}`,
    source,
    mrTd: bytesOf(entry.mrTd, 48, `${source}.MrTd`),
    rtmrsKey,
    rtmrs: [register(0), register(1), register(2), register(3)],
    minimumQeSvn: numberOf(entry.minimumQeSvn, `${source}.MinimumQeSvn`),
    minimumPceSvn: numberOf(entry.minimumPceSvn, `${source}.MinimumPceSvn`),
    minimumTeeTcbSvn: bytesOf(entry.minimumTeeTcbSvn, 16, `${source}.MinimumTeeTcbSvn`),
    mrSeam: bytesOf(entry.mrSeam, 48, `${source}.MrSeam`),
    tdAttributes: bytesOf(entry.tdAttributes, 8, `${source}.TdAttributes`),
    xfam: bytesOf(entry.xfam, 8, `${source}.Xfam`),
  };
}

function numberOf(value: number | null, path: string): number {
  if (value !== null) return value;
  throw new ContrastError("manifest/value-missing", `Cannot use ${path}: field cannot be empty`);
}

/** A value of another length would be no expectation at all for some verifiers. */
function bytesOf(hex: string, sizeBytes: number, path: string): Uint8Array {
  if (hex.length === 2 * sizeBytes && /^[0-9A-Fa-f]*$/.test(hex)) return Uint8Array.fromHex(hex);
  throw new ContrastError("manifest/value-invalid", `Cannot use ${path}: need ${sizeBytes} bytes in hexadecimal`);
}
