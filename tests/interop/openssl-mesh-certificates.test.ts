import "reflect-metadata";
import { beforeEach, describe, expect, test } from "bun:test";
import { generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import type { Evidence } from "../../src/attestation/evidence.ts";
import { tdxEvidenceFromQuote } from "../../src/attestation/tdx/tdx-evidence.ts";
import { createCertificateAuthority } from "../../src/coordinator/ca/certificate-authority.ts";
import { claimExtensions } from "../../src/coordinator/ca/claims.ts";
import { createSeedEngine } from "../../src/coordinator/seed/seed-engine.ts";
import { parsePemBlock } from "../../src/pki/pem-block.ts";
import { parseCertificate } from "../../src/pki/x509/certificate.ts";
import { checkPath } from "../../src/pki/x509/path.ts";
import { amdChip } from "../fakes/amd-chip.ts";
import { spkiOf } from "../fakes/certificate-builder.ts";
import { createIntelPlatform } from "../fakes/intel-platform.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const isReady = hasPrograms("mesh certificates for openssl", "openssl");

const now = new Date();
const { rootKey } = createSeedEngine(new Uint8Array(64).fill(7), new Uint8Array(32));
const SANS = ["web", "*", "*.default.svc", "192.0.2.1", "2001:db8::1", "spiffe://mesh/ns/default/sa/web"];

const evidence: Readonly<Record<string, Evidence>> = {
  "SNP on Milan": { tee: "snp", snp: amdChip({ product: "Milan" }).evidence({ version: 2 }) },
  "SNP on Genoa": { tee: "snp", snp: amdChip({ product: "Genoa" }).evidence({ version: 3 }) },
  TDX: { tee: "tdx", tdx: tdxEvidenceFromQuote(createIntelPlatform().quote()) },
};
const keys: Readonly<Record<string, KeyObject>> = {
  "P-256": generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey,
  "P-384": generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey,
  "P-521": generateKeyPairSync("ec", { namedCurve: "P-521" }).publicKey,
  Ed25519: generateKeyPairSync("ed25519").publicKey,
  RSA: generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey,
};

const authority = createCertificateAuthority(rootKey, now);
const next = createCertificateAuthority(rootKey, now);
let directory = "";

/** Runs openssl on the files; arguments must not contain spaces. */
function openssl(commandLine: string): { readonly status: number; readonly text: string } {
  const child = Bun.spawnSync(["openssl", ...commandLine.split(" ")], {
    cwd: directory,
    stdin: "ignore",
    stderr: "pipe",
  });
  return { status: child.exitCode, text: `${child.stdout.toString()}${child.stderr.toString()}` };
}

function verify(commandLine: string): string {
  const { status, text } = openssl(`verify -x509_strict -check_ss_sig ${commandLine}`);
  return status === 0 && text.endsWith(": OK\n") ? "OK" : text;
}

function save(name: string, pem: string): void {
  writeFileSync(join(directory, name), pem);
}

function issue(sans: readonly string[] = SANS, tee = "SNP on Genoa", kind = "P-256"): string {
  return authority.issue({ spkiDer: spkiOf(keys[kind]!), sans, claims: claimExtensions(evidence[tee]!), now });
}

/** What `openssl x509 -text` prints below the line that names an extension. */
function printed(text: string, heading: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  return lines[lines.findIndex((line) => line.startsWith(heading)) + 1] ?? "";
}

describe.skipIf(!isReady)("openssl and the certificates of createCertificateAuthority()", () => {
  beforeEach(() => {
    directory = temporaryDirectory();
    for (const [prefix, { rootPem, intermediatePem, meshPem }] of [
      ["", authority],
      ["next-", next],
    ] as const) {
      save(`${prefix}root.pem`, rootPem);
      save(`${prefix}intermediate.pem`, intermediatePem);
      save(`${prefix}mesh.pem`, meshPem);
    }
  });

  test("verifies the authority's own certificates", () => {
    expect(verify("-CAfile root.pem root.pem")).toBe("OK");
    expect(verify("-CAfile root.pem intermediate.pem")).toBe("OK");
    expect(verify("-CAfile mesh.pem mesh.pem")).toBe("OK");
    expect(verify("-CAfile root.pem mesh.pem")).not.toBe("OK");
  });

  test.each(Object.keys(evidence).flatMap((tee) => Object.keys(keys).map((kind) => [tee, kind] as const)))(
    "verifies a leaf with claims of %s and a key on %s, by the mesh CA alone and through the intermediate",
    (tee, kind) => {
      const leaf = issue(SANS, tee, kind);
      save("leaf.pem", leaf);
      save("chain.pem", leaf + authority.intermediatePem);
      expect(verify("-CAfile mesh.pem -purpose sslclient leaf.pem")).toBe("OK");
      expect(verify("-CAfile mesh.pem -purpose sslserver -verify_hostname web leaf.pem")).toBe("OK");
      expect(verify("-CAfile root.pem -untrusted intermediate.pem -purpose sslclient leaf.pem")).toBe("OK");
      expect(verify("-CAfile root.pem -untrusted chain.pem -purpose sslserver leaf.pem")).toBe("OK");
      // As in a handshake, where the chain brings the intermediate although the mesh CA is the anchor.
      expect(verify("-CAfile mesh.pem -untrusted chain.pem -purpose sslserver leaf.pem")).toBe("OK");
      expect(verify("-CAfile root.pem leaf.pem")).not.toBe("OK");
    },
  );

  test("verifies a leaf of an earlier generation against the root, not against the new mesh CA", () => {
    save("earlier.pem", issue());
    expect(verify("-CAfile next-root.pem -untrusted intermediate.pem earlier.pem")).toBe("OK");
    expect(verify("-CAfile next-mesh.pem earlier.pem")).not.toBe("OK");
    expect(verify("-CAfile next-mesh.pem -untrusted intermediate.pem earlier.pem")).not.toBe("OK");
    expect(verify("-CAfile next-root.pem -untrusted next-intermediate.pem earlier.pem")).not.toBe("OK");
  });

  test("finds each kind of name, and no others", () => {
    save("names.pem", issue());
    const matches = (option: string): boolean => verify(`-CAfile mesh.pem ${option} names.pem`) === "OK";
    expect(matches("-verify_hostname web")).toBe(true);
    expect(matches("-verify_hostname a.default.svc")).toBe(true);
    expect(matches("-verify_ip 192.0.2.1")).toBe(true);
    expect(matches("-verify_ip 2001:db8::1")).toBe(true);
    expect(matches("-verify_hostname other.example")).toBe(false);
    expect(matches("-verify_ip 192.0.2.2")).toBe(false);
  });

  test("takes names without any DNS name, and long ones", () => {
    const long = `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(61)}`;
    for (const [sans, subject] of [
      [["192.0.2.1"], "CN = 192.0.2.1"],
      [["spiffe://mesh/web"], "CN = spiffe://mesh/web"],
      [["*"], "CN = *"],
      [[long], `CN = ${long}`],
      [[`https://a/${"b".repeat(2000)}`], `CN = https://a/${"b".repeat(2000)}`],
    ] as const) {
      const leaf = issue(sans);
      save("special.pem", leaf);
      expect(verify("-CAfile mesh.pem -purpose sslserver special.pem")).toBe("OK");
      expect(openssl("x509 -in special.pem -noout -subject").text).toBe(`subject=${subject}\n`);
      expect(new X509Certificate(leaf).verify(new X509Certificate(authority.meshPem).publicKey)).toBe(true);
    }
  });

  test("prints what was asked for", () => {
    save("text.pem", issue());
    const { text } = openssl("x509 -in text.pem -noout -text");
    expect(printed(text, "X509v3 Key Usage: critical")).toBe("Digital Signature");
    expect(printed(text, "X509v3 Extended Key Usage:")).toBe(
      "TLS Web Client Authentication, TLS Web Server Authentication",
    );
    expect(printed(text, "X509v3 Basic Constraints: critical")).toBe("CA:FALSE");
    expect(printed(text, "X509v3 Subject Alternative Name:")).toBe(
      "DNS:web, DNS:*, DNS:*.default.svc, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1, URI:spiffe://mesh/ns/default/sa/web",
    );
    const authorityText = openssl("x509 -in mesh.pem -noout -text").text;
    expect(printed(authorityText, "X509v3 Key Usage: critical")).toBe("Digital Signature, Certificate Sign");
    expect(printed(authorityText, "X509v3 Basic Constraints: critical")).toBe("CA:TRUE");
    expect(printed(text, "X509v3 Authority Key Identifier:")).toBe(
      printed(authorityText, "X509v3 Subject Key Identifier:"),
    );
    expect(text).toContain("Signature Algorithm: ecdsa-with-SHA384");
    expect(text).toContain("Issuer: CN = system:coordinator:intermediate");
    expect(text).toContain("Subject: CN = web");
  });

  test.each(Object.keys(evidence))("finds the claims of %s where they belong", (tee) => {
    save("claims.pem", issue(SANS, tee));
    const { text } = openssl("asn1parse -in claims.pem");
    const found = [...text.matchAll(/OBJECT\s+:(1\.3\.9901\.[0-9.]+)\n.*OCTET STRING\s+\[HEX DUMP\]:([0-9A-F]+)\n/g)];
    expect(found.map(([, oid, hex]) => `${oid} ${hex!.toLowerCase()}`)).toEqual(
      claimExtensions(evidence[tee]!).map(({ oid, value }) => `${oid} ${value.toHex()}`),
    );
  });

  test.each(Object.keys(evidence))("agrees with two other readers about a leaf of %s", async (tee) => {
    const leaf = issue(SANS, tee);
    const chain = [leaf, authority.intermediatePem, authority.rootPem].map((pem) =>
      parseCertificate(parsePemBlock(pem, "test").der, "test"),
    );
    expect(checkPath(chain, now).filter(({ passed }) => !passed)).toEqual([]);
    const theirs = new x509.X509Certificate(leaf);
    const mesh = new x509.X509Certificate(authority.meshPem);
    expect(await theirs.verify({ publicKey: mesh.publicKey, date: now })).toBe(true);
    expect(theirs.extensions.map(({ type, critical }) => [type, critical])).toEqual(
      chain[0]!.extensions.map(({ oid, critical }) => [oid, critical]),
    );
    const names = theirs.getExtension(x509.SubjectAlternativeNameExtension)!.names.items;
    expect(names.map(({ type, value }) => `${type} ${value}`)).toEqual([
      "dns web",
      "dns *",
      "dns *.default.svc",
      "ip 192.0.2.1",
      "ip 2001:db8::1",
      "url spiffe://mesh/ns/default/sa/web",
    ]);
    expect(BigInt(`0x${theirs.serialNumber}`)).toBe(BigInt(`0x${chain[0]!.serialHex}`));
  });
});
