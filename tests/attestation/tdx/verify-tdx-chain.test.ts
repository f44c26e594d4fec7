import { describe, expect, test } from "bun:test";
import { derNull } from "../../../src/pki/der-writer.ts";
import {
  type CertificateFields,
  fakeCertificate,
  fakeExtension,
  fakeKey,
  KEY_USAGE,
  pemOf,
  usualExtensions,
} from "../../fakes/intel-certificates.ts";
import { createIntelPlatform, type IntelPlatformOptions, type IntelRole } from "../../fakes/intel-platform.ts";
import { judgePlatform, rowsThat } from "../../fakes/intel-verdict.ts";

const DAY_MS = 86_400_000;
const usual = createIntelPlatform();
const days = (count: number): Date => new Date(usual.now.getTime() + count * DAY_MS);
const stranger = fakeKey("stranger");
const unknownCritical = fakeExtension("1.2.3.4", derNull(), true);

/** PEM of a certificate like the usual one of its role. */
function variant(role: IntelRole, fields: Partial<CertificateFields>): string {
  return pemOf(fakeCertificate({ ...usual.fields[role], ...fields }));
}

const signingPem = pemOf(usual.certificates.tcbSigning.der);
const rootKey = usual.fields.root.key;

describe("verifyTdx() about the certificates of a quote", () => {
  const pckKey = usual.fields.pck.key;
  const caKey = usual.fields.intermediate.key;
  const chainCases: readonly [string, IntelPlatformOptions, string][] = [
    ["an issuer that is not for TDX", { processorCa: true }, "chain.names tdx/chain-profile"],
    ["SHA-384", { certificates: { pck: { hash: "sha384" } } }, "chain.algorithms tdx/chain-profile"],
    [
      "another issuer name",
      { certificates: { pck: { issuerName: "Intel SGX Root CA" } } },
      "chain.issuer-name pki/issuer-mismatch",
    ],
    [
      "a PCK signed by a stranger",
      { certificates: { pck: { signer: stranger } } },
      "chain.signature pki/signature-invalid",
    ],
    [
      "an intermediate signed by a stranger",
      { certificates: { intermediate: { signer: stranger } } },
      "chain.signature pki/signature-invalid",
    ],
    ["an expired PCK", { certificates: { pck: { notAfter: days(-1) } } }, "chain.validity pki/certificate-expired"],
    [
      "a PCK of the future",
      { certificates: { pck: { notBefore: days(1) } } },
      "chain.validity pki/certificate-not-yet-valid",
    ],
    [
      "an expired intermediate",
      { certificates: { intermediate: { notAfter: days(-1) } } },
      "chain.validity pki/certificate-expired",
    ],
    [
      "an intermediate that is no authority",
      {
        certificates: {
          intermediate: {
            extensions: usualExtensions(caKey, rootKey, { ca: false, usage: KEY_USAGE.certificatesAndCrls }),
          },
        },
      },
      "chain.ca pki/not-a-ca",
    ],
    [
      "a path that is too long for its root",
      { certificates: { root: { extensions: usualExtensions(rootKey, rootKey, { ca: true, pathLength: 0 }) } } },
      "chain.path-length pki/path-too-long",
    ],
    [
      "an intermediate that may not sign certificates",
      {
        certificates: {
          intermediate: {
            extensions: usualExtensions(caKey, rootKey, { ca: true, pathLength: 0, usage: KEY_USAGE.crls }),
          },
        },
      },
      "chain.key-usage pki/key-usage-forbidden",
    ],
    [
      "an unknown critical extension",
      {
        certificates: {
          intermediate: {
            extensions: [...usualExtensions(caKey, rootKey, { ca: true, pathLength: 0 }), unknownCritical],
          },
        },
      },
      "chain.critical-extensions pki/critical-extension-unknown",
    ],
    [
      "a seventh extension of the PCK",
      { certificates: { pck: { extensions: [...usual.fields.pck.extensions, fakeExtension("1.2.3.4", derNull())] } } },
      "pck.extensions tdx/chain-profile",
    ],
    [
      "a missing extension of the PCK",
      { certificates: { pck: { extensions: usual.fields.pck.extensions.slice(1) } } },
      "pck.extensions tdx/chain-profile",
    ],
  ];

  test.each(chainCases)("refuses %s in one row", (_, options, row) => {
    const verdict = judgePlatform(createIntelPlatform(options));
    expect(verdict.outcome).toBe("rejected");
    expect(rowsThat(verdict, "failed")).toEqual([row]);
  });

  test("refuses a root with the right names and another key", () => {
    const certificates = {
      root: {
        key: stranger,
        signer: stranger,
        extensions: usualExtensions(stranger, stranger, { ca: true, pathLength: 1 }),
      },
      intermediate: { signer: stranger },
    };
    const quote = createIntelPlatform({ certificates }).quote();
    expect(rowsThat(judgePlatform(usual, { quote }), "failed")).toEqual(["chain.root tdx/root-untrusted"]);
  });

  test("takes another rendition of the root with the same name and key", () => {
    const rendition = createIntelPlatform({ certificates: { root: { serial: 0x99n } } });
    const verdict = judgePlatform(usual, { quote: rendition.quote() });
    expect(verdict.outcome).toBe("accepted");
    expect(pckKey).toBe(rendition.fields.pck.key);
  });
});

describe("verifyTdx() about the issuer chain of documents", () => {
  const rootVariant = (extensions: CertificateFields["extensions"]): string =>
    signingPem + variant("root", { extensions });
  const issuerCases: readonly [string, string, string][] = [
    [
      "another common name",
      variant("tcbSigning", { commonName: "Intel SGX Signing" }) + usual.rootPem,
      "names tdx/chain-profile",
    ],
    ["SHA-384", variant("tcbSigning", { hash: "sha384" }) + usual.rootPem, "algorithms tdx/chain-profile"],
    [
      "another issuer name",
      variant("tcbSigning", { issuerName: "Intel Root" }) + usual.rootPem,
      "issuer-name pki/issuer-mismatch",
    ],
    [
      "a signature of a stranger",
      variant("tcbSigning", { signer: stranger }) + usual.rootPem,
      "signature pki/signature-invalid",
    ],
    [
      "a root that is no authority",
      rootVariant(usualExtensions(rootKey, rootKey, { ca: false, usage: KEY_USAGE.certificatesAndCrls })),
      "ca pki/not-a-ca",
    ],
    [
      "a root that may not sign certificates",
      rootVariant(usualExtensions(rootKey, rootKey, { ca: true, pathLength: 1, usage: KEY_USAGE.crls })),
      "key-usage pki/key-usage-forbidden",
    ],
    [
      "an unknown critical extension",
      variant("tcbSigning", { extensions: [...usual.fields.tcbSigning.extensions, unknownCritical] }) + usual.rootPem,
      "critical-extensions pki/critical-extension-unknown",
    ],
    [
      "a root of a stranger",
      variant("tcbSigning", { signer: stranger }) + variant("root", { key: stranger, signer: stranger }),
      "root tdx/root-untrusted",
    ],
  ];

  test.each(issuerCases)("refuses TCB info with %s in one row", (_, issuerChainPem, row) => {
    const platform = createIntelPlatform({ issuerChainPem, qeIssuerChainPem: usual.tcbInfoIssuerChainPem });
    expect(rowsThat(judgePlatform(platform), "failed")).toEqual([`tcb-info.chain.${row}`]);
  });

  test.each(issuerCases)("refuses QE identity with %s in one row", (_, qeIssuerChainPem, row) => {
    const platform = createIntelPlatform({ qeIssuerChainPem });
    expect(rowsThat(judgePlatform(platform), "failed")).toEqual([`qe-identity.chain.${row}`]);
  });

  const expired = variant("tcbSigning", { notAfter: days(-1) }) + usual.rootPem;
  test.each([
    ["tcb-info", { issuerChainPem: expired, qeIssuerChainPem: usual.tcbInfoIssuerChainPem }],
    ["qe-identity", { qeIssuerChainPem: expired }],
  ])("calls an expired signing certificate of %s collateral that is too old", (document, options) => {
    const verdict = judgePlatform(createIntelPlatform(options));
    expect(verdict.outcome).toBe("unknown");
    expect(rowsThat(verdict, "unknown")).toEqual([`${document}.chain.validity tdx/collateral-expired`]);
  });

  test.each([
    ["one certificate", signingPem],
    ["three certificates", signingPem + usual.rootPem + usual.rootPem],
    ["text behind it", `${signingPem}${usual.rootPem}x`],
    ["text before it", `x${signingPem}${usual.rootPem}`],
  ])("refuses an issuer chain with %s", (_, issuerChainPem) => {
    const platform = createIntelPlatform({ issuerChainPem, qeIssuerChainPem: usual.tcbInfoIssuerChainPem });
    expect(rowsThat(judgePlatform(platform), "failed")).toEqual(["tcb-info.form tdx/collateral-invalid"]);
  });

  test("does not know without issuer chain", () => {
    const items = usual.collateralItems().map((item) => ({ ...item, issuerChainPem: undefined }));
    const collateralSet = {
      answer: (need: { kind: string }) =>
        ({ found: true, item: items.find((item) => item.need.kind === need.kind)! }) as const,
    };
    const verdict = judgePlatform(usual, { collateralSet });
    expect(verdict.outcome).toBe("unknown");
    expect(rowsThat(verdict, "failed")).toEqual([]);
    expect(rowsThat(verdict, "unknown")).toContain("tcb-info.form tdx/collateral-missing");
  });
});
