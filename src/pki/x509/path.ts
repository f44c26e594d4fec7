import type { ErrorCode } from "../../lib/error-codes.ts";
import { renderInstant } from "../../lib/instant.ts";
import type { Certificate } from "./certificate.ts";
import { type Compared, findingOf, type RuleFinding } from "./finding.ts";
import { EXTENSION_OID } from "./extensions.ts";
import { renderName, sameName } from "./name.ts";
import { issuedSignatureFinding } from "./issued-signature.ts";

/** What one rule says about one certificate of a chain. */
export interface PathFinding extends RuleFinding<PathRule> {
  /** Position in the chain; the leaf is 0. */
  readonly index: number;
}

/** Rules of a path; those about issuers are not applied to the leaf. */
export type PathRule =
  "issuer-name" | "signature" | "validity" | "ca" | "path-length" | "key-usage" | "critical-extensions";

/** What a caller allows beyond the rules. */
export interface PathOptions {
  /** Object identifiers of critical extensions that the caller checks itself. */
  readonly recognised?: readonly string[] | undefined;
  /** Whether an authority at the end must be signed by itself, which says nothing about it; true by default. */
  readonly selfSigned?: boolean | undefined;
}

/** Critical extensions that the rules of a path process. */
const PROCESSED: readonly string[] = [EXTENSION_OID.basicConstraints, EXTENSION_OID.keyUsage];

/**
 * Checks a chain in which each certificate is signed by the next and the last by itself, if the options want it. Whether the last one is trusted
 * is not looked at, nor is revocation.
 *
 * - `issuer-name`: the issuer is the subject of the next certificate, byte for byte
 * - `signature`: made by the key of the next certificate
 * - `validity`: the instant lies between the two dates, both included
 * - `ca`: an issuer has version 3 and the CA flag
 * - `path-length`: no more authorities below an issuer than it allows, self-issued ones included; not said of the issuer
 *   of the leaf, which has none below it
 * - `key-usage`: an issuer that has key usage may sign certificates
 * - `critical-extensions`: every critical extension is processed here or recognised by the caller
 *
 * @param chain leaf first, root last
 * @param at the instant to judge for
 * @returns one finding for each rule and certificate, passed ones included; an empty chain fails
 * @see RFC 5280 section 6.1
 */
export function checkPath(chain: readonly Certificate[], at: Date, options: PathOptions = {}): readonly PathFinding[] {
  if (chain.length === 0) {
    const compared = (): Compared => ({ actual: "no certificate", expected: "a chain of certificates" });
    const finding = findingOf("issuer-name", false, "pki/issuer-mismatch", compared);
    return [{ ...finding, index: 0 }];
  }
  return chain.flatMap((certificate, index) => {
    const issuer = chain[index + 1] ?? certificate;
    const isUnsigned = options.selfSigned === false && index > 0 && index === chain.length - 1;
    const findings = [
      checkIssuerName(certificate, issuer),
      ...(isUnsigned ? [] : [issuedSignatureFinding(certificate, issuer)]),
      checkValidity(certificate, at),
      ...(index === 0 ? [] : checkAuthority(certificate, index)),
      checkCriticalExtensions(certificate, options.recognised ?? []),
    ];
    return findings.map((finding) => ({ ...finding, index }));
  });
}

function checkIssuerName(certificate: Certificate, issuer: Certificate): RuleFinding<PathRule> {
  const isSame = sameName(certificate.issuer, issuer.subject);
  return findingOf("issuer-name", isSame, "pki/issuer-mismatch", () => ({
    actual: `issuer ${renderName(certificate.issuer)}`,
    expected: renderName(issuer.subject),
  }));
}

function checkValidity({ notBefore, notAfter }: Certificate, at: Date): RuleFinding<PathRule> {
  const code: ErrorCode = at < notBefore ? "pki/certificate-not-yet-valid" : "pki/certificate-expired";
  const isInside = notBefore <= at && at <= notAfter;
  return findingOf("validity", isInside, code, () => ({
    actual: `valid from ${renderInstant(notBefore)} to ${renderInstant(notAfter)}`,
    expected: `valid at ${renderInstant(at)}`,
  }));
}

function checkAuthority(issuer: Certificate, index: number): readonly RuleFinding<PathRule>[] {
  const { version, basicConstraints, keyUsage } = issuer;
  const isAuthority = version === 3 && basicConstraints?.ca === true;
  const canSign = keyUsage === undefined || keyUsage.has("keyCertSign");
  return [
    findingOf("ca", isAuthority, "pki/not-a-ca", () => ({
      actual: isAuthority ? "an authority" : "not an authority",
      expected: "an authority",
    })),
    ...(index === 1 ? [] : [checkPathLength(basicConstraints?.pathLength, index - 1)]),
    findingOf("key-usage", canSign, "pki/key-usage-forbidden", () => ({
      actual: renderKeyUsage(keyUsage),
      expected: "keyCertSign",
    })),
  ];
}

function checkPathLength(allowed: number | undefined, below: number): RuleFinding<PathRule> {
  return findingOf("path-length", allowed === undefined || below <= allowed, "pki/path-too-long", () => ({
    actual: `${below} authorities below`,
    expected: allowed === undefined ? "any number" : `at most ${allowed}`,
  }));
}

function checkCriticalExtensions({ extensions }: Certificate, recognised: readonly string[]): RuleFinding<PathRule> {
  const unknown = extensions
    .filter(({ oid, critical }) => critical && !PROCESSED.includes(oid) && !recognised.includes(oid))
    .map(({ oid }) => oid);
  return findingOf("critical-extensions", unknown.length === 0, "pki/critical-extension-unknown", () => ({
    actual: unknown.length === 0 ? "none unknown" : `unknown ${unknown.join(", ")}`,
    expected: "none unknown",
  }));
}

/** Purposes of a key on one line. */
export function renderKeyUsage(keyUsage: Certificate["keyUsage"]): string {
  return keyUsage === undefined ? "key usage not limited" : [...keyUsage].join(", ");
}
