import { derBoolean, derElement, derInteger, derOctetString, derOid, derSequence } from "../../src/pki/der-writer.ts";
import { fakeExtension } from "./intel-certificates.ts";

/** What the extension says; numbers have usual values where nothing is said. */
export interface SgxFields {
  /** 12 hexadecimal digits. */
  readonly fmspc: string;
  /** 4 hexadecimal digits. */
  readonly pceId: string;
  /** 16 parts. */
  readonly sgxComponents?: readonly number[];
  readonly pceSvn?: number;
}

const SGX_OID = "1.2.840.113741.1.13.1";

/** Intel's extension of PCK certificates, as extension. */
export function sgxExtension({ fmspc, pceId, ...options }: SgxFields): Uint8Array {
  const components = options.sgxComponents ?? [3, 3, 2, 2, 4, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0];
  const pair = (oid: string, value: Uint8Array): Uint8Array => derSequence(derOid(`${SGX_OID}.${oid}`), value);
  const octets = (hex: string): Uint8Array => derOctetString(Uint8Array.fromHex(hex));
  const tcb = [
    ...components.map((svn, index) => pair(`2.${index + 1}`, derInteger(BigInt(svn)))),
    pair("2.17", derInteger(BigInt(options.pceSvn ?? 13))),
    pair("2.18", derOctetString(Uint8Array.from(components))),
  ];
  const configuration = [1, 2, 3].map((flag) => pair(`7.${flag}`, derBoolean(flag !== 2)));
  return fakeExtension(
    SGX_OID,
    derSequence(
      pair("1", octets("00112233445566778899aabbccddeeff")),
      pair("2", derSequence(...tcb)),
      pair("3", octets(pceId)),
      pair("4", octets(fmspc)),
      pair("5", derElement(0x0a, Uint8Array.of(1))),
      pair("6", octets("ffeeddccbbaa99887766554433221100")),
      pair("7", derSequence(...configuration)),
    ),
  );
}
