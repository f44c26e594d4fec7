import { parsePrivateKeyDer, publicKeyOf as publicHalfOf } from "../../lib/der-key.ts";
import { ContrastError } from "../../lib/errors.ts";
import { decodeUtf8, kindOfPath, readBytes } from "../../lib/files.ts";
import type { Logger } from "../../lib/log.ts";
import { parsePemBlock } from "../../pki/pem-block.ts";
import { type Certificate, publicKeyOf } from "../../pki/x509/certificate.ts";
import { checkPath } from "../../pki/x509/path.ts";
import { readCertificates } from "../../pki/x509/read-certificates.ts";
import { TLS_FILES } from "../tls-files.ts";

const MAX_FILE_BYTES = 1024 * 1024;
const KEY_FORMS = { "PRIVATE KEY": "pkcs8", "EC PRIVATE KEY": "sec1", "RSA PRIVATE KEY": "pkcs1" } as const;

/**
 * Looks at the files that Envoy will read: better here, with the name of the file, than in Envoy's own words after the
 * rules are in place. A certificate that peers will refuse gives a warning, because Envoy starts with it.
 *
 * @param directory without a slash at its end
 * @throws ContrastError `servicemesh/tls-file-missing`, `servicemesh/tls-file-invalid`, `lib/file-unreadable`,
 *   `lib/file-too-large`, `pki/pem-missing`, `pki/pem-invalid`, `pki/certificate-invalid`
 */
export async function checkTlsFiles(directory: string, now: Date, log: Logger): Promise<void> {
  const path = (name: string): string => `${directory}/${name}`;
  await requireFiles(Object.values(TLS_FILES).map(path));
  const certificates = async (name: string): Promise<readonly [Certificate, ...Certificate[]]> => {
    const what = `certificates "${path(name)}"`;
    const [first, ...others] = readCertificates(await readBytes(path(name), "certificates", MAX_FILE_BYTES), what);
    if (first === undefined) throw new ContrastError("lib/internal", `Cannot read ${what}: none found`);
    return [first, ...others];
  };
  const [leaf] = await certificates(TLS_FILES.chain);
  const anchors = await certificates(TLS_FILES.trustAnchor);
  await checkKey(path(TLS_FILES.key), leaf);
  // Of several authorities, the one that comes closest to the leaf says what is wrong.
  const failures = anchors.map((anchor) =>
    checkPath([leaf, anchor], now, { selfSigned: false }).filter(({ index, passed, rule }) => {
      // Extensions that Envoy refuses are Envoy's business; what matters here is whom the certificate is from, and when.
      return !passed && (index === 0 || rule === "validity") && rule !== "critical-extensions";
    }),
  );
  const [fewest] = failures.toSorted((left, right) => left.length - right.length);
  for (const { index, rule, reason } of fewest ?? []) {
    const file = path(index === 0 ? TLS_FILES.chain : TLS_FILES.trustAnchor);
    log.warn("peers will refuse the certificate of this workload", { file, rule, reason });
  }
}

async function requireFiles(paths: readonly string[]): Promise<void> {
  const kinds = await Promise.all(paths.map(kindOfPath));
  const missing = paths.filter((_path, index) => kinds[index] !== "file");
  if (missing.length === 0) return;
  const names = missing.map((path) => `"${path}"`).join(", ");
  throw new ContrastError("servicemesh/tls-file-missing", `Cannot start the sidecar: no file ${names}`, {
    hint: "The Initializer writes them: let it run before, with the same volume at /contrast.",
  });
}

/** Envoy would not start with a key that is not the certificate's. */
async function checkKey(path: string, leaf: Certificate): Promise<void> {
  const what = `key "${path}"`;
  const { type, der } = parsePemBlock(decodeUtf8(await readBytes(path, "key", MAX_FILE_BYTES), what), what);
  const form = Object.entries(KEY_FORMS).find(([name]) => name === type)?.[1];
  if (form === undefined) throw invalid(`Cannot read ${what}: got a block of type ${type}, want a private key`);
  let key;
  try {
    key = publicHalfOf(parsePrivateKeyDer(der, form));
  } catch {
    // Its own words might quote the key.
    throw invalid(`Cannot read ${what}: it is malformed or of an unknown kind`);
  }
  if (!key.equals(publicKeyOf(leaf))) throw invalid(`Cannot use ${what}: the certificate beside it has another key`);
}

function invalid(message: string): ContrastError {
  const hint = "Restart the pod, so that the Initializer writes key and certificate anew.";
  return new ContrastError("servicemesh/tls-file-invalid", message, { hint });
}
