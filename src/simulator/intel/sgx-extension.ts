import { derBoolean, derElement, derInteger, derOctetString, derOid, derSequence } from "../../pki/der-writer.ts";
import type { CertificateExtension } from "../../pki/x509/create-certificate.ts";

/** What a PCK certificate says about its platform. */
export interface PlatformIdentity {
  /** 12 hexadecimal digits. */
  readonly fmspc: string;
  /** 4 hexadecimal digits. */
  readonly pceId: string;
  /** 16 bytes. */
  readonly ppid: Uint8Array;
  /** 16 bytes. */
  readonly platformInstanceId: Uint8Array;
  /** 16 parts, 0 to 255 each. */
  readonly sgxComponents: readonly number[];
  readonly pceSvn: number;
}

const SGX_OID = "1.2.840.113741.1.13.1";
const TAG_ENUMERATED = 0x0a;
const SGX_TYPE_SCALABLE = 1;

/**
 * Intel's extension of PCK certificates. The platform is dynamic, has SMT and no cached keys.
 *
 * @see Intel SGX PCK Certificate and CRL profile, section 1.3.5
 */
export function sgxExtension(identity: PlatformIdentity): CertificateExtension {
  const { fmspc, pceId, ppid, platformInstanceId, sgxComponents, pceSvn } = identity;
  const pair = (oid: string, value: Uint8Array): Uint8Array => derSequence(derOid(`${SGX_OID}.${oid}`), value);
  const tcb = [
    ...sgxComponents.map((svn, index) => pair(`2.${index + 1}`, derInteger(BigInt(svn)))),
    pair("2.17", derInteger(BigInt(pceSvn))),
    pair("2.18", derOctetString(Uint8Array.from(sgxComponents))),
  ];
  const configuration = [true, false, true].map((flag, index) => pair(`7.${index + 1}`, derBoolean(flag)));
  return {
    oid: SGX_OID,
    value: derSequence(
      pair("1", derOctetString(ppid)),
      pair("2", derSequence(...tcb)),
      pair("3", derOctetString(Uint8Array.fromHex(pceId))),
      pair("4", derOctetString(Uint8Array.fromHex(fmspc))),
      pair("5", derElement(TAG_ENUMERATED, Uint8Array.of(SGX_TYPE_SCALABLE))),
      pair("6", derOctetString(platformInstanceId)),
      pair("7", derSequence(...configuration)),
    ),
  };
}
