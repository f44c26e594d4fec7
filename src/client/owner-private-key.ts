import type { KeyObject } from "node:crypto";
import { encodePublicKeyDer, parsePrivateKeyDer, publicKeyOf } from "../lib/der-key.ts";
import { sha256Hex } from "../lib/digest.ts";
import { ContrastError } from "../lib/errors.ts";
import { exists, readText } from "../lib/files.ts";
import { keyFromBlock, unsupportedBlock, wrongKey } from "../manifest/key-block.ts";
import { encodeSeedshareOwner } from "../manifest/seedshare-owner-key.ts";
import { parsePemBlock } from "../pki/pem-block.ts";

/** The private key of an owner, and how the manifest knows it. */
export interface OwnerPrivateKey {
  /** Secret. */
  readonly key: KeyObject;
  /**
   * Lower-case hexadecimal. Workload owner: SHA-256 of the SPKI DER, for RSA keys of the PKCS #1 DER. Seed share owner:
   * the PKCS #1 `RSAPublicKey` DER.
   */
  readonly identity: string;
}

const MAX_KEY_FILE_BYTES = 1024 * 1024;

/**
 * Reads the key that may update a deployment.
 *
 * @returns undefined where the file does not exist
 * @throws ContrastError `lib/file-unreadable`, `lib/file-too-large`, `lib/text-not-utf8`, `pki/pem-missing`,
 *   `pki/pem-invalid`, `manifest/key-file-invalid`
 * @see edgelesssys/contrast `cli/cmd/common.go`, loadWorkloadOwnerKey
 */
export async function loadWorkloadOwnerKey(path: string): Promise<OwnerPrivateKey | undefined> {
  if (!(await exists(path))) return undefined;
  const role = "workload owner key";
  const key = parsePrivateKey(await readText(path, role, MAX_KEY_FILE_BYTES), `${role} "${path}"`);
  const isRsa = key.asymmetricKeyType === "rsa";
  if (!isRsa && key.asymmetricKeyType !== "ec") {
    throw wrongKey(`${role} "${path}"`, key, "an elliptic curve key or an RSA key");
  }
  return { key, identity: sha256Hex(encodePublicKeyDer(publicKeyOf(key), isRsa ? "pkcs1" : "spki")) };
}

/**
 * Reads the key that may recover a Coordinator.
 *
 * @throws ContrastError `client/owner-key-missing`, and the codes of `loadWorkloadOwnerKey`
 */
export async function loadSeedshareOwnerKey(path: string): Promise<OwnerPrivateKey> {
  const role = "seed share owner key";
  if (!(await exists(path))) {
    throw new ContrastError("client/owner-key-missing", `Cannot read ${role} "${path}": no such file or directory`, {
      hint: "Give the private key that generate made, or that belongs to the manifest, with --seedshare-owner-key.",
      details: { path },
    });
  }
  const what = `${role} "${path}"`;
  const key = parsePrivateKey(await readText(path, role, MAX_KEY_FILE_BYTES), what);
  return { key, identity: encodeSeedshareOwner(publicKeyOf(key), what) };
}

function parsePrivateKey(pem: string, what: string): KeyObject {
  const block = parsePemBlock(pem, what);
  switch (block.type) {
    case "EC PRIVATE KEY":
      return keyFromBlock(what, block, (der) => parsePrivateKeyDer(der, "sec1"));
    case "RSA PRIVATE KEY":
      return keyFromBlock(what, block, (der) => parsePrivateKeyDer(der, "pkcs1"));
    case "PRIVATE KEY":
      return keyFromBlock(what, block, (der) => parsePrivateKeyDer(der, "pkcs8"));
    default:
      throw unsupportedBlock(what, block, "EC PRIVATE KEY, RSA PRIVATE KEY or PRIVATE KEY");
  }
}
