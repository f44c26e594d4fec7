import type { SnpProduct, SnpSigningKey } from "../../attestation/collateral-need.ts";
import { collateralUrl } from "../../attestation/collateral/collateral-url.ts";
import { encodePem } from "../../pki/pem-block.ts";
import { type CertificateTemplate, createCertificate } from "../../pki/x509/create-certificate.ts";
import {
  authorityKeyIdExtension,
  basicConstraintsExtension,
  keyUsageExtension,
  subjectKeyIdExtension,
} from "../../pki/x509/encode-extensions.ts";
import { keyIdentifierOf } from "../../pki/x509/key-identifier.ts";
import type { KeyPair } from "../key-pair.ts";
import { crlDistributionPoint, crlExtensions, type RevocationListTemplate } from "../revocation-list.ts";
import { pssSigner } from "../signer.ts";
import { amdName } from "./amd-name.ts";

/** The certificates of an authority: the root, what signs VCEKs, what signs VLEKs. */
export type AmdRole = "ark" | "ask" | "asvk";

/** One thing for each of them. */
export type AmdRoles<T> = Readonly<Record<AmdRole, T>>;

interface Line {
  readonly serials: AmdRoles<bigint>;
  readonly notBefore: Date;
}

/** As AMD numbered and dated its own. @see AMD 57230 */
const LINES: Readonly<Record<SnpProduct, Line>> = {
  Milan: {
    serials: { ark: 0x010000n, ask: 0x010001n, asvk: 0x010101n },
    notBefore: new Date("2020-10-22T17:23:05Z"),
  },
  Genoa: {
    serials: { ark: 0x020000n, ask: 0x020002n, asvk: 0x020101n },
    notBefore: new Date("2022-01-26T15:34:37Z"),
  },
  Turin: {
    serials: { ark: 0x030000n, ask: 0x030001n, asvk: 0x030101n },
    notBefore: new Date("2023-05-15T20:03:12Z"),
  },
};

const LIFETIME_YEARS = 25;

/** What stands in the certificates of a product line's authority. @param keys RSA */
export function amdAuthorityTemplates(product: SnpProduct, keys: AmdRoles<KeyPair>): AmdRoles<CertificateTemplate> {
  const { serials, notBefore } = LINES[product];
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notBefore.getUTCFullYear() + LIFETIME_YEARS);
  const issuer = amdName(`ARK-${product}`);
  const template = (role: AmdRole, commonName: string): CertificateTemplate => ({
    serial: serials[role],
    issuer,
    subject: amdName(commonName),
    notBefore,
    notAfter,
    spkiDer: keys[role].spkiDer,
    extensions: [
      ...(role === "ark" ? [] : [authorityKeyIdExtension(keyIdentifierOf(keys.ark.spkiDer))]),
      subjectKeyIdExtension(keyIdentifierOf(keys[role].spkiDer)),
      basicConstraintsExtension({ ca: true, pathLength: role === "ark" ? undefined : 0 }),
      keyUsageExtension(role === "ark" ? ["keyCertSign", "cRLSign"] : ["keyCertSign"]),
      crlDistributionPoint(amdCrlUrl(product, role === "asvk" ? "VLEK" : "VCEK")),
    ],
  });
  return {
    ark: template("ark", `ARK-${product}`),
    ask: template("ask", `SEV-${product}`),
    asvk: template("asvk", `SEV-VLEK-${product}`),
  };
}

/** The certificates themselves, DER; all are signed by the root. */
export function signAmdAuthority(product: SnpProduct, keys: AmdRoles<KeyPair>): AmdRoles<Uint8Array> {
  const templates = amdAuthorityTemplates(product, keys);
  const signer = pssSigner(keys.ark);
  return {
    ark: createCertificate(templates.ark, signer),
    ask: createCertificate(templates.ask, signer),
    asvk: createCertificate(templates.asvk, signer),
  };
}

/** What stands in the revocation list of the root. */
export function amdCrlTemplate(
  product: SnpProduct,
  ark: KeyPair,
  thisUpdate: Date,
  nextUpdate: Date,
  revoked: readonly AmdRole[] = [],
): RevocationListTemplate {
  const serials = revoked.map((role) => LINES[product].serials[role]);
  return {
    issuer: amdName(`ARK-${product}`),
    thisUpdate,
    nextUpdate,
    revoked: serials,
    extensions: crlExtensions(ark),
  };
}

/** As AMD's service delivers it: ASK or ASVK, then ARK. @param ders of the certificates */
export function amdChainPem(ders: AmdRoles<Uint8Array>, signingKey: SnpSigningKey): string {
  return [signingKey === "VCEK" ? ders.ask : ders.asvk, ders.ark].map((der) => encodePem("CERTIFICATE", der)).join("");
}

/** All of them, for `--insecure-trust-roots`. */
export function amdRootsPem({ ark, ask, asvk }: AmdRoles<Uint8Array>): string {
  return [ark, ask, asvk].map((der) => encodePem("CERTIFICATE", der)).join("");
}

function amdCrlUrl(product: SnpProduct, signingKey: SnpSigningKey): string {
  return collateralUrl({ kind: "amd-crl", product, signingKey });
}
