import { ContrastError, messageOf } from "../../lib/errors.ts";
import { type Certificate, publicKeyOf } from "./certificate.ts";
import { findingOf, type RuleFinding } from "./finding.ts";
import { renderName } from "./name.ts";
import { renderSignatureAlgorithm } from "./signature-algorithm.ts";
import { type Signed, verifySigned } from "./verify-signed.ts";

/** Which signatures of these objects, which do not change, were found good, by the key holder's certificate. */
const verified = new WeakMap<Signed, Certificate>();

/**
 * Checks who signed a certificate or a revocation list. A good signature is checked once for each pair of objects: a
 * chain that stays in memory costs nothing the next time.
 */
export function issuedSignatureFinding(signed: Signed, issuer: Certificate): RuleFinding<"signature"> {
  const actual = renderSignatureAlgorithm(signed.signatureAlgorithm);
  const expected = `a signature by ${renderName(issuer.subject)}`;
  if (verified.get(signed) === issuer) return { rule: "signature", passed: true, actual, expected };
  try {
    verifySigned(signed, publicKeyOf(issuer), "signature");
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    const { code } = error;
    return { ...findingOf("signature", false, code, actual, expected), reason: messageOf(error) };
  }
  verified.set(signed, issuer);
  return findingOf("signature", true, "pki/signature-invalid", actual, expected);
}
