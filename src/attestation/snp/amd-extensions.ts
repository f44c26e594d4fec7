import type { SnpProduct, SnpSigningKey } from "../collateral-need.ts";
import { ContrastError } from "../../lib/errors.ts";
import { DER_TAG, DerReader } from "../../pki/der-reader.ts";
import type { Certificate } from "../../pki/x509/certificate.ts";
import { extensionOf } from "../../pki/x509/extensions.ts";

const ARC = "1.3.6.1.4.1.3704.1";

/** Extensions of AMD in VCEKs and VLEKs, other than the parts of the TCB. */
export const AMD_OID = {
  structVersion: `${ARC}.1`,
  productName: `${ARC}.2`,
  hwId: `${ARC}.4`,
  cspId: `${ARC}.5`,
} as const;

/** Last number of the extension of each byte of TCB_VERSION, first byte first. */
const TCB_EXTENSIONS: Readonly<Record<SnpProduct, readonly number[]>> = {
  Milan: [1, 2, 4, 5, 6, 7, 3, 8],
  Genoa: [1, 2, 4, 5, 6, 7, 3, 8],
  Turin: [9, 1, 2, 3, 5, 6, 7, 8],
};

const MAX_SPL = 255;
const MAX_STRUCT_VERSION = 255;
const MAX_TEXT = 256;

/** What a VCEK or VLEK says about the platform whose reports it endorses. */
export interface AmdExtensions {
  /** 0 on Milan and Genoa, 1 on Turin. */
  readonly structVersion: number;
  /** Such as `Milan-B0` or `Genoa`. */
  readonly productName: string;
  /** In the layout of the product's TCB_VERSION (`parseTcb`), reserved bytes included. */
  readonly tcb: bigint;
  /** VCEK only: 64 bytes, 8 on Turin. */
  readonly hwId: Uint8Array | undefined;
  /** VLEK only: the cloud provider that uses the key. */
  readonly cspId: string | undefined;
}

/**
 * Reads AMD's extensions. All that the kind of certificate needs must be there, and none that it must not have.
 *
 * @throws ContrastError `snp/certificate-extensions-invalid`
 * @see AMD 57230 (VCEK Certificate and KDS Interface Specification), sections 3.1 and 3.2
 */
export function parseAmdExtensions(
  certificate: Certificate,
  signingKey: SnpSigningKey,
  product: SnpProduct,
): AmdExtensions {
  const required = (oid: string, name: string): DerReader => {
    const extension = extensionOf(certificate, oid);
    if (extension === undefined) throw invalid(`${name} (${oid}) is missing`);
    return new DerReader(extension.value, name);
  };
  return {
    structVersion: integer(required(AMD_OID.structVersion, "structVersion"), "structVersion", MAX_STRUCT_VERSION),
    productName: ia5String(required(AMD_OID.productName, "productName"), "productName"),
    tcb: TCB_EXTENSIONS[product].reduce((tcb, suffix, byte) => {
      const name = `security version .3.${suffix}`;
      return tcb | (BigInt(integer(required(`${ARC}.3.${suffix}`, name), name, MAX_SPL)) << BigInt(8 * byte));
    }, 0n),
    hwId: hwIdOf(certificate, signingKey, product),
    cspId: cspIdOf(certificate, signingKey),
  };
}

/** The extension is the bare identifier; newer certificates wrap it in an OCTET STRING. */
function hwIdOf(certificate: Certificate, signingKey: SnpSigningKey, product: SnpProduct): Uint8Array | undefined {
  const value = extensionOf(certificate, AMD_OID.hwId)?.value;
  if (signingKey === "VLEK") {
    if (value !== undefined) throw invalid("hwID is present, which a VLEK must not have");
    return undefined;
  }
  if (value === undefined) throw invalid("hwID is missing");
  const size = product === "Turin" ? 8 : 64;
  if (value.length === size) return value;
  const content = read("hwID", () => {
    const reader = new DerReader(value, "hwID");
    const bytes = reader.octetString();
    reader.end();
    return bytes;
  });
  if (content.length !== size) throw invalid(`hwID has ${content.length} bytes instead of ${size}`);
  return content;
}

function cspIdOf(certificate: Certificate, signingKey: SnpSigningKey): string | undefined {
  const value = extensionOf(certificate, AMD_OID.cspId)?.value;
  if (signingKey === "VCEK") {
    if (value !== undefined) throw invalid("cspID is present, which a VCEK must not have");
    return undefined;
  }
  if (value === undefined) throw invalid("cspID is missing");
  return ia5String(new DerReader(value, "cspID"), "cspID");
}

function integer(reader: DerReader, name: string, max: number): number {
  return read(name, () => {
    const value = reader.smallInteger(max);
    reader.end();
    return value;
  });
}

function ia5String(reader: DerReader, name: string): string {
  const { tag, value } = read(name, () => {
    const text = reader.string();
    reader.end();
    return text;
  });
  if (tag !== DER_TAG.ia5String) throw invalid(`${name} is no IA5String`);
  if (value.length > MAX_TEXT) throw invalid(`${name} has more than ${MAX_TEXT} characters`);
  return value;
}

function read<T>(name: string, reading: () => T): T {
  try {
    return reading();
  } catch (error) {
    throw invalid(`${name} is malformed`, error);
  }
}

function invalid(fact: string, cause?: unknown): ContrastError {
  return new ContrastError("snp/certificate-extensions-invalid", `Cannot read the extensions of AMD: ${fact}`, {
    cause,
  });
}
