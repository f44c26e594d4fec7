import { describe, expect, test } from "bun:test";
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadSeedshareOwnerKey, loadWorkloadOwnerKey } from "../../src/client/owner-private-key.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const EC = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
const RSA = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const SMALL = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
const ED = generateKeyPairSync("ed25519").privateKey;
const directory = temporaryDirectory();
let count = 0;

function fileWith(content: string | Buffer): string {
  const path = join(directory, `key-${count++}.pem`);
  writeFileSync(path, content);
  return path;
}

const pem = (key: KeyObject, type: "sec1" | "pkcs1" | "pkcs8"): string | Buffer => key.export({ type, format: "pem" });
const sha256 = (data: Buffer): string => createHash("sha256").update(data).digest("hex");

describe("loadWorkloadOwnerKey()", () => {
  test.each(["sec1", "pkcs8"] as const)(
    "takes elliptic curve keys as %s and names them by their SPKI",
    async (type) => {
      const loaded = await loadWorkloadOwnerKey(fileWith(pem(EC, type)));
      expect(loaded?.identity).toBe(sha256(createPublicKey(EC).export({ type: "spki", format: "der" })));
      expect(loaded?.key.type).toBe("private");
    },
  );

  test.each(["pkcs1", "pkcs8"] as const)("takes RSA keys as %s and names them by their PKCS #1 form", async (type) => {
    const loaded = await loadWorkloadOwnerKey(fileWith(pem(RSA, type)));
    expect(loaded?.identity).toBe(sha256(createPublicKey(RSA).export({ type: "pkcs1", format: "der" })));
  });

  test("goes on without a file", async () => {
    expect(await loadWorkloadOwnerKey(join(directory, "missing.pem"))).toBeUndefined();
  });

  test.each([
    ["no PEM", "text", "pki/pem-missing"],
    ["a public key", createPublicKey(EC).export({ type: "spki", format: "pem" }), "manifest/key-file-invalid"],
    ["a key of another algorithm", ED.export({ type: "pkcs8", format: "pem" }), "manifest/key-file-invalid"],
    [
      "a damaged key",
      "-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----\n",
      "manifest/key-file-invalid",
    ],
    [
      "an encrypted key",
      EC.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" }),
      "manifest/key-file-invalid",
    ],
  ])("refuses %s", async (_, content, code) => {
    expect(await codeOfAsync(() => loadWorkloadOwnerKey(fileWith(content)))).toBe(code);
  });
});

describe("loadSeedshareOwnerKey()", () => {
  test.each(["pkcs1", "pkcs8"] as const)("takes RSA keys as %s and names them as the manifest does", async (type) => {
    const loaded = await loadSeedshareOwnerKey(fileWith(pem(RSA, type)));
    expect(loaded.identity).toBe(createPublicKey(RSA).export({ type: "pkcs1", format: "der" }).toString("hex"));
  });

  test("needs the file", async () => {
    expect(await codeOfAsync(() => loadSeedshareOwnerKey(join(directory, "missing.pem")))).toBe(
      "client/owner-key-missing",
    );
  });

  test.each([
    ["elliptic curve", pem(EC, "sec1")],
    ["small", pem(SMALL, "pkcs1")],
  ])("refuses a key that is %s", async (_, content) => {
    expect(await codeOfAsync(() => loadSeedshareOwnerKey(fileWith(content)))).toBe("manifest/key-file-invalid");
  });
});
