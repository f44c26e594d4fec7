import * as v from "valibot";
import { ContrastError } from "../../lib/errors.ts";
import type { JsonObject } from "../../lib/json.ts";
import { randomHex } from "../../lib/random.ts";
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
import {
  INTEL_NAMES,
  intelName,
  type IntelRole,
  intelRoleExtensions,
  type IntelRoles,
  mapIntelRoles,
} from "./intel-authority.ts";
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

/** Whose certificate it is, who signs it, how long it is valid: about as Intel's. */
const CERTIFICATES: IntelRoles<{ readonly commonName: string; readonly issuer: IntelRole; readonly years: number }> = {
  root: { commonName: INTEL_NAMES.root, issuer: "root", years: 31 },
  intermediate: { commonName: INTEL_NAMES.platformCa, issuer: "root", years: 15 },
  pck: { commonName: INTEL_NAMES.pck, issuer: "intermediate", years: 7 },
  tcbSigning: { commonName: INTEL_NAMES.tcbSigning, issuer: "root", years: 7 },
};

/** 16 parts that the newest level of the TCB info asks for, or more. */
const SGX_COMPONENTS = [3, 3, 2, 2, 4, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0];
const PCE_SVN = 13;
const PCE_ID = "0000";
/** First bytes of the FMSPC of each machine, ASCII "SB"; no processor of Intel has them. */
const FMSPC_MARK = "5342";
const FMSPC_RANDOM_BYTES = 4;
const IDENTIFIER_BYTES = 16;

/** New keys and certificates. */
export function createTdxParts(now: Date): TdxParts {
  const keys = mapIntelRoles(newKey);
  const extensions = intelRoleExtensions(keys, newPlatform());
  const notBefore = daysAfter(now, -1);
  const certify = (role: IntelRole): CertifiedKey => {
    const { commonName, issuer, years } = CERTIFICATES[role];
    const template = {
      serial: markedSerial(),
      issuer: intelName(CERTIFICATES[issuer].commonName),
      subject: intelName(commonName),
      notBefore,
      notAfter: daysAfter(notBefore, years * YEAR_DAYS),
      spkiDer: keys[role].spkiDer,
      extensions: extensions[role],
    };
    const der = createCertificate(template, ecdsaSigner(keys[issuer]));
    return { key: keys[role], certificate: parseCertificate(der, commonName) };
  };
  return { ...mapIntelRoles(certify), attestationKey: newKey() };
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
  const parse = (role: IntelRole, issuer?: CertifiedKey): CertifiedKey => {
    const { commonName } = CERTIFICATES[role];
    return parseCertifiedKey(saved[role], { what: commonName, subject: intelName(commonName), issuer });
  };
  const root = parse("root");
  const intermediate = parse("intermediate", root);
  const [pck, tcbSigning] = [parse("pck", intermediate), parse("tcbSigning", root)];
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

function newPlatform(): CertificateExtension {
  return sgxExtension({
    fmspc: FMSPC_MARK + randomHex(FMSPC_RANDOM_BYTES),
    pceId: PCE_ID,
    ppid: markedIdentifier(IDENTIFIER_BYTES),
    platformInstanceId: markedIdentifier(IDENTIFIER_BYTES),
    sgxComponents: SGX_COMPONENTS,
    pceSvn: PCE_SVN,
  });
}
