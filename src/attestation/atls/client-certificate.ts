import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { encodeBase64 } from "../../lib/base64.ts";
import { ContrastError } from "../../lib/errors.ts";
import { createSelfSigned } from "../../pki/self-signed.ts";

/** A key and its certificate as TLS takes them; the key is secret. */
export interface ClientCertificate {
  readonly keyPem: string;
  readonly certificatePem: string;
}

/** Certificates are valid this long before and after the moment they are made, as those of Coordinators are. */
const HALF_LIFE_MS = 2 * 60 * 60 * 1000;

/**
 * Wraps a private key in a self-signed certificate with the common name `Contrast` and no extension. A Coordinator reads
 * nothing of it but the key.
 *
 * @param clientKey elliptic curve (workload owner) or RSA (seed share owner); without one, a throw-away P-256 key is made
 * @throws ContrastError `atls/client-key-unsupported`
 * @see edgelesssys/contrast `internal/atls`
 */
export function createClientCertificate(clientKey: KeyObject | undefined, now: Date): ClientCertificate {
  const key = clientKey ?? generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const kind = key.asymmetricKeyType;
  if (key.type !== "private" || (kind !== "ec" && kind !== "rsa")) {
    const got = `${kind ?? "no"} ${key.type} key`;
    throw new ContrastError("atls/client-key-unsupported", `Cannot use the client key: got ${got}, want EC or RSA`, {
      hint: "Give the private key of a workload owner or of a seed share owner.",
    });
  }
  const certificateDer = createSelfSigned({
    commonName: "Contrast",
    key,
    notBefore: new Date(now.getTime() - HALF_LIFE_MS),
    notAfter: new Date(now.getTime() + HALF_LIFE_MS),
    extensions: [],
  });
  const keyPem = key.export({ type: "pkcs8", format: "pem" });
  return { keyPem, certificatePem: pemOf(certificateDer) };
}

/** An empty line at the end, as splitting at 64 characters can leave one, would make the certificate unreadable. */
function pemOf(der: Uint8Array): string {
  const lines = encodeBase64(der).match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
