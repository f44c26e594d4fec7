import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CertificateAuthority,
  createCertificateAuthority,
} from "../../src/coordinator/ca/certificate-authority.ts";
import { claimExtensions } from "../../src/coordinator/ca/claims.ts";
import { amdChip } from "./amd-chip.ts";
import { spkiOf } from "./certificate-builder.ts";

let claims: ReturnType<typeof claimExtensions> | undefined;

/** A key for the root of `meshAuthority()`. */
export function meshRootKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
}

/** A mesh CA of our Coordinator. @param rootKey of another generation, where it shall have its root */
export function meshAuthority(rootKey: KeyObject = meshRootKey()): CertificateAuthority {
  return createCertificateAuthority(rootKey, new Date());
}

/**
 * Writes what the Initializer writes to `/contrast/tls-config`: an own key and a certificate of the Coordinator's code.
 *
 * @param directory is made where it does not exist
 * @param sans as the manifest has them
 * @param trusted whose mesh CA stands in `mesh-ca.pem`, where that is not the one that issues
 */
export function writeMeshFiles(
  directory: string,
  authority: CertificateAuthority,
  sans: readonly string[],
  trusted: CertificateAuthority = authority,
): void {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  claims ??= claimExtensions({ tee: "snp", snp: amdChip().evidence() });
  const leaf = authority.issue({ spkiDer: spkiOf(publicKey), sans, claims, now: new Date() });
  mkdirSync(directory, { recursive: true });
  const write = (name: string, text: string | Buffer, mode: number): void => {
    writeFileSync(join(directory, name), text, { mode });
  };
  write("key.pem", privateKey.export({ type: "pkcs8", format: "pem" }), 0o400);
  write("certChain.pem", `${leaf}${authority.intermediatePem}`, 0o444);
  write("mesh-ca.pem", trusted.meshPem, 0o444);
  write("coordinator-root-ca.pem", trusted.rootPem, 0o444);
}
