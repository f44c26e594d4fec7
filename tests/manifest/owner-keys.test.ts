import { beforeAll, describe, expect, test } from "bun:test";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KeyMaker } from "../../src/manifest/owner-keys.ts";
import { loadOwnerKeys } from "../../src/manifest/owner-keys.ts";
import { seedshareKeyFault, seedshareOwnerPublicKey } from "../../src/manifest/seedshare-owner-key.ts";
import { generateWorkloadOwnerKey, workloadOwnerKeyDigest } from "../../src/manifest/workload-owner-key.ts";
import { codeOf, codeOfAsync } from "../fakes/error-code.ts";
import { BASE_POINT_DIGEST, SEEDSHARE_PUBLIC_KEY } from "../fakes/manifests.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

// Coordinates of the base point of P-384, SEC 2 section 2.5.1.
const BASE_POINT =
  "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7" +
  "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f";
const BASE_POINT_SPKI = Buffer.from(`3076301006072a8648ce3d020106052b8104002203620004${BASE_POINT}`, "hex");

function pem(type: string, der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString("base64")
    .match(/.{1,64}/g)!;
  return `-----BEGIN ${type}-----\n${lines.join("\n")}\n-----END ${type}-----\n`;
}

describe("generateWorkloadOwnerKey()", () => {
  test("makes a P-384 key in the legacy form, different each time", async () => {
    const [first, second] = [await generateWorkloadOwnerKey(), await generateWorkloadOwnerKey()];
    expect(first).toStartWith("-----BEGIN EC PRIVATE KEY-----\n");
    expect(first).toHaveLength(288);
    expect(first).not.toBe(second);
    const key = createPrivateKey(first);
    expect(key.asymmetricKeyDetails?.namedCurve).toBe("secp384r1");
    expect(key.export({ type: "sec1", format: "der" })).toHaveLength(167);
  });
});

describe("workloadOwnerKeyDigest()", () => {
  test("is the digest of the test vector", () => {
    expect(BASE_POINT_SPKI).toHaveLength(120);
    expect(workloadOwnerKeyDigest(pem("PUBLIC KEY", BASE_POINT_SPKI), "key")).toBe(BASE_POINT_DIGEST);
  });

  test("is the same for all forms of a key", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
    const forms = [
      privateKey.export({ type: "sec1", format: "pem" }),
      privateKey.export({ type: "pkcs8", format: "pem" }),
      publicKey.export({ type: "spki", format: "pem" }),
    ];
    expect(new Set(forms.map((form) => workloadOwnerKeyDigest(form, "key"))).size).toBe(1);
  });

  test("rejects other block types, other algorithms and damaged keys", () => {
    const invalid = (text: string): void => {
      expect(codeOf(() => workloadOwnerKeyDigest(text, "key"))).toBe("manifest/key-file-invalid");
    };
    invalid(pem("CERTIFICATE", BASE_POINT_SPKI));
    invalid(pem("EC PRIVATE KEY", BASE_POINT_SPKI));
    invalid(pem("PUBLIC KEY", BASE_POINT_SPKI.subarray(0, 119)));
    invalid(pem("PUBLIC KEY", generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "der" })));
    expect(codeOf(() => workloadOwnerKeyDigest("", "key"))).toBe("pki/pem-missing");
  });

  test("rejects a key that is cut at any byte, or followed by one", () => {
    for (let end = 1; end < BASE_POINT_SPKI.length; end++) {
      const cut = pem("PUBLIC KEY", BASE_POINT_SPKI.subarray(0, end));
      expect(codeOf(() => workloadOwnerKeyDigest(cut, "key"))).toBe("manifest/key-file-invalid");
    }
    const privateDer = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey.export({
      type: "sec1",
      format: "der",
    });
    for (const [type, der] of [
      ["PUBLIC KEY", BASE_POINT_SPKI],
      ["EC PRIVATE KEY", privateDer],
    ] as const) {
      const longer = pem(type, Buffer.concat([der, Uint8Array.of(0)]));
      expect(codeOf(() => workloadOwnerKeyDigest(longer, "key"))).toBe("manifest/key-file-invalid");
    }
  });

  test("says nothing of the file's content in errors", () => {
    const secret = pem("EC PRIVATE KEY", Buffer.from("very secret bytes"));
    try {
      workloadOwnerKeyDigest(secret, "key");
    } catch (error) {
      expect(Bun.inspect(error)).not.toContain(secret.split("\n")[1]!.slice(0, 8));
    }
  });
});

describe("seedshareOwnerPublicKey()", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const hex = publicKey.export({ type: "pkcs1", format: "der" }).toString("hex");

  test("is the PKCS #1 form of the key, whatever form the file has", () => {
    expect(hex).toHaveLength(540);
    expect(hex).toStartWith("3082010a0282010100");
    const forms = [
      privateKey.export({ type: "pkcs1", format: "pem" }),
      privateKey.export({ type: "pkcs8", format: "pem" }),
      publicKey.export({ type: "pkcs1", format: "pem" }),
      publicKey.export({ type: "spki", format: "pem" }),
      // What version 1.4 expects under this name.
      pem("PUBLIC KEY", publicKey.export({ type: "pkcs1", format: "der" })),
    ];
    for (const form of forms) expect(seedshareOwnerPublicKey(form, "key")).toBe(hex);
  });

  test("rejects other block types, other algorithms, damaged and short keys", () => {
    const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
    const invalid = [
      pem("PUBLIC KEY", BASE_POINT_SPKI),
      pem("EC PRIVATE KEY", BASE_POINT_SPKI),
      pem("RSA PUBLIC KEY", Buffer.from(hex, "hex").subarray(0, 100)),
      short.export({ type: "pkcs1", format: "pem" }),
    ];
    for (const text of invalid) {
      expect(codeOf(() => seedshareOwnerPublicKey(text, "key"))).toBe("manifest/key-file-invalid");
    }
  });

  test("rejects a key that is cut at any byte, or followed by one", () => {
    const der = Buffer.from(hex, "hex");
    for (let end = 1; end < der.length; end++) {
      const cut = pem("RSA PUBLIC KEY", der.subarray(0, end));
      expect(codeOf(() => seedshareOwnerPublicKey(cut, "key"))).toBe("manifest/key-file-invalid");
    }
    const longer = pem("RSA PUBLIC KEY", Buffer.concat([der, Uint8Array.of(0)]));
    expect(codeOf(() => seedshareOwnerPublicKey(longer, "key"))).toBe("manifest/key-file-invalid");
  });

  test("gives what seedshareKeyFault() accepts", () => {
    expect(seedshareKeyFault(hex)).toBeUndefined();
    expect(seedshareKeyFault(hex.toUpperCase())).toBeUndefined();
    expect(seedshareKeyFault("")).toBeDefined();
    expect(seedshareKeyFault(`${hex}00`)).toBeDefined();
    // The same key with a length and with a number that are not DER.
    expect(seedshareKeyFault(hex.replace("3082010a", "308300010a"))).toBeDefined();
    expect(seedshareKeyFault(hex.replace("3082010a0282010100", "3082010b028201010000"))).toBeDefined();
    const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;
    expect(seedshareKeyFault(short.export({ type: "pkcs1", format: "der" }).toString("hex"))).toBeDefined();
  });
});

describe("loadOwnerKeys()", () => {
  const directory = temporaryDirectory();
  const path = (name: string): string => join(directory, name);
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const seedsharePem = rsa.privateKey.export({ type: "pkcs1", format: "pem" });
  const maker: KeyMaker = {
    workloadOwnerKey: generateWorkloadOwnerKey,
    seedshareOwnerKey: () => Promise.resolve(seedsharePem),
  };

  beforeAll(() => {
    writeFileSync(path("base.pem"), pem("PUBLIC KEY", BASE_POINT_SPKI));
    writeFileSync(path("seed.pem"), pem("RSA PUBLIC KEY", Buffer.from(SEEDSHARE_PUBLIC_KEY, "hex")));
    writeFileSync(path("bad.pem"), "");
  });

  test("makes keys for single paths where nothing is, and writes nothing", async () => {
    const keys = await loadOwnerKeys(
      { workload: [path("new-w.pem")], seedshare: [path("new-s.pem")], disableUpdates: false },
      maker,
    );
    expect(keys.newFiles.map((file) => file.path)).toEqual([path("new-w.pem"), path("new-s.pem")]);
    expect(keys.workloadDigests).toEqual([workloadOwnerKeyDigest(keys.newFiles[0]!.pem, "key")]);
    expect(keys.seedshareKeys).toEqual([seedshareOwnerPublicKey(seedsharePem, "key")]);
    expect(existsSync(path("new-w.pem"))).toBe(false);
  });

  test("reads existing keys", async () => {
    const keys = await loadOwnerKeys(
      { workload: [path("base.pem")], seedshare: [path("seed.pem")], disableUpdates: false },
      maker,
    );
    expect(keys).toEqual({
      workloadDigests: [BASE_POINT_DIGEST],
      seedshareKeys: [SEEDSHARE_PUBLIC_KEY],
      newFiles: [],
    });
  });

  test("neither reads nor makes a workload owner key when updates are disabled", async () => {
    const keys = await loadOwnerKeys(
      { workload: [path("bad.pem")], seedshare: [path("seed.pem")], disableUpdates: true },
      maker,
    );
    expect(keys.workloadDigests).toEqual([]);
    expect(keys.newFiles).toEqual([]);
  });

  test("wants every file to exist when several are named", async () => {
    const paths = {
      workload: [path("base.pem"), path("none.pem")],
      seedshare: [path("seed.pem")],
      disableUpdates: false,
    };
    expect(await codeOfAsync(() => loadOwnerKeys(paths, maker))).toBe("lib/file-unreadable");
  });

  test("rejects an existing file without key instead of replacing it", async () => {
    const paths = { workload: [path("bad.pem")], seedshare: [path("seed.pem")], disableUpdates: false };
    expect(await codeOfAsync(() => loadOwnerKeys(paths, maker))).toBe("pki/pem-missing");
    expect(readFileSync(path("bad.pem"), "utf8")).toBe("");
  });
});

test("the base point vector is on the curve", () => {
  expect(createPublicKey({ key: BASE_POINT_SPKI, format: "der", type: "spki" }).asymmetricKeyType).toBe("ec");
});
