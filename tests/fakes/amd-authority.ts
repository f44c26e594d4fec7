import { generateKeyPairSync, type KeyObject } from "node:crypto";
import type { SnpProduct, SnpSigningKey, TcbVersion } from "../../src/attestation/collateral-need.ts";
import type { AmdRoots, TrustRoots } from "../../src/attestation/trust-roots.ts";
import { embeddedTrustRoots } from "../../src/attestation/trust-roots.ts";
import { parseCertificate } from "../../src/pki/x509/certificate.ts";
import { encodeExtension } from "../../src/pki/x509/create-certificate.ts";
import {
  amdAuthorityTemplates,
  amdChainPem,
  amdCrlTemplate,
  type AmdRole,
  amdRootsPem,
  signAmdAuthority,
} from "../../src/simulator/amd/amd-authority.ts";
import {
  amdExtension as simulatedExtension,
  endorsementTemplate,
} from "../../src/simulator/amd/endorsement-certificate.ts";
import { keyPairOf } from "../../src/simulator/key-pair.ts";
import { pssSigner } from "../../src/simulator/signer.ts";
import {
  buildCertificate,
  buildCrl,
  type CertificateParts,
  type CrlParts,
  crlPartsOf,
  partsOf,
  spkiOf,
  type TestSigner,
} from "./certificate-builder.ts";

export type { AmdRole } from "../../src/simulator/amd/amd-authority.ts";
export { amdName } from "../../src/simulator/amd/amd-name.ts";

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
  const signer = pssSigner(keyPairOf(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey));
  keys.set(name, signer);
  return signer;
}

/** An extension of AMD's arc, DER. */
export function amdExtension(suffix: string, value: Uint8Array): Uint8Array {
  return encodeExtension(simulatedExtension(suffix, value));
}

function createAuthority(product: SnpProduct, name: string): AmdAuthority {
  const [ark, ask, asvk] = [rsaSigner(`${name} ark`), rsaSigner(`${name} ask`), rsaSigner(`${name} asvk`)];
  const templates = amdAuthorityTemplates(product, { ark, ask, asvk });
  const ders = signAmdAuthority(product, { ark, ask, asvk });
  const own: AmdRoots = {
    ark: parseCertificate(ders.ark, "ARK"),
    ask: parseCertificate(ders.ask, "ASK"),
    asvk: parseCertificate(ders.asvk, "ASVK"),
  };
  return {
    product,
    ark,
    ask,
    asvk,
    arkDer: ders.ark,
    askDer: ders.ask,
    asvkDer: ders.asvk,
    roots: { ...embeddedTrustRoots().amd, [product]: own },
    rootsPem: amdRootsPem(ders),
    chainPem: (signingKey) => amdChainPem(ders, signingKey),
    rootsWith: (role, parts, signer = ark) => {
      const changed = parseCertificate(buildCertificate(signer, { ...partsOf(templates[role]), ...parts }), role);
      return { ...embeddedTrustRoots().amd, [product]: { ...own, [role]: changed } };
    },
    crl: ({ revoked, thisUpdate, nextUpdate, signer = ark, parts = {} } = {}) => {
      const [from, to] = [thisUpdate ?? new Date("2025-01-01"), nextUpdate ?? new Date("2045-01-01")];
      return buildCrl(signer, { ...crlPartsOf(amdCrlTemplate(product, ark, from, to, revoked)), ...parts });
    },
    leaf: (options) => createLeaf(product, options.signingKey === "VCEK" ? ask : asvk, options),
  };
}

function createLeaf(product: SnpProduct, issuer: TestSigner, options: LeafOptions): Uint8Array {
  const { signer = issuer, editExtensions = (extensions) => extensions } = options;
  const template = endorsementTemplate({
    product,
    signingKey: options.signingKey,
    spkiDer: spkiOf(options.publicKey),
    tcb: options.tcb,
    hwId: options.hwId,
    cspId: options.cspId,
    productName: options.productName,
    structVersion: options.structVersion,
    notBefore: options.notBefore ?? new Date("2024-01-01"),
    notAfter: options.notAfter ?? new Date("2031-01-01"),
  });
  const parts = partsOf(template);
  return buildCertificate(signer, { ...parts, extensions: editExtensions(parts.extensions ?? []), ...options.parts });
}
