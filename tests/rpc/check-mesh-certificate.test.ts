import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { encodePublicKeyDer } from "../../src/lib/der-key.ts";
import { checkMeshCertificate } from "../../src/rpc/check-mesh-certificate.ts";
import { codeOf } from "../fakes/error-code.ts";
import { type MeshAnswer, meshAnswer } from "../fakes/mesh-server.ts";

const NOW = new Date("2026-03-01T12:00:00Z");
const HOUR_MS = 60 * 60 * 1000;
const SPKI = newSpki();
const ANSWER = meshAnswer(SPKI, NOW);
const OTHER = meshAnswer(SPKI, NOW);
const [LEAF, INTERMEDIATE] = ANSWER.certChain.match(/-----BEGIN[^]*?-----END CERTIFICATE-----\n/g) ?? [];

function newSpki(): Uint8Array {
  return encodePublicKeyDer(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey, "spki");
}

function check(change: Partial<MeshAnswer> = {}, now = NOW): string {
  const { meshCa, certChain, rootCa, secret } = { ...ANSWER, ...change };
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
  const answer = {
    meshCaPem: utf8(meshCa),
    certChainPem: utf8(certChain),
    rootCaPem: utf8(rootCa),
    workloadSecret: secret,
  };
  return codeOf(() => checkMeshCertificate(answer, { spkiDer: SPKI, now }));
}

const FINE = "no error, returned undefined";
const INVALID = "rpc/mesh-certificate-invalid";

describe("checkMeshCertificate()", () => {
  test.each([0, 32, 64, 1024])("takes an honest answer with a secret of %d bytes", (length) => {
    expect(check({ secret: new Uint8Array(length) })).toBe(FINE);
  });

  test.each([1, 31, 1025])("refuses a secret of %d bytes", (length) => {
    expect(check({ secret: new Uint8Array(length) })).toBe(INVALID);
  });

  test.each<[string, Partial<MeshAnswer>]>([
    ["a certificate for another key", { ...meshAnswer(newSpki(), NOW) }],
    ["the mesh CA of another authority", { meshCa: OTHER.meshCa }],
    ["the root of another authority", { rootCa: OTHER.rootCa }],
    ["the intermediate in place of the mesh CA", { meshCa: INTERMEDIATE! }],
    ["no mesh CA", { meshCa: "" }],
    ["two mesh CAs", { meshCa: ANSWER.meshCa + ANSWER.meshCa }],
    ["no root", { rootCa: "" }],
    ["two roots", { rootCa: ANSWER.rootCa + ANSWER.rootCa }],
    ["a chain without intermediate", { certChain: LEAF! }],
    ["a chain that needs none, because the mesh CA passes for the root", { certChain: LEAF!, rootCa: ANSWER.meshCa }],
    ["a chain the other way round", { certChain: INTERMEDIATE! + LEAF! }],
    ["a chain with a stranger", { certChain: LEAF! + INTERMEDIATE! + OTHER.rootCa }],
    ["a chain of five", { certChain: LEAF! + INTERMEDIATE!.repeat(4) }],
    ["a mesh CA that is cut", { meshCa: ANSWER.meshCa.slice(0, -40) }],
    ["a key in place of the root", { rootCa: ANSWER.rootCa.replaceAll("CERTIFICATE", "PRIVATE KEY") }],
  ])("refuses %s", (_name, change) => {
    expect(check(change)).toBe(INVALID);
  });

  test("refuses DER, which nothing that reads the files takes", () => {
    const der = Buffer.from(ANSWER.rootCa.replace(/-----[^-]+-----|\n/g, ""), "base64");
    const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
    const answer = {
      meshCaPem: utf8(ANSWER.meshCa),
      certChainPem: utf8(ANSWER.certChain),
      rootCaPem: new Uint8Array(der),
      workloadSecret: ANSWER.secret,
    };
    expect(codeOf(() => checkMeshCertificate(answer, { spkiDer: SPKI, now: NOW }))).toBe(INVALID);
  });

  test.each([
    ["two hours behind the certificates", -3 * HOUR_MS, FINE],
    ["more than that behind them", -3 * HOUR_MS - 1000, INVALID],
    ["two hours after a year", 365 * 24 * HOUR_MS + 2 * HOUR_MS, FINE],
    ["more than that after a year", 365 * 24 * HOUR_MS + 2 * HOUR_MS + 1000, INVALID],
  ])("judges by a clock that is %s", (_name, offsetMs, code) => {
    expect(check({}, new Date(NOW.getTime() + offsetMs))).toBe(code);
  });
});
