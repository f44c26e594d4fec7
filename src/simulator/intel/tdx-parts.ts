import * as v from "valibot";
import { ContrastError } from "../../lib/errors.ts";
import type { JsonObject } from "../../lib/json.ts";
import { parseCertificate } from "../../pki/x509/certificate.ts";
import { type CertificateExtension, createCertificate } from "../../pki/x509/create-certificate.ts";
import {
  type CertifiedKey,
  encodeCertifiedKey,
  encodePrivateKey,
  parseCertifiedKey,
  parsePrivateKey,
  savedKeySchema,
  savedPrivateKeySchema,
} from "../certified-key.ts";
import { daysAfter } from "../document-dates.ts";
import { createEcKeyPair, type KeyPair } from "../key-pair.ts";
import { markedIdentifier, markedSerial } from "../sandbox-mark.ts";
import { ecdsaSigner } from "../signer.ts";
import { INTEL_NAMES, intelExtensions, intelName, type IntelRoles, PLATFORM_CRL_URL } from "./intel-authority.ts";
import { sgxExtension } from "./sgx-extension.ts";

/** What a TDX machine consists of. */
export interface TdxParts extends IntelRoles<CertifiedKey> {
  /** Signs quotes; the quoting enclave vouches for it in each of them. */
  readonly attestationKey: KeyPair;
}

/** How a TDX machine is saved. */
export const savedTdxSchema = v.strictObject({
  root: savedKeySchema,
  intermediate: savedKeySchema,
  pck: savedKeySchema,
  tcbSigning: savedKeySchema,
  attestationKey: savedPrivateKeySchema,
});

const YEAR_DAYS = 365;
const ROOT_YEARS = 31;
const INTERMEDIATE_YEARS = 15;
const LEAF_YEARS = 7;

/** 16 parts that the newest level of the TCB info asks for, or more. */
const SGX_COMPONENTS = [3, 3, 2, 2, 4, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0];
const PCE_SVN = 13;
const PCE_ID = "0000";
/** First bytes of the FMSPC of each machine, ASCII "SB"; no processor of Intel has them. */
const FMSPC_MARK = "5342";
const FMSPC_RANDOM_BYTES = 4;
const IDENTIFIER_BYTES = 16;

/** What one certificate says. */
interface Subject {
  readonly what: string;
  readonly commonName: string;
  readonly years: number;
  readonly extensions: readonly CertificateExtension[];
}

/** New keys and certificates. */
export function createTdxParts(now: Date): TdxParts {
  const [root, intermediate, pck, tcbSigning, attestationKey] = [newKey(), newKey(), newKey(), newKey(), newKey()];
  const notBefore = daysAfter(now, -1);
  const certify = (key: KeyPair, issuer: KeyPair, issuerName: string, subject: Subject): CertifiedKey => {
    const { what, commonName, years, extensions } = subject;
    const notAfter = daysAfter(notBefore, years * YEAR_DAYS);
    const [from, to] = [intelName(issuerName), intelName(commonName)];
    const template = { serial: markedSerial(), issuer: from, subject: to, notBefore, notAfter, extensions };
    const der = createCertificate({ ...template, spkiDer: key.spkiDer }, ecdsaSigner(issuer));
    return { key, certificate: parseCertificate(der, what) };
  };
  const sgx = sgxExtension({
    fmspc: FMSPC_MARK + markedIdentifier(IDENTIFIER_BYTES).slice(-FMSPC_RANDOM_BYTES).toHex(),
    pceId: PCE_ID,
    ppid: markedIdentifier(IDENTIFIER_BYTES),
    platformInstanceId: markedIdentifier(IDENTIFIER_BYTES),
    sgxComponents: SGX_COMPONENTS,
    pceSvn: PCE_SVN,
  });
  return {
    attestationKey,
    root: certify(root, root, INTEL_NAMES.root, {
      what: "root",
      commonName: INTEL_NAMES.root,
      years: ROOT_YEARS,
      extensions: intelExtensions(root, root, { ca: true, pathLength: 1 }),
    }),
    intermediate: certify(intermediate, root, INTEL_NAMES.root, {
      what: "Platform CA",
      commonName: INTEL_NAMES.platformCa,
      years: INTERMEDIATE_YEARS,
      extensions: intelExtensions(intermediate, root, { ca: true, pathLength: 0 }),
    }),
    pck: certify(pck, intermediate, INTEL_NAMES.platformCa, {
      what: "PCK",
      commonName: INTEL_NAMES.pck,
      years: LEAF_YEARS,
      extensions: [...intelExtensions(pck, intermediate, { ca: false, crlUrl: PLATFORM_CRL_URL }), sgx],
    }),
    tcbSigning: certify(tcbSigning, root, INTEL_NAMES.root, {
      what: "TCB signing certificate",
      commonName: INTEL_NAMES.tcbSigning,
      years: LEAF_YEARS,
      extensions: intelExtensions(tcbSigning, root, { ca: false }),
    }),
  };
}

/** The inverse of `parseTdxParts`; secret. */
export function encodeTdxParts({ root, intermediate, pck, tcbSigning, attestationKey }: TdxParts): JsonObject {
  return {
    root: encodeCertifiedKey(root),
    intermediate: encodeCertifiedKey(intermediate),
    pck: encodeCertifiedKey(pck),
    tcbSigning: encodeCertifiedKey(tcbSigning),
    attestationKey: encodePrivateKey(attestationKey),
  };
}

/**
 * Reads the parts of a saved machine; each certificate must be signed by the one above it.
 *
 * @throws ContrastError `simulator/machine-invalid`, `pki/…`
 */
export function parseTdxParts(saved: v.InferOutput<typeof savedTdxSchema>): TdxParts {
  const expected = (what: string, commonName: string, issuer: CertifiedKey | undefined) => ({
    what,
    subject: intelName(commonName),
    issuer,
  });
  const root = parseCertifiedKey(saved.root, expected("root", INTEL_NAMES.root, undefined));
  const intermediate = parseCertifiedKey(saved.intermediate, expected("Platform CA", INTEL_NAMES.platformCa, root));
  const pck = parseCertifiedKey(saved.pck, expected("PCK", INTEL_NAMES.pck, intermediate));
  const tcbSigning = parseCertifiedKey(saved.tcbSigning, expected("TCB signing", INTEL_NAMES.tcbSigning, root));
  const attestationKey = parsePrivateKey(saved.attestationKey, "quotes");
  // No certificate says what it must be.
  if (attestationKey.privateKey.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw new ContrastError("simulator/machine-invalid", "Cannot read simulated machine: quotes need a key on P-256");
  }
  return { root, intermediate, pck, tcbSigning, attestationKey };
}

function newKey(): KeyPair {
  return createEcKeyPair("P-256");
}
