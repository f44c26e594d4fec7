import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { ContrastError } from "../../lib/errors.ts";
import { encodePem } from "../../pki/pem-block.ts";
import { createSelfSigned } from "../../pki/self-signed.ts";
import type { PresentedEvidence } from "../validator.ts";

/** A key and its certificate as TLS takes them; the key is secret. */
export interface ClientCertificate {
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly certificateDer: Uint8Array;
}

/** Certificates are valid this long before and after the moment they are made, as those of Coordinators are. */
const HALF_LIFE_MS = 2 * 60 * 60 * 1000;

/**
 * Wraps a private key in a self-signed certificate with the common name `Contrast`. A Coordinator reads nothing of it but
 * the key and the evidence.
 *
 * @param clientKey elliptic curve (workload owner) or RSA (seed share owner); without one, a throw-away P-256 key is made
 * @param evidence of clients that are attested; the only extension
 * @throws ContrastError `atls/client-key-unsupported`
 * @see edgelesssys/contrast `internal/atls`
 */
export function createClientCertificate(
  clientKey: KeyObject | undefined,
  now: Date,
  evidence?: PresentedEvidence,
): ClientCertificate {
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
    extensions: evidence === undefined ? [] : [evidence],
  });
  const keyPem = key.export({ type: "pkcs8", format: "pem" });
  return { keyPem, certificatePem: encodePem("CERTIFICATE", certificateDer), certificateDer };
}
