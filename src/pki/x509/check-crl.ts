import { renderInstant } from "../../lib/instant.ts";
import type { Certificate } from "./certificate.ts";
import type { Crl } from "./crl.ts";
import { EXTENSION_OID, extensionOf } from "./extensions.ts";
import { findingOf, type RuleFinding } from "./finding.ts";
import { issuedSignatureFinding } from "./issued-signature.ts";
import { parseAuthorityKeyId, parseSubjectKeyId } from "./key-identifier.ts";
import { renderName, sameName } from "./name.ts";
import { renderKeyUsage } from "./path.ts";

/** What one rule says about a revocation list. */
export type CrlFinding = RuleFinding<CrlRule>;

/** Rules of a revocation list. */
export type CrlRule = "issuer-name" | "issuer-key" | "signature" | "key-usage" | "this-update" | "next-update";

/**
 * Checks a revocation list against the certificate of its issuer, which the caller checks itself.
 *
 * - `issuer-name`: the issuer is the subject of the certificate, byte for byte
 * - `issuer-key`: the key identifiers are the same where both have one
 * - `signature`: made by the key of the certificate
 * - `key-usage`: an issuer that has key usage may sign revocation lists
 * - `this-update`, `next-update`: the instant lies between the two dates, both included; without a next update the list
 *   counts as expired, because nothing tells how old it may be
 *
 * @param at the instant to judge for
 * @returns one finding for each rule, passed ones included
 * @see RFC 5280 section 6.3.3
 */
export function checkCrl(crl: Crl, issuer: Certificate, at: Date): readonly CrlFinding[] {
  const { thisUpdate, nextUpdate } = crl;
  const hasName = sameName(crl.issuer, issuer.subject);
  const canSign = issuer.keyUsage === undefined || issuer.keyUsage.has("cRLSign");
  const isStarted = thisUpdate <= at;
  const isFresh = nextUpdate !== undefined && at <= nextUpdate;
  return [
    findingOf("issuer-name", hasName, "pki/issuer-mismatch", () => ({
      actual: `issuer ${renderName(crl.issuer)}`,
      expected: renderName(issuer.subject),
    })),
    checkIssuerKey(crl, issuer),
    issuedSignatureFinding(crl, issuer),
    findingOf("key-usage", canSign, "pki/key-usage-forbidden", () => ({
      actual: renderKeyUsage(issuer.keyUsage),
      expected: "cRLSign",
    })),
    findingOf("this-update", isStarted, "pki/crl-not-yet-valid", () => ({
      actual: `issued ${renderInstant(thisUpdate)}`,
      expected: validAt(at),
    })),
    findingOf("next-update", isFresh, "pki/crl-expired", () => ({
      actual: nextUpdate === undefined ? "no next update" : `next update ${renderInstant(nextUpdate)}`,
      expected: validAt(at),
    })),
  ];
}

function checkIssuerKey(crl: Crl, issuer: Certificate): CrlFinding {
  const authority = extensionOf(crl, EXTENSION_OID.authorityKeyIdentifier);
  const subject = extensionOf(issuer, EXTENSION_OID.subjectKeyIdentifier);
  const actual = authority && parseAuthorityKeyId(authority.value)?.toHex();
  const expected = subject && parseSubjectKeyId(subject.value)?.toHex();
  const isSame = actual === undefined || expected === undefined || actual === expected;
  const render = (id: string | undefined): string => (id === undefined ? "no key identifier" : `key identifier ${id}`);
  return findingOf("issuer-key", isSame, "pki/issuer-mismatch", () => ({
    actual: render(actual),
    expected: render(expected),
  }));
}

function validAt(at: Date): string {
  return `valid at ${renderInstant(at)}`;
}
