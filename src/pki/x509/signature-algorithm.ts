import type { DerReader } from "../der-reader.ts";

/** Hashes of signatures that are accepted anywhere. */
export type SignatureHash = "sha256" | "sha384" | "sha512";

/** What an AlgorithmIdentifier says about a signature, parameters included. */
export type SignatureAlgorithm =
  | {
      readonly kind: "rsa-pss";
      readonly hash: SignatureHash;
      readonly mgfHash: SignatureHash;
      /** In bytes. */
      readonly saltLength: number;
    }
  | { readonly kind: "ecdsa"; readonly hash: SignatureHash }
  | { readonly kind: "rsa-pkcs1"; readonly hash: SignatureHash }
  | { readonly kind: "ed25519" }
  | { readonly kind: "unknown"; readonly oid: string };

const RSA_PSS = "1.2.840.113549.1.1.10";
const ED25519 = "1.3.101.112";
const MGF1 = "1.2.840.113549.1.1.8";
const MAX_SALT_BYTES = 512;
const TRAILER_FIELD_BC = 1;

const ECDSA_HASHES: Readonly<Record<string, SignatureHash>> = {
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
};

const PKCS1_HASHES: Readonly<Record<string, SignatureHash>> = {
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
};

const HASHES: Readonly<Record<string, SignatureHash>> = {
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};

/**
 * Reads the content of an AlgorithmIdentifier of a signature to its end. One that is well-formed but not known here, RSASSA-PSS with SHA-1
 * included, is of kind `unknown`; that it cannot be verified shows when someone tries.
 *
 * @throws ContrastError `pki/der-invalid`, also for parameters that the known algorithms must not have
 * @see RFC 4055 sections 3.1 and 5, RFC 5758 section 3.2, RFC 8410 section 3
 */
export function parseSignatureAlgorithm(identifier: DerReader): SignatureAlgorithm {
  const oid = identifier.oid();
  const ecdsaHash = ECDSA_HASHES[oid];
  if (ecdsaHash !== undefined) {
    identifier.end();
    return { kind: "ecdsa", hash: ecdsaHash };
  }
  const pkcs1Hash = PKCS1_HASHES[oid];
  if (pkcs1Hash !== undefined) {
    readNullOrNothing(identifier);
    return { kind: "rsa-pkcs1", hash: pkcs1Hash };
  }
  if (oid === ED25519) {
    identifier.end();
    return { kind: "ed25519" };
  }
  if (oid === RSA_PSS && !identifier.isEmpty) return readPssParameters(identifier);
  if (!identifier.isEmpty) identifier.next();
  identifier.end();
  return { kind: "unknown", oid };
}

/** An algorithm in words, such as `RSASSA-PSS with SHA-384, MGF1 with SHA-384, salt of 48 bytes`. */
export function renderSignatureAlgorithm(algorithm: SignatureAlgorithm): string {
  switch (algorithm.kind) {
    case "rsa-pss": {
      const { hash, mgfHash, saltLength } = algorithm;
      return `RSASSA-PSS with ${renderHash(hash)}, MGF1 with ${renderHash(mgfHash)}, salt of ${saltLength} bytes`;
    }
    case "ecdsa":
      return `ECDSA with ${renderHash(algorithm.hash)}`;
    case "rsa-pkcs1":
      return `RSASSA-PKCS1-v1_5 with ${renderHash(algorithm.hash)}`;
    case "ed25519":
      return "Ed25519";
    case "unknown":
      return `algorithm ${algorithm.oid}`;
    default:
      return algorithm satisfies never;
  }
}

function readPssParameters(identifier: DerReader): SignatureAlgorithm {
  const parameters = identifier.sequence();
  identifier.end();
  const hash = readHash(parameters.explicit(0));
  const mgfHash = readMaskHash(parameters.explicit(1));
  const salt = parameters.explicit(2);
  const saltLength = salt?.smallInteger(MAX_SALT_BYTES) ?? 20;
  salt?.end();
  const trailer = parameters.explicit(3);
  trailer?.smallInteger(TRAILER_FIELD_BC);
  trailer?.end();
  parameters.end();
  if (hash === undefined || mgfHash === undefined) return { kind: "unknown", oid: RSA_PSS };
  return { kind: "rsa-pss", hash, mgfHash, saltLength };
}

/** What is left out means SHA-1, which is not accepted. */
function readHash(reader: DerReader | undefined): SignatureHash | undefined {
  if (reader === undefined) return undefined;
  const identifier = reader.sequence();
  reader.end();
  const hash = HASHES[identifier.oid()];
  readNullOrNothing(identifier);
  return hash;
}

function readMaskHash(reader: DerReader | undefined): SignatureHash | undefined {
  if (reader === undefined) return undefined;
  const identifier = reader.sequence();
  reader.end();
  if (identifier.oid() === MGF1) return readHash(identifier);
  if (!identifier.isEmpty) identifier.next();
  identifier.end();
  return undefined;
}

function readNullOrNothing(identifier: DerReader): void {
  if (!identifier.isEmpty) identifier.null();
  identifier.end();
}

function renderHash(hash: SignatureHash): string {
  return hash.replace("sha", "SHA-");
}
