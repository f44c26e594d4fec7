import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { MAX_BUNDLE_FILES } from "../../../src/attestation/collateral/bundle-layout.ts";
import { parseCollateralJson } from "../../../src/attestation/collateral/collateral-json.ts";
import { encodeBundle } from "../../../src/attestation/collateral/bundle-write.ts";
import { readCollateralFile } from "../../../src/attestation/collateral/read-collateral-file.ts";
import { encodePem } from "../../../src/pki/pem-block.ts";
import { createSelfSigned } from "../../../src/pki/self-signed.ts";
import { readTarFiles } from "../../../src/lib/tar/read-tar-files.ts";
import { NEEDS, fakeItem, inspectFake } from "../../fakes/collateral-items.ts";
import { codeOf, codeOfAsync } from "../../fakes/error-code.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";
import { vectorsFolder } from "../../fakes/vectors.ts";

const ITEMS = [NEEDS.crl, NEEDS.tcbInfo].map((need) => fakeItem(need));
const BUNDLE = encodeBundle(
  ITEMS.map((item) => ({ item, validity: inspectFake(item) })),
  "contrast v1",
);

function fileOf(content: Uint8Array | string): string {
  const path = join(temporaryDirectory(), "file");
  writeFileSync(path, content);
  return path;
}

function unpacked(): string {
  const directory = temporaryDirectory();
  for (const [path, content] of readTarFiles(BUNDLE, "bundle", { maxFiles: 10, maxFileBytes: 10_000 })) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  return directory;
}

describe("readCollateralFile()", () => {
  test("reads a bundle and the directory that it was unpacked to", async () => {
    const wanted = ITEMS.map((item) => ({ ...item, origin: "bundle" as const }));
    expect(await readCollateralFile(fileOf(BUNDLE))).toEqual(wanted);
    expect(await readCollateralFile(unpacked())).toEqual(wanted);
  });

  test("refuses directories with links and strangers", async () => {
    const linked = unpacked();
    symlinkSync("/etc/passwd", join(linked, "snp", "link"));
    expect(await codeOfAsync(() => readCollateralFile(linked))).toBe("attestation/bundle-invalid");
    const elsewhere = unpacked();
    const [crl, moved] = [join(elsewhere, "snp/Milan/crl.der"), join(temporaryDirectory(), "crl.der")];
    renameSync(crl, moved);
    symlinkSync(moved, crl);
    expect(await codeOfAsync(() => readCollateralFile(elsewhere))).toBe("attestation/bundle-invalid");
    const strange = unpacked();
    writeFileSync(join(strange, "README"), "");
    expect(await codeOfAsync(() => readCollateralFile(strange))).toBe("attestation/bundle-invalid");
    expect(await codeOfAsync(() => readCollateralFile(temporaryDirectory()))).toBe("attestation/bundle-invalid");
    const large = unpacked();
    writeFileSync(join(large, "snp", "large"), new Uint8Array(2 * 1024 * 1024));
    expect(await codeOfAsync(() => readCollateralFile(large))).toBe("lib/file-too-large");
  });

  test("refuses a directory with more entries than any bundle has", async () => {
    const crowded = unpacked();
    const one = fileOf("");
    // Links are made and taken away faster than files and directories.
    for (let index = 0; index < MAX_BUNDLE_FILES; index++) linkSync(one, join(crowded, String(index)));
    // Strange files are refused with the same code, after all of them were read.
    const error = await readCollateralFile(crowded).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "attestation/bundle-invalid", details: { limit: MAX_BUNDLE_FILES } });
  });

  test("refuses what is neither a bundle nor JSON, and what is not there", async () => {
    expect(await codeOfAsync(() => readCollateralFile(fileOf("PK\u0003\u0004")))).toBe(
      "attestation/collateral-file-invalid",
    );
    expect(await codeOfAsync(() => readCollateralFile(fileOf("")))).toBe("attestation/collateral-file-invalid");
    expect(await codeOfAsync(() => readCollateralFile(fileOf("{}")))).toBe("attestation/collateral-file-invalid");
    expect(await codeOfAsync(() => readCollateralFile(fileOf(BUNDLE.subarray(0, 700))))).toBe("lib/tar-invalid");
    expect(await codeOfAsync(() => readCollateralFile("missing"))).toBe("lib/file-unreadable");
  });
});

const folder = vectorsFolder("tdx");

describe.if(folder !== undefined)("parseCollateralJson()", () => {
  const text = (name: string): string => readFileSync(join(folder ?? "", name), "utf8");
  type Document = Record<string, unknown> & { readonly tcb_info: string };
  const sample = (): Document => JSON.parse(text("v4-b.collateral.json")) as Document;

  test("reads the vector of a platform, the signed texts unchanged", () => {
    const items = parseCollateralJson(text("v4-b.collateral.json"), "vector");
    expect(items.map(({ need }) => need)).toEqual([
      { kind: "intel-tcb-info", fmspc: "b0c06f000000" },
      { kind: "intel-qe-identity" },
      { kind: "intel-pck-crl", ca: "platform" },
      { kind: "intel-root-crl" },
    ]);
    const body = new TextDecoder().decode(items[0]?.body);
    expect(body).toContain(sample().tcb_info);
    expect(Object.keys(JSON.parse(body) as object)).toEqual(["tcbInfo", "signature"]);
    expect(items.map(({ issuerChainPem }) => issuerChainPem === undefined)).toEqual([false, false, false, true]);
  });

  test("refuses every truncation", () => {
    const whole = text("v4-b.collateral.json").trimEnd();
    for (let length = 0; length < whole.length; length += 61) {
      expect(codeOf(() => parseCollateralJson(whole.slice(0, length), "x"))).toBe(
        "attestation/collateral-file-invalid",
      );
    }
  });

  test("sees which CA issued the PCK CRL", () => {
    const needs = parseCollateralJson(text("sgx-v3.collateral.json"), "vector").map(({ need }) => need);
    expect(needs).toContainEqual({ kind: "intel-pck-crl", ca: "processor" });
  });

  test.each(Object.keys(folder === undefined ? {} : sample()))("refuses a document without %s", (key) => {
    const { [key]: _, ...others } = sample();
    expect(codeOf(() => parseCollateralJson(JSON.stringify(others), "x"))).toBe("attestation/collateral-file-invalid");
    for (const value of [1, "", "zz", null]) {
      const changed = JSON.stringify({ ...others, [key]: value });
      expect(codeOf(() => parseCollateralJson(changed, "x"))).toBe("attestation/collateral-file-invalid");
    }
  });

  test.each([
    ["TCB info without FMSPC", "tcb_info", "{}"],
    ["QE identity in a list", "qe_identity", "[]"],
    ["TCB info in a list", "tcb_info", '[{"fmspc":"b0c06f000000"}]'],
    ["TCB info with a short FMSPC", "tcb_info", '{"fmspc":"b0c06f00000"}'],
    ["TCB info with more behind it", "tcb_info", '{"fmspc":"b0c06f000000"},"x":{}'],
    ["a PCK CRL of another issuer", "pck_crl_issuer_chain", sampleChain("tcb_info_issuer_chain")],
  ])("refuses %s", (_, key, value) => {
    const changed = JSON.stringify({ ...sample(), [key]: value });
    expect(codeOf(() => parseCollateralJson(changed, "x"))).toBe("attestation/collateral-file-invalid");
  });

  function sampleChain(key: string): unknown {
    return folder === undefined ? "" : sample()[key];
  }
});

describe("parseCollateralJson() with foreign certificates", () => {
  test.each(["constructor", "__proto__", "Intel SGX Root CA"])("refuses a PCK CRL issued by %s", (commonName) => {
    const { privateKey: key } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const dates = { notBefore: new Date("2026-01-01"), notAfter: new Date("2027-01-01") };
    const pem = encodePem("CERTIFICATE", createSelfSigned({ commonName, key, ...dates, extensions: [] }));
    const chain = pem + pem;
    const signature = "00".repeat(64);
    const text = JSON.stringify({
      pck_crl_issuer_chain: chain,
      root_ca_crl: "3000",
      pck_crl: "3000",
      tcb_info_issuer_chain: chain,
      tcb_info: '{"fmspc":"50806f000000"}',
      tcb_info_signature: signature,
      qe_identity_issuer_chain: chain,
      qe_identity: "{}",
      qe_identity_signature: signature,
    });
    expect(codeOf(() => parseCollateralJson(text, "test"))).toBe("attestation/collateral-file-invalid");
  });
});
