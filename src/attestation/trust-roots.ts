import { sha256Hex } from "../lib/digest.ts";
import { ContrastError } from "../lib/errors.ts";
import { quoteText } from "../lib/quote-text.ts";
import { type Certificate, parseCertificate } from "../pki/x509/certificate.ts";
import { nameAttribute } from "../pki/x509/name.ts";
import { readCertificates } from "../pki/x509/read-certificates.ts";
import type { SnpProduct } from "./collateral-need.ts";
import certificates from "./roots/vendor-roots.json" with { type: "json" };

/** The certificates of AMD for one product line. */
export interface AmdRoots {
  /** Self-signed. */
  readonly ark: Certificate;
  /** Signs VCEKs. */
  readonly ask: Certificate;
  /** Signs VLEKs. */
  readonly asvk: Certificate;
}

/** What evidence is traced back to. */
export interface TrustRoots {
  readonly amd: Readonly<Record<SnpProduct, AmdRoots>>;
  /** Intel SGX Root CA, self-signed. */
  readonly intel: Certificate;
  /** Whether certificates of a user's file are among them; then no verdict says anything about real hardware. */
  readonly insecure: boolean;
}

type RootName = keyof typeof certificates;

const COMMON_NAME = "2.5.4.3";
const INTEL_ROOT = "Intel SGX Root CA";

/** Of any set of vendor certificates this is more than enough. */
const MAX_FILE_CERTIFICATES = 64;

const embedded = createRoots(new Map(), false);

/**
 * The vendors' certificates that are part of this program; `scripts/vendor-roots.ts` says where they come from. Each is
 * parsed when it is first asked for.
 *
 * @returns the same object every time
 */
export function embeddedTrustRoots(): TrustRoots {
  return embedded;
}

/**
 * Roots of a file in place of the vendors': for tests with synthetic hardware. A certificate takes the place of the
 * embedded one with the same common name (`ARK-Milan`, `SEV-Milan`, `SEV-VLEK-Milan`, …, `Intel SGX Root CA`).
 *
 * @param bytes PEM, or one DER certificate
 * @param what named in messages, such as `trust roots "roots.pem"`
 * @throws ContrastError `attestation/trust-roots-invalid`, and what `readCertificates` throws
 */
export function insecureTrustRoots(bytes: Uint8Array, what: string): TrustRoots {
  const replaced = new Map<RootName, Certificate>();
  for (const certificate of readCertificates(bytes, what, MAX_FILE_CERTIFICATES)) {
    const name = nameAttribute(certificate.subject, COMMON_NAME) ?? "";
    if (!isRootName(name)) {
      const names = Object.keys(certificates).join(", ");
      throw invalidRoots(what, `got a certificate for ${quoteText(name)}, need one of ${names}`);
    }
    const earlier = replaced.get(name);
    if (earlier !== undefined && sha256Hex(earlier.der) !== sha256Hex(certificate.der)) {
      throw invalidRoots(what, `got two certificates for ${quoteText(name)}`);
    }
    replaced.set(name, certificate);
  }
  return createRoots(replaced, true);
}

function createRoots(replaced: ReadonlyMap<RootName, Certificate>, insecure: boolean): TrustRoots {
  const parsed = new Map(replaced);
  const rootNamed = (name: RootName): Certificate => {
    const known = parsed.get(name);
    if (known !== undefined) return known;
    const certificate = parseCertificate(Uint8Array.fromBase64(certificates[name]), name);
    parsed.set(name, certificate);
    return certificate;
  };
  const line = (product: SnpProduct): AmdRoots => ({
    get ark() {
      return rootNamed(`ARK-${product}`);
    },
    get ask() {
      return rootNamed(`SEV-${product}`);
    },
    get asvk() {
      return rootNamed(`SEV-VLEK-${product}`);
    },
  });
  return {
    amd: { Milan: line("Milan"), Genoa: line("Genoa"), Turin: line("Turin") },
    get intel() {
      return rootNamed(INTEL_ROOT);
    },
    insecure,
  };
}

function isRootName(name: string): name is RootName {
  return Object.hasOwn(certificates, name);
}

function invalidRoots(what: string, fact: string): ContrastError {
  return new ContrastError("attestation/trust-roots-invalid", `Cannot read ${what}: ${fact}`);
}
