import type { KeyObject } from "node:crypto";
import { parsePrivateKeyDer } from "../../lib/der-key.ts";
import { ContrastError } from "../../lib/errors.ts";
import { readText } from "../../lib/files.ts";
import { parsePemBlock } from "../../pki/pem-block.ts";

const MAX_KEY_FILE_BYTES = 64 * 1024;
const FORMS: ReadonlyMap<string, "sec1" | "pkcs8"> = new Map([
  ["EC PRIVATE KEY", "sec1"],
  ["PRIVATE KEY", "pkcs8"],
]);

/**
 * Reads a private key on P-384, in PEM, that signs ID blocks or the keys that do.
 *
 * @param role named in messages, such as `ID key`
 * @throws ContrastError `measure/id-key-invalid`, `pki/pem-missing`, `pki/pem-invalid`, and those of `readText`
 */
export async function readIdKey(path: string, role: string): Promise<KeyObject> {
  const what = `${role} "${path}"`;
  const { type, der } = parsePemBlock(await readText(path, role, MAX_KEY_FILE_BYTES), what);
  const key = parseKey(type, der);
  if (key?.asymmetricKeyDetails?.namedCurve === "secp384r1") return key;
  const fact =
    key === undefined
      ? `the ${type} block holds no private key`
      : `got ${kindOf(key)}, need an elliptic curve key on P-384`;
  throw new ContrastError("measure/id-key-invalid", `Cannot use ${what}: ${fact}`, {
    hint: 'Make one with "openssl ecparam -name secp384r1 -genkey -noout -out id-key.pem".',
    details: { path },
  });
}

function parseKey(type: string, der: Uint8Array): KeyObject | undefined {
  const form = FORMS.get(type);
  if (form === undefined) return undefined;
  try {
    return parsePrivateKeyDer(der, form);
  } catch {
    // The platform's error may quote the file.
    return undefined;
  }
}

function kindOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  const curve = asymmetricKeyDetails?.namedCurve;
  return `a key of type ${asymmetricKeyType ?? "unknown"}${curve === undefined ? "" : ` on ${curve}`}`;
}
