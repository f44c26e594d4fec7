import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateSeedshareOwnerKey, seedshareOwnerPublicKey } from "../../src/manifest/seedshare-owner-key.ts";
import { generateWorkloadOwnerKey, workloadOwnerKeyDigest } from "../../src/manifest/workload-owner-key.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

// Finding the primes of a 4096-bit key takes between half a second and many.
setDefaultTimeout(60_000);

function openssl(...parameters: string[]): Buffer {
  const run = spawnSync("openssl", parameters);
  if (run.status !== 0) throw new Error(run.stderr.toString());
  return run.stdout;
}

describe.if(hasPrograms("owner keys against openssl", "openssl"))("owner keys", () => {
  const directory = temporaryDirectory();

  test("of workloads are read by openssl, with the digest of the manifest", async () => {
    const file = { path: join(directory, "workload.pem"), pem: await generateWorkloadOwnerKey() };
    writeFileSync(file.path, file.pem);
    expect(openssl("ec", "-in", file.path, "-noout", "-text").toString()).toContain("secp384r1");
    const spki = openssl("ec", "-in", file.path, "-pubout", "-outform", "DER");
    expect(createHash("sha256").update(spki).digest("hex")).toBe(workloadOwnerKeyDigest(file.pem, "key"));
  });

  test("of seed shares are read by openssl, with the key of the manifest", async () => {
    const file = { path: join(directory, "seedshare.pem"), pem: await generateSeedshareOwnerKey() };
    writeFileSync(file.path, file.pem);
    const pkcs1 = openssl("rsa", "-in", file.path, "-RSAPublicKey_out", "-outform", "DER").toString("hex");
    expect(pkcs1).toHaveLength(1052);
    expect(pkcs1).toStartWith("3082020a0282020100");
    expect(seedshareOwnerPublicKey(file.pem, "key")).toBe(pkcs1);
  });

  test("made by openssl are accepted in every form that it writes", () => {
    const ec = join(directory, "ec.pem");
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", ec);
    const digest = workloadOwnerKeyDigest(openssl("pkey", "-in", ec).toString(), "key");
    expect(workloadOwnerKeyDigest(openssl("ec", "-in", ec).toString(), "key")).toBe(digest);
    expect(workloadOwnerKeyDigest(openssl("pkey", "-in", ec, "-pubout").toString(), "key")).toBe(digest);

    const rsa = join(directory, "rsa.pem");
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", rsa);
    const key = seedshareOwnerPublicKey(openssl("rsa", "-in", rsa, "-traditional").toString(), "key");
    expect(seedshareOwnerPublicKey(openssl("pkey", "-in", rsa, "-pubout").toString(), "key")).toBe(key);
    expect(seedshareOwnerPublicKey(openssl("rsa", "-in", rsa, "-RSAPublicKey_out").toString(), "key")).toBe(key);
  });
});
