import { createHash, type KeyObject } from "node:crypto";
import { sameBytes } from "../../lib/same-bytes.ts";
import { p256KeyFromPoint, verifyRawEcdsa } from "../../pki/raw-ecdsa.ts";
import { publicKeyOf } from "../../pki/x509/certificate.ts";
import { judgedRow } from "../check-row.ts";
import { isZero } from "./masked-bytes.ts";
import { type Finding, judgedByCall, type Source, type Step } from "./step.ts";
import type { TdxEvidence } from "./tdx-evidence.ts";

/** Reads the attestation key; the steps about it say what came of it. */
export function attestationKeyOf({ quote }: TdxEvidence): Source<KeyObject> {
  try {
    return { ready: true, value: p256KeyFromPoint(quote.attestationKey) };
  } catch {
    return {
      ready: false,
      finding: {
        outcome: "unknown",
        code: "tdx/attestation-key-invalid",
        reason: "there is no attestation key to verify with",
      },
    };
  }
}

/** Steps that lead from the PCK certificate to the body of the quote. */
export const QUOTE_STEPS: readonly Step<TdxEvidence & { readonly key: Source<KeyObject> }>[] = [
  { id: "quote.attestation-key", subject: "attestation key is a point of P-256", judge: judgeAttestationKey },
  { id: "quote.signature", subject: "signature of the quote", judge: judgeQuoteSignature },
  { id: "qe.signature", subject: "signature of the QE report", judge: judgeQeSignature },
  { id: "qe.report-data", subject: "QE REPORT_DATA binds the attestation key", judge: judgeQeReportData },
];

function judgeAttestationKey({ quote, key }: TdxEvidence & { readonly key: Source<KeyObject> }): Finding {
  return judgedRow({ actual: quote.attestationKey.toHex() }, key.ready, {
    code: "tdx/attestation-key-invalid",
    reason: "no key has these coordinates",
  });
}

function judgeQuoteSignature({ quote, key }: TdxEvidence & { readonly key: Source<KeyObject> }): Finding {
  if (!key.ready) return key.finding;
  return judgedByCall(
    () => verifyRawEcdsa("sha256", quote.signedBytes, key.value, quote.signature, "signature of the quote"),
    {
      code: "tdx/quote-signature-invalid",
      reason: "it does not fit header and body: the quote was changed after it was made",
    },
  );
}

function judgeQeSignature({ quote, chain }: TdxEvidence): Finding {
  return judgedByCall(
    () =>
      verifyRawEcdsa("sha256", quote.qeReport.bytes, publicKeyOf(chain.pck), quote.qeReportSignature, "QE signature"),
    { code: "tdx/qe-signature-invalid", reason: "the key of the PCK certificate did not sign this QE report" },
  );
}

/** SHA-256 of attestation key and QE auth data, then 32 zero bytes. */
function judgeQeReportData({ quote }: TdxEvidence): Finding {
  const { reportData } = quote.qeReport;
  const digest = createHash("sha256").update(quote.attestationKey).update(quote.qeAuthData).digest();
  const isBound = sameBytes(reportData.subarray(0, 32), digest) && isZero(reportData.subarray(32));
  return judgedRow({ actual: reportData.toHex(), expected: digest.toString("hex") + "00".repeat(32) }, isBound, {
    code: "tdx/qe-binding-invalid",
    reason: "the quoting enclave vouches for another attestation key",
  });
}
