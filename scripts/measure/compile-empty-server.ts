import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodePem } from "../../src/pki/pem-block.ts";
import { createSelfSigned } from "../../src/pki/self-signed.ts";
import { compileBinary, RELEASE_FLAGS } from "../build/compile-binary.ts";

const ROOT = join(import.meta.dir, "..", "..");
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Compiles an empty HTTP/2 server over TLS into a directory, with the flags of the product.
 *
 * @returns starts it, and resolves when it listens
 */
export async function compileEmptyServer(folder: string): Promise<() => Promise<Bun.Subprocess>> {
  const outfile = join(folder, "empty-server");
  await compileBinary({ entry: "scripts/measure/empty-server.ts", root: ROOT, outfile, flags: RELEASE_FLAGS });
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const notBefore = new Date();
  const notAfter = new Date(notBefore.getTime() + DAY_MS);
  const der = createSelfSigned({ commonName: "empty", key, notBefore, notAfter, extensions: [] });
  const keyFile = join(folder, "empty-key.pem");
  const certificateFile = join(folder, "empty-certificate.pem");
  await writeFile(keyFile, key.export({ type: "pkcs8", format: "pem" }));
  await writeFile(certificateFile, encodePem("CERTIFICATE", der));
  return async () => {
    const child = Bun.spawn([outfile, keyFile, certificateFile], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    await child.stdout.getReader().read();
    return child;
  };
}
