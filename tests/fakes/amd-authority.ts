import { constants, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { SnpProduct, SnpSigningKey, TcbVersion } from "../../src/attestation/collateral-need.ts";
import type { AmdRoots, TrustRoots } from "../../src/attestation/trust-roots.ts";
import { embeddedTrustRoots } from "../../src/attestation/trust-roots.ts";
import {
  derElement,
  derInteger,
  derOid,
  derSequence,
  derSet,
  derText,
  derTime,
  derUtf8,
} from "../../src/pki/der-writer.ts";
import { parseCertificate } from "../../src/pki/x509/certificate.ts";
import {
  buildCertificate,
  buildCrl,
  caExtension,
  type CertificateParts,
  type CrlParts,
  extension,
  keyUsageExtension,
  pssAlgorithm,
  revokedEntry,
  spkiOf,
  type TestSigner,
} from "./certificate-builder.ts";

/** A time at which everything that an authority makes by default is valid. */
export const AMD_TEST_TIME = new Date("2025-06-01T00:00:00Z");

/** AMD's place in the certificate world, with keys of our own. */
export interface AmdAuthority {
  readonly product: SnpProduct;
  readonly ark: TestSigner;
  readonly ask: TestSigner;
  readonly asvk: TestSigner;
  readonly arkDer: Uint8Array;
  readonly askDer: Uint8Array;
  readonly asvkDer: Uint8Array;
  /** These certificates for the product, AMD's own for the others. */
  readonly roots: TrustRoots["amd"];
  /** ARK, ASK and ASVK, for `--insecure-trust-roots`. */
  readonly rootsPem: string;
  /** As AMD's service delivers it: ASK or ASVK, then ARK. */
  readonly chainPem: (signingKey: SnpSigningKey) => string;
  /** These certificates with one of them changed. */
  readonly rootsWith: (role: AmdRole, parts: CertificateParts, signer?: TestSigner) => TrustRoots["amd"];
  /** A revocation list, DER. */
  readonly crl: (options?: CrlOptions) => Uint8Array;
  /** A VCEK or VLEK, DER. */
  readonly leaf: (options: LeafOptions) => Uint8Array;
}

/** The certificates of an authority. */
export type AmdRole = "ark" | "ask" | "asvk";

/** What is unusual about a revocation list. */
export interface CrlOptions {
  readonly revoked?: readonly ("ask" | "asvk")[];
  readonly thisUpdate?: Date;
  readonly nextUpdate?: Date;
  readonly signer?: TestSigner;
  readonly parts?: CrlParts;
}

/** What is unusual about a VCEK or VLEK. */
export interface LeafOptions {
  readonly signingKey: SnpSigningKey;
  readonly publicKey: KeyObject;
  readonly tcb: TcbVersion;
  /** Undefined leaves it out. */
  readonly hwId?: Uint8Array | undefined;
  /** Undefined leaves it out. */
  readonly cspId?: string | undefined;
  readonly productName?: string;
  readonly structVersion?: number;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly signer?: TestSigner;
  /** Changes the list of extensions, each a whole DER element. */
  readonly editExtensions?: (extensions: readonly Uint8Array[]) => readonly Uint8Array[];
  /** Replaces anything else. */
  readonly parts?: CertificateParts;
}

const AMD_ARC = "1.3.6.1.4.1.3704.1";
const SERIALS: Readonly<Record<SnpProduct, { ark: bigint; ask: bigint; asvk: bigint }>> = {
  Milan: { ark: 0x010000n, ask: 0x010001n, asvk: 0x010101n },
  Genoa: { ark: 0x020000n, ask: 0x020002n, asvk: 0x020101n },
  Turin: { ark: 0x030000n, ask: 0x030001n, asvk: 0x030101n },
};

const keys = new Map<string, TestSigner>();
const authorities = new Map<string, AmdAuthority>();

/**
 * An authority, made once per process. All product lines of one name share their RSA keys, which take long to make.
 *
 * @param name another name has other keys
 */
export function amdAuthority(product: SnpProduct = "Milan", name = "default"): AmdAuthority {
  const known = authorities.get(`${name} ${product}`);
  if (known !== undefined) return known;
  const authority = createAuthority(product, name);
  authorities.set(`${name} ${product}`, authority);
  return authority;
}

/** An RSA key that signs as AMD does, made once per process. */
function rsaSigner(name: string): TestSigner {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const signer: TestSigner = {
    privateKey,
    publicKey,
    algorithm: pssAlgorithm(),
    sign: (data) => new Uint8Array(sign("sha384", data, { key: privateKey, padding, saltLength: 48 })),
  };
  keys.set(name, signer);
  return signer;
}

/** A distinguished name as AMD writes it, or in another encoding. */
export function amdName(commonName: string, encode: (text: string) => Uint8Array = derUtf8): Uint8Array {
  const attributes: readonly (readonly [string, Uint8Array])[] = [
    ["2.5.4.11", encode("Engineering")],
    ["2.5.4.6", derText("US")],
    ["2.5.4.7", encode("Santa Clara")],
    ["2.5.4.8", encode("CA")],
    ["2.5.4.10", encode("Advanced Micro Devices")],
    ["2.5.4.3", encode(commonName)],
  ];
  return derSequence(...attributes.map(([oid, value]) => derSet(derSequence(derOid(oid), value))));
}

/** An extension of AMD's arc. */
export function amdExtension(suffix: string, value: Uint8Array): Uint8Array {
  return extension(`${AMD_ARC}.${suffix}`, value);
}

/** The extensions of a VCEK or VLEK in AMD's order. */
function amdExtensions(product: SnpProduct, options: LeafOptions): readonly Uint8Array[] {
  const { tcb, hwId, cspId } = options;
  const spl = (suffix: string, value: number): Uint8Array => amdExtension(suffix, derInteger(BigInt(value)));
  const isTurin = product === "Turin";
  const ia5 = (text: string): Uint8Array => derElement(0x16, new TextEncoder().encode(text));
  return [
    amdExtension("1", derInteger(BigInt(options.structVersion ?? (isTurin ? 1 : 0)))),
    amdExtension("2", ia5(options.productName ?? (options.signingKey === "VLEK" ? product : `${product}-B0`))),
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

function createAuthority(product: SnpProduct, name: string): AmdAuthority {
  const [ark, ask, asvk] = [rsaSigner(`${name} ark`), rsaSigner(`${name} ask`), rsaSigner(`${name} asvk`)];
  const serials = SERIALS[product];
  const usual = (role: AmdRole, subject: string, publicKey: KeyObject): CertificateParts => ({
    serial: derInteger(serials[role]),
    issuer: amdName(`ARK-${product}`),
    subject: amdName(subject),
    validity: validity(new Date("2020-10-22T17:23:05Z"), new Date("2045-10-22T17:23:05Z")),
    spki: spkiOf(publicKey),
    extensions:
      role === "ark" ? [caExtension(), keyUsageExtension("0106")] : [caExtension(0), keyUsageExtension("0204")],
  });
  const usualParts: Readonly<Record<AmdRole, CertificateParts>> = {
    ark: usual("ark", `ARK-${product}`, ark.publicKey),
    ask: usual("ask", `SEV-${product}`, ask.publicKey),
    asvk: usual("asvk", `SEV-VLEK-${product}`, asvk.publicKey),
  };
  const arkDer = buildCertificate(ark, usualParts.ark);
  const askDer = buildCertificate(ark, usualParts.ask);
  const asvkDer = buildCertificate(ark, usualParts.asvk);
  const own: AmdRoots = {
    ark: parseCertificate(arkDer, "ARK"),
    ask: parseCertificate(askDer, "ASK"),
    asvk: parseCertificate(asvkDer, "ASVK"),
  };
  return {
    product,
    ark,
    ask,
    asvk,
    arkDer,
    askDer,
    asvkDer,
    roots: { ...embeddedTrustRoots().amd, [product]: own },
    rootsPem: [arkDer, askDer, asvkDer].map(pemOf).join(""),
    chainPem: (signingKey) => pemOf(signingKey === "VCEK" ? askDer : asvkDer) + pemOf(arkDer),
    rootsWith: (role, parts, signer = ark) => {
      const changed = parseCertificate(buildCertificate(signer, { ...usualParts[role], ...parts }), role);
      return { ...embeddedTrustRoots().amd, [product]: { ...own, [role]: changed } };
    },
    crl: ({ revoked = [], thisUpdate, nextUpdate, signer = ark, parts = {} } = {}) =>
      buildCrl(signer, {
        issuer: amdName(`ARK-${product}`),
        thisUpdate: derTime(thisUpdate ?? new Date("2025-01-01")),
        nextUpdate: derTime(nextUpdate ?? new Date("2045-01-01")),
        entries: revoked.map((role) => revokedEntry(serials[role])),
        ...parts,
      }),
    leaf: (options) => createLeaf(product, options.signingKey === "VCEK" ? ask : asvk, options),
  };
}

function createLeaf(product: SnpProduct, issuer: TestSigner, options: LeafOptions): Uint8Array {
  const { signingKey, signer = issuer, editExtensions = (extensions) => extensions } = options;
  return buildCertificate(signer, {
    serial: derInteger(0n),
    issuer: amdName(signingKey === "VCEK" ? `SEV-${product}` : `SEV-VLEK-${product}`),
    subject: amdName(`SEV-${signingKey}`),
    validity: validity(options.notBefore ?? new Date("2024-01-01"), options.notAfter ?? new Date("2031-01-01")),
    spki: spkiOf(options.publicKey),
    extensions: editExtensions(amdExtensions(product, options)),
    ...options.parts,
  });
}

function validity(notBefore: Date, notAfter: Date): Uint8Array {
  return derSequence(derTime(notBefore), derTime(notAfter));
}

function pemOf(der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
