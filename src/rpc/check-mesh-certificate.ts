import { ContrastError } from "../lib/errors.ts";
import { sameBytes } from "../lib/same-bytes.ts";
import { renderInstant } from "../lib/instant.ts";
import { type Certificate } from "../pki/x509/certificate.ts";
import { checkPath } from "../pki/x509/path.ts";
import { readCertificates } from "../pki/x509/read-certificates.ts";
import type { MeshCertificate } from "./mesh-certificate.ts";

/** What an answer is held against. */
export interface ExpectedCertificate {
  /** The key that was proven to the Coordinator. */
  readonly spkiDer: Uint8Array;
  /** The local clock. */
  readonly now: Date;
}

/** The workload's certificate and a few intermediates; a Coordinator of version 1.4 sends two. */
const MAX_CHAIN = 4;
/** Seeds have 32 bytes or more, and secrets are as long as the seed. */
const SECRET_BYTES = { least: 32, most: 1024 } as const;
/** So far two clocks may be apart for attested TLS, too. */
const CLOCK_SKEW_MS = 2 * 60 * 60 * 1000;

/**
 * Checks that an answer hangs together: the certificate is for this workload's key, the mesh CA signed it, and it chains
 * through the intermediate to the root. That the root is the right one is for those to judge who rely on it.
 *
 * @throws ContrastError `rpc/mesh-certificate-invalid`
 */
export function checkMeshCertificate(answer: MeshCertificate, { spkiDer, now }: ExpectedCertificate): void {
  const [leaf, ...intermediates] = read(answer.certChainPem, "certificate chain", MAX_CHAIN);
  const [meshCa] = read(answer.meshCaPem, "mesh CA", 1);
  const [root] = read(answer.rootCaPem, "root CA", 1);
  if (leaf === undefined || meshCa === undefined || root === undefined) throw invalid("a certificate is missing");
  if (intermediates.length === 0) throw invalid("the certificate chain has no intermediate");
  if (!sameBytes(leaf.spkiDer, spkiDer)) throw invalid("the certificate is for another key than that of this workload");
  checkChain([leaf, meshCa], "mesh CA", now);
  checkChain([leaf, ...intermediates, root], "root CA", now);
  const { length } = answer.workloadSecret;
  if (length !== 0 && (length < SECRET_BYTES.least || length > SECRET_BYTES.most)) {
    const range = `${SECRET_BYTES.least} to ${SECRET_BYTES.most}`;
    throw invalid(`the workload secret has ${length} bytes, want none or ${range}`);
  }
}

function read(pem: Uint8Array, what: string, max: number): readonly Certificate[] {
  // The reader also takes one certificate in DER, which no program that gets these files does.
  if (!new TextDecoder("latin1").decode(pem.subarray(0, 64)).includes("-----BEGIN "))
    throw invalid(`the ${what} is not PEM`);
  try {
    return readCertificates(pem, what, max);
  } catch (error) {
    throw invalid(`the ${what} cannot be read`, error);
  }
}

function checkChain(chain: readonly Certificate[], authority: string, now: Date): void {
  for (const { notBefore, notAfter } of chain) {
    const isEarly = now.getTime() + CLOCK_SKEW_MS < notBefore.getTime();
    if (!isEarly && now.getTime() - CLOCK_SKEW_MS <= notAfter.getTime()) continue;
    const window = `${renderInstant(notBefore)} to ${renderInstant(notAfter)}`;
    throw invalid(`a certificate is valid from ${window}, and the local clock says ${renderInstant(now)}`);
  }
  // Anybody can sign for his own key, so the signature of an authority by itself is not worth the time.
  const failed = checkPath(chain, now, { selfSigned: false }).find(
    ({ passed, rule }) => !passed && rule !== "validity",
  );
  if (failed !== undefined) throw invalid(`it does not chain to the ${authority} (${failed.rule})`);
}

function invalid(fact: string, cause?: unknown): ContrastError {
  return new ContrastError("rpc/mesh-certificate-invalid", `Cannot use the certificates of the Coordinator: ${fact}`, {
    cause,
    hint: "Look into the log of the Coordinator, and check its version.",
  });
}
