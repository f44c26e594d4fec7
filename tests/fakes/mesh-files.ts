import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createCertificateAuthority } from "../../src/coordinator/ca/certificate-authority.ts";
import type { CertificateExtension } from "../../src/pki/x509/create-certificate.ts";

/** Certificates of one workload as the Initializer writes them. */
export interface MeshFiles {
  readonly key: KeyObject;
  readonly chainPem: string;
  readonly meshCaPem: string;
}

/**
 * Certificates by a fresh authority of the Coordinator's code, good from an hour before `now` for a year.
 *
 * @param claims extensions of the workload's certificate
 */
export function meshFiles(now: Date, claims: readonly CertificateExtension[] = []): MeshFiles {
  const newKey = (): KeyObject => generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
  const authority = createCertificateAuthority(newKey(), now);
  const { privateKey: key, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const spkiDer = new Uint8Array(publicKey.export({ type: "spki", format: "der" }));
  const leaf = authority.issue({ spkiDer, sans: ["web"], claims, now });
  return { key, chainPem: leaf + authority.intermediatePem, meshCaPem: authority.meshPem };
}

/** Writes them into `<directory>/tls-config`. @returns that path */
export function writeMeshFiles(directory: string, { key, chainPem, meshCaPem }: MeshFiles): string {
  const tls = join(directory, "tls-config");
  mkdirSync(tls, { recursive: true });
  writeFileSync(join(tls, "certChain.pem"), chainPem);
  writeFileSync(join(tls, "key.pem"), key.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(join(tls, "mesh-ca.pem"), meshCaPem);
  return tls;
}
