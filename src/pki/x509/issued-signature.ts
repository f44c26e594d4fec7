import { ContrastError, messageOf } from "../../lib/errors.ts";
import { sameBytes } from "../../lib/same-bytes.ts";
import { type Certificate, publicKeyOf } from "./certificate.ts";
import type { Compared, RuleFinding } from "./finding.ts";
import { renderName } from "./name.ts";
import { renderSignatureAlgorithm } from "./signature-algorithm.ts";
import { type Signed, verifySigned } from "./verify-signed.ts";

/** Which signatures of these objects, which do not change, were found good: the key, SubjectPublicKeyInfo. */
const verified = new WeakMap<Signed, Uint8Array>();

/**
 * Checks who signed a certificate or a revocation list. A good signature is checked once for each object and key: a
 * chain that stays in memory costs nothing the next time, nor do two certificates of one issuer.
 */
export function issuedSignatureFinding(signed: Signed, issuer: Certificate): RuleFinding<"signature"> {
  const compared = (): Compared => ({
    actual: renderSignatureAlgorithm(signed.signatureAlgorithm),
    expected: `a signature by ${renderName(issuer.subject)}`,
  });
  const known = verified.get(signed);
  if (known !== undefined && sameBytes(known, issuer.spkiDer)) return { rule: "signature", passed: true, compared };
  try {
    verifySigned(signed, publicKeyOf(issuer), "signature");
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    return { rule: "signature", passed: false, code: error.code, reason: messageOf(error), compared };
  }
  verified.set(signed, issuer.spkiDer);
  return { rule: "signature", passed: true, compared };
}
