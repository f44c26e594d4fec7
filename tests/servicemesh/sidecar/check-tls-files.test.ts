import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkTlsFiles } from "../../../src/servicemesh/sidecar/check-tls-files.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { recordLog } from "../../fakes/image-provider.ts";
import { meshFiles, writeMeshFiles } from "../../fakes/mesh-files.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const NOW = new Date("2026-01-02T12:00:00Z");
const FILES = meshFiles(NOW);
const OTHERS = meshFiles(NOW);

/** The rules that warnings name. */
async function rulesOf(tls: string, now = NOW): Promise<string[]> {
  const log = recordLog();
  await checkTlsFiles(tls, now, log);
  return log.lines.map((line) => /^warn .*"rule":"([a-z-]+)"/.exec(line)?.[1] ?? line);
}

describe("checkTlsFiles()", () => {
  test("says nothing about what the Initializer writes", async () => {
    expect(await rulesOf(writeMeshFiles(temporaryDirectory(), FILES))).toEqual([]);
  });

  test.each(["sec1", "pkcs8"] as const)("reads a key in the form %s", async (type) => {
    const tls = writeMeshFiles(temporaryDirectory(), FILES);
    writeFileSync(join(tls, "key.pem"), FILES.key.export({ type, format: "pem" }));
    expect(await rulesOf(tls)).toEqual([]);
  });

  test.each(["certChain.pem", "key.pem", "mesh-ca.pem"])("names %s where it is missing", async (name) => {
    const tls = writeMeshFiles(temporaryDirectory(), FILES);
    rmSync(join(tls, name));
    expect(await codeOfAsync(() => checkTlsFiles(tls, NOW, recordLog()))).toBe("servicemesh/tls-file-missing");
    const told = await checkTlsFiles(tls, NOW, recordLog()).catch(String);
    expect(told).toContain(join(tls, name));
  });

  test("refuses the key of another certificate", async () => {
    const tls = writeMeshFiles(temporaryDirectory(), { ...FILES, key: OTHERS.key });
    expect(await codeOfAsync(() => checkTlsFiles(tls, NOW, recordLog()))).toBe("servicemesh/tls-file-invalid");
  });

  test.each([
    ["key.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "servicemesh/tls-file-invalid"],
    ["key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "servicemesh/tls-file-invalid"],
    ["key.pem", "", "pki/pem-missing"],
    ["certChain.pem", "", "pki/pem-missing"],
    ["mesh-ca.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "pki/certificate-invalid"],
  ])("refuses %s with %j", async (name, text, code) => {
    const tls = writeMeshFiles(temporaryDirectory(), FILES);
    writeFileSync(join(tls, name), text);
    expect(await codeOfAsync(() => checkTlsFiles(tls, NOW, recordLog()))).toBe(code);
  });

  test("never quotes a key", async () => {
    const tls = writeMeshFiles(temporaryDirectory(), FILES);
    const secret = Buffer.from(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "der" }));
    const text = `-----BEGIN PRIVATE KEY-----\n${secret.subarray(0, 30).toString("base64")}\n-----END PRIVATE KEY-----\n`;
    writeFileSync(join(tls, "key.pem"), text);
    const told = await checkTlsFiles(tls, NOW, recordLog()).catch(String);
    expect(told).not.toContain(secret.subarray(0, 30).toString("base64"));
  });

  test("warns of a certificate that peers will refuse", async () => {
    const ofOthers = writeMeshFiles(temporaryDirectory(), { ...FILES, meshCaPem: OTHERS.meshCaPem });
    expect(await rulesOf(ofOthers)).toEqual(["signature"]);
    const tls = writeMeshFiles(temporaryDirectory(), FILES);
    expect(await rulesOf(tls, new Date("2027-01-02T12:00:01Z"))).toEqual(["validity"]);
    expect(await rulesOf(tls, new Date("2026-01-02T10:59:59Z"))).toEqual(["validity", "validity"]);
  });

  test("leaves critical extensions to Envoy", async () => {
    const unknown = { oid: "1.3.6.1.4.1.99999.1", critical: true, value: new Uint8Array([5, 0]) };
    expect(await rulesOf(writeMeshFiles(temporaryDirectory(), meshFiles(NOW, [unknown])))).toEqual([]);
  });

  test("does not ask who certified the authority", async () => {
    const meshCaPem = FILES.chainPem.slice(FILES.chainPem.lastIndexOf("-----BEGIN"));
    expect(await rulesOf(writeMeshFiles(temporaryDirectory(), { ...FILES, meshCaPem }))).toEqual([]);
  });

  test("takes one of several authorities", async () => {
    const meshCaPem = OTHERS.meshCaPem + FILES.meshCaPem;
    expect(await rulesOf(writeMeshFiles(temporaryDirectory(), { ...FILES, meshCaPem }))).toEqual([]);
  });
});
