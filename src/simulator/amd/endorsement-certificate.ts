import type { SnpProduct, SnpSigningKey, TcbVersion } from "../../attestation/collateral-need.ts";
import { derElement, derInteger } from "../../pki/der-writer.ts";
import type { CertificateExtension, CertificateTemplate } from "../../pki/x509/create-certificate.ts";
import { amdName } from "./amd-name.ts";

/** What a VCEK or VLEK certifies. */
export interface Endorsement {
  readonly product: SnpProduct;
  readonly signingKey: SnpSigningKey;
  readonly spkiDer: Uint8Array;
  readonly tcb: TcbVersion;
  /** Of a VCEK: 64 bytes, 8 on Turin; undefined leaves it out. */
  readonly hwId?: Uint8Array | undefined;
  /** Of a VLEK; undefined leaves it out. */
  readonly cspId?: string | undefined;
  /** AMD's service names stepping B0 of every chip, whatever it is; that is written where nothing is said. */
  readonly productName?: string | undefined;
  /** 1 on Turin, 0 elsewhere, where nothing is said. */
  readonly structVersion?: number | undefined;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const AMD_ARC = "1.3.6.1.4.1.3704.1";
const TAG_IA5_STRING = 0x16;

/** The certificate of a key that signs reports; all of them have the serial number 0. @see AMD 57230 */
export function endorsementTemplate(endorsement: Endorsement): CertificateTemplate {
  const { product, signingKey, spkiDer, notBefore, notAfter } = endorsement;
  return {
    serial: 0n,
    issuer: amdName(signingKey === "VCEK" ? `SEV-${product}` : `SEV-VLEK-${product}`),
    subject: amdName(`SEV-${signingKey}`),
    notBefore,
    notAfter,
    spkiDer,
    extensions: endorsementExtensions(endorsement),
  };
}

/** An extension of AMD's arc. */
export function amdExtension(suffix: string, value: Uint8Array): CertificateExtension {
  return { oid: `${AMD_ARC}.${suffix}`, value };
}

/** In AMD's order. */
function endorsementExtensions(endorsement: Endorsement): readonly CertificateExtension[] {
  const { product, signingKey, tcb, hwId, cspId } = endorsement;
  const spl = (suffix: string, value: number): CertificateExtension => amdExtension(suffix, derInteger(BigInt(value)));
  const ia5 = (text: string): Uint8Array => derElement(TAG_IA5_STRING, new TextEncoder().encode(text));
  const isTurin = product === "Turin";
  return [
    spl("1", endorsement.structVersion ?? (isTurin ? 1 : 0)),
    amdExtension("2", ia5(endorsement.productName ?? (signingKey === "VLEK" ? product : `${product}-B0`))),
    spl("3.1", tcb.bootloader),
    spl("3.2", tcb.tee),
    ...(isTurin ? [] : [spl("3.4", 0)]),
    ...["3.5", "3.6", "3.7"].map((suffix) => spl(suffix, 0)),
    spl("3.3", tcb.snp),
    spl("3.8", tcb.microcode),
    ...(isTurin ? [spl("3.9", tcb.fmc ?? 0)] : []),
    ...(hwId === undefined ? [] : [amdExtension("4", hwId)]),
    ...(cspId === undefined ? [] : [amdExtension("5", ia5(cspId))]),
  ];
}
