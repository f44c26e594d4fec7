import * as v from "valibot";
import { collectBytes } from "../../lib/byte-stream.ts";
import { checkShape } from "../../lib/check-shape.ts";
import { ContrastError } from "../../lib/errors.ts";
import { decodeUtf8 } from "../../lib/files.ts";
import type { HttpClient } from "../../lib/http-client.ts";
import { parseJson } from "../../lib/json.ts";
import { readCertificates } from "../../pki/x509/read-certificates.ts";
import type { CertificateTable } from "./certificate-table.ts";

/** Trusted Hardware Identity Management: what every machine on Azure can ask for its own certificates. */
const THIM_URL = "http://169.254.169.254/metadata/THIM/amd/certification";

const MAX_ANSWER_BYTES = 64 * 1024;
const TIMEOUT_MS = 2000;

const answerSchema = v.object({ vcekCert: v.string(), certificateChain: v.string() });

/**
 * Asks Azure for the certificates of this machine. They are not verified; it never has a revocation list.
 *
 * @throws ContrastError `issuer/thim-invalid`, and those of the client
 * @see edgelesssys/contrast internal/attestation/snp (THIM)
 */
export async function askThim(http: HttpClient, url = THIM_URL): Promise<CertificateTable> {
  const response = await http.request({
    url: new URL(url),
    headers: { Metadata: "true" },
    purpose: "certificates of this machine from Azure",
    verifyTls: true,
    idleTimeoutMs: TIMEOUT_MS,
    totalTimeoutMs: TIMEOUT_MS,
  });
  if (response.status !== 200) {
    await response.discard();
    throw invalid(`it answered ${response.status}`);
  }
  const body = await collectBytes(response.body, MAX_ANSWER_BYTES, () =>
    invalid(`more than ${MAX_ANSWER_BYTES} bytes`),
  );
  return parseThimAnswer(body);
}

/**
 * Reads an answer of the service: JSON whose `vcekCert` is one certificate and whose `certificateChain` is ASK and ARK,
 * in PEM. Other members are ignored.
 *
 * @throws ContrastError `issuer/thim-invalid`
 */
export function parseThimAnswer(body: Uint8Array): CertificateTable {
  try {
    const json = parseJson(decodeUtf8(body, "answer"), "answer", { maxBytes: MAX_ANSWER_BYTES, maxDepth: 8 });
    const { vcekCert, certificateChain } = checkShape(answerSchema, json, "issuer/thim-invalid", "answer");
    const [vcek] = certificatesOf(vcekCert, "vcekCert", 1);
    const [ask, ark] = certificatesOf(certificateChain, "certificateChain", 2);
    return { ...(vcek && { vcek }), ...(ask && { ask }), ...(ark && { ark }) };
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    throw new ContrastError("issuer/thim-invalid", `${ACTION}: ${error.message}`, { cause: error });
  }
}

const ACTION = "Cannot get the certificates of this machine from Azure";

function certificatesOf(pem: string, member: string, count: number): readonly Uint8Array[] {
  // Only blocks, with nothing in between or behind them.
  if (!/^(?:\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----)+\s*$/.test(pem)) {
    throw invalid(`${member} is not PEM`);
  }
  const certificates = readCertificates(new TextEncoder().encode(pem), member, count);
  if (certificates.length !== count) throw invalid(`${member} has ${certificates.length} certificates, want ${count}`);
  return certificates.map(({ der }) => der);
}

function invalid(fact: string): ContrastError {
  return new ContrastError("issuer/thim-invalid", `${ACTION}: ${fact}`);
}
