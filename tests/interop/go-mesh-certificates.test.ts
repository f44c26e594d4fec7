import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import * as fc from "fast-check";
import {
  type CertificateAuthority,
  createCertificateAuthority,
} from "../../src/coordinator/ca/certificate-authority.ts";
import { claimExtensions } from "../../src/coordinator/ca/claims.ts";
import { parseSan } from "../../src/coordinator/ca/subject-alt-names.ts";
import { encodePem, parsePemBlock } from "../../src/pki/pem-block.ts";
import { createSelfSigned } from "../../src/pki/self-signed.ts";
import { type GeneralName, subjectAltNameExtension } from "../../src/pki/x509/encode-extensions.ts";
import { amdChip } from "../fakes/amd-chip.ts";
import { spkiOf } from "../fakes/certificate-builder.ts";
import { codeOf } from "../fakes/error-code.ts";
import { goPeer } from "../fakes/go-peer.ts";
import { hasPrograms } from "../fakes/peers.ts";

const SEED = 20_261_123;
const RUNS = 1500;

interface Request {
  readonly sans: readonly string[];
  readonly leafPem: string;
  readonly authority: CertificateAuthority;
}

/** Lists are null where Go's are nil. */
interface Answer {
  readonly Error: string;
  readonly CommonName: string;
  readonly DNSNames: readonly string[] | null;
  readonly IPAddresses: readonly string[] | null;
  readonly URIs: readonly string[] | null;
  readonly WantDNSNames: readonly string[] | null;
  readonly WantIPAddresses: readonly string[] | null;
  readonly WantURIs: readonly string[] | null;
  readonly KeyUsage: number;
  readonly ExtKeyUsage: readonly number[];
  readonly MeshError: string;
  readonly RootError: string;
  readonly Claims: readonly string[] | null;
}

function askGo(requests: readonly Request[]): readonly Answer[] {
  const program = goPeer(join(import.meta.dir, "go-mesh-certificates"));
  const der = (pem: string): string => parsePemBlock(pem, "test").der.toBase64();
  const lines = requests.map(({ sans, leafPem, authority }) =>
    JSON.stringify({
      SANs: sans,
      Leaf: der(leafPem),
      Mesh: der(authority.meshPem),
      Intermediate: der(authority.intermediatePem),
      Root: der(authority.rootPem),
    }),
  );
  const run = spawnSync(program, { input: `${lines.join("\n")}\n`, maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(run.stderr.toString());
  return run.stdout
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Answer);
}

const now = new Date();
const rootKey = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
const spkiDer = spkiOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey);
const authority = createCertificateAuthority(rootKey, now);
const snp = amdChip().evidence({});
const claims = claimExtensions({ tee: "snp", snp });

/** The certificate of names, or undefined where they are refused. */
function requestOf(sans: readonly string[]): Request | undefined {
  try {
    return { sans, leafPem: authority.issue({ spkiDer, sans, claims: [], now }), authority };
  } catch {
    return undefined;
  }
}

const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(...Array.from("*.:/?#[]@!$&'()+,;=%-_~ \t\0\"<>^`{|}\\é")),
      fc.constantFrom(
        "web",
        "a",
        "1",
        "0",
        "ff",
        "::",
        "//",
        "%41",
        "%zz",
        "%25",
        "https://",
        "spiffe://",
        "127.0.0.1",
      ),
      fc.constantFrom("[::1]", "::ffff:1.2.3.4", "fe80::1", ":8080", "a".repeat(64), "example.com", "..", "#a", "?b"),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(""));

describe.if(hasPrograms("mesh certificates for Go", "go"))("crypto/x509", () => {
  test("reads and verifies every certificate, and sorts names as createCertificateAuthority() does", () => {
    const fixed = [
      ["*"],
      ["web", "*"],
      ["*.default.svc", "web_1"],
      ["192.0.2.1"],
      ["spiffe://cluster.local/ns/default/sa/web"],
      ["web", "192.0.2.1", "::1", "::ffff:192.0.2.7", "SPIFFE://Mesh/a%20b?c#d", "urn:a:b", "web:8080", "file:///a"],
      ["a".repeat(63), `${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(63)}.${"e".repeat(61)}`],
      [`https://a/${"b".repeat(2000)}`],
    ];
    const lists = fc.sample(fc.array(nasty, { minLength: 1, maxLength: 3 }), { seed: SEED, numRuns: RUNS });
    const requests = [...fixed, ...lists].flatMap((sans) => requestOf(sans) ?? []);
    expect(requests.slice(0, fixed.length).map(({ sans }) => sans)).toEqual(fixed);
    expect(requests.length).toBeGreaterThan(200);
    for (const [index, answer] of askGo(requests).entries()) {
      const { sans } = requests[index]!;
      if (answer.Error !== "") console.error(`seed ${SEED}: ${JSON.stringify(sans)}`);
      expect([answer.Error, answer.MeshError, answer.RootError]).toEqual(["", "", ""]);
      expect([sans, answer.DNSNames, answer.IPAddresses, answer.URIs]).toEqual([
        sans,
        answer.WantDNSNames,
        answer.WantIPAddresses,
        answer.WantURIs,
      ]);
      expect(answer.CommonName).toBe(answer.WantDNSNames?.[0] ?? sans[0]!);
      // Digital signature; client, then server authentication.
      expect([answer.KeyUsage, ...answer.ExtKeyUsage]).toEqual([1, 2, 1]);
    }
    // The first build on a machine compiles Go's standard library too.
  }, 180_000);

  test("reads the claims, and keeps generations apart", () => {
    const next = createCertificateAuthority(rootKey, now);
    const leafPem = authority.issue({ spkiDer, sans: ["web"], claims, now });
    const mixed = { ...authority, meshPem: next.meshPem, rootPem: next.rootPem };
    const [own, other] = askGo([
      { sans: ["web"], leafPem, authority },
      { sans: ["web"], leafPem, authority: mixed },
    ]);
    expect(own!.Claims).toEqual(claims.map(({ oid, value }) => `${oid} ${value.toHex()}`));
    expect([own!.MeshError, own!.RootError, other!.RootError]).toEqual(["", "", ""]);
    expect(other!.MeshError).not.toBe("");
  }, 180_000);

  test("cannot read a certificate at all whose names are such as parseSan() refuses", () => {
    const names: readonly GeneralName[] = [
      { type: "dns", name: "wéb" },
      { type: "uri", uri: "https://a/%zz" },
      { type: "uri", uri: "https://a./" },
      { type: "uri", uri: "https://a..b/" },
      { type: "uri", uri: "https://[host]/" },
      { type: "uri", uri: "https://a/\0" },
    ];
    const requests = names.map((name) => {
      const dates = { notBefore: now, notAfter: now };
      const der = createSelfSigned({
        commonName: "a",
        key: rootKey,
        ...dates,
        extensions: [subjectAltNameExtension([name])],
      });
      return { sans: [], leafPem: encodePem("CERTIFICATE", der), authority };
    });
    for (const { Error: error } of askGo(requests)) expect(error).toContain("x509: ");
    for (const name of names) {
      const san = name.type === "dns" ? name.name : name.type === "uri" ? name.uri : "";
      expect(codeOf(() => parseSan(san))).toBe("coordinator/san-invalid");
    }
  }, 180_000);
});
