import { describe, expect, test } from "bun:test";
import {
  fakeCertificate,
  fakeCrl,
  fakeKey,
  KEY_USAGE,
  pemOf,
  usualExtensions,
} from "../../fakes/intel-certificates.ts";
import { createIntelPlatform, intelCollateralSet, type IntelPlatformOptions } from "../../fakes/intel-platform.ts";
import { judgePlatform, rowsThat } from "../../fakes/intel-verdict.ts";

const usual = createIntelPlatform();
const DAY_MS = 86_400_000;
const days = (count: number): Date => new Date(usual.now.getTime() + count * DAY_MS);
const stranger = fakeKey("stranger");
const rootKey = usual.fields.root.key;
const caKey = usual.fields.intermediate.key;

describe("verifyTdx() about revocation", () => {
  const cases: readonly [string, IntelPlatformOptions, string][] = [
    ["a list of another issuer", { rootCrl: { issuerName: "Intel Root" } }, "root-crl.issuer-name pki/issuer-mismatch"],
    ["a list of another key", { rootCrl: { authority: stranger } }, "root-crl.issuer-key pki/issuer-mismatch"],
    ["a list signed by a stranger", { rootCrl: { signer: stranger } }, "root-crl.signature pki/signature-invalid"],
    ["a list signed with SHA-384", { rootCrl: { hash: "sha384" } }, "root-crl.algorithm tdx/chain-profile"],
    [
      "a root that may not sign lists",
      {
        certificates: {
          root: {
            extensions: usualExtensions(rootKey, rootKey, { ca: true, pathLength: 1, usage: KEY_USAGE.certificates }),
          },
        },
      },
      "root-crl.key-usage pki/key-usage-forbidden",
    ],
    ["a PCK list of another issuer", { pckCrl: { issuerName: "Intel CA" } }, "pck-crl.issuer-name pki/issuer-mismatch"],
    ["a PCK list of another key", { pckCrl: { authority: stranger } }, "pck-crl.issuer-key pki/issuer-mismatch"],
    ["a PCK list signed by the root", { pckCrl: { signer: rootKey } }, "pck-crl.signature pki/signature-invalid"],
    ["a PCK list signed with SHA-384", { pckCrl: { hash: "sha384" } }, "pck-crl.algorithm tdx/chain-profile"],
    [
      "an intermediate that may not sign lists",
      {
        certificates: {
          intermediate: {
            extensions: usualExtensions(caKey, rootKey, { ca: true, pathLength: 0, usage: KEY_USAGE.certificates }),
          },
        },
      },
      "pck-crl.key-usage pki/key-usage-forbidden",
    ],
    ["a revoked intermediate", { revoked: ["intermediate"] }, "revocation.intermediate tdx/certificate-revoked"],
    ["a revoked PCK", { revoked: ["pck"] }, "revocation.pck tdx/certificate-revoked"],
  ];

  test.each(cases)("refuses %s in one row", (_, options, row) => {
    const verdict = judgePlatform(createIntelPlatform(options));
    expect(verdict.outcome).toBe("rejected");
    expect(rowsThat(verdict, "failed")).toEqual([row]);
  });

  const signing = pemOf(fakeCertificate({ ...usual.fields.tcbSigning, serial: 0x7777n })) + usual.rootPem;
  test.each([
    ["tcb-info", { issuerChainPem: signing, qeIssuerChainPem: usual.qeIdentityIssuerChainPem }],
    ["qe-identity", { qeIssuerChainPem: signing }],
  ])("refuses %s that a revoked certificate signed in one row", (document, options) => {
    const verdict = judgePlatform(createIntelPlatform({ rootCrl: { serials: [0x7777n] }, ...options }));
    expect(rowsThat(verdict, "failed")).toEqual([`revocation.${document}-signer tdx/certificate-revoked`]);
  });

  test.each(["root-crl", "pck-crl"])("refuses a %s that cannot be read in one row", (list) => {
    const items = usual
      .collateralItems()
      .map((item) => (item.need.kind === `intel-${list}` ? { ...item, body: item.body.subarray(1) } : item));
    const verdict = judgePlatform(usual, { collateralSet: intelCollateralSet(items) });
    expect(rowsThat(verdict, "failed")).toEqual([`${list}.form tdx/collateral-invalid`]);
  });

  const dates: readonly [string, IntelPlatformOptions, string][] = [
    ["an expired root list", { rootCrl: { nextUpdate: days(-0.5) } }, "root-crl.validity tdx/collateral-expired"],
    ["a root list without end", { rootCrl: { nextUpdate: undefined } }, "root-crl.validity tdx/collateral-expired"],
    [
      "a root list of the future",
      { rootCrl: { thisUpdate: days(1) } },
      "root-crl.validity tdx/collateral-not-yet-valid",
    ],
    ["an expired PCK list", { pckCrl: { nextUpdate: days(-0.5) } }, "pck-crl.validity tdx/collateral-expired"],
    ["a PCK list of the future", { pckCrl: { thisUpdate: days(1) } }, "pck-crl.validity tdx/collateral-not-yet-valid"],
  ];

  test.each(dates)("does not know with %s", (_, options, row) => {
    const verdict = judgePlatform(createIntelPlatform(options));
    expect(verdict.outcome).toBe("unknown");
    expect(rowsThat(verdict, "unknown")).toEqual([row]);
  });

  test.each(dates)("goes on with %s only if it has ended and the user accepts that", (title, options, row) => {
    const verdict = judgePlatform(createIntelPlatform(options), { acceptExpiredUntil: days(1) });
    const hasEnded = title.includes("expired");
    expect(verdict.outcome).toBe(hasEnded ? "accepted" : "unknown");
    expect(rowsThat(verdict, "waived")).toEqual(hasEnded ? row.split(" ").slice(0, 1) : []);
  });

  test("does not know without a list", () => {
    const withoutRoot = judgePlatform(usual, { collateralSet: usual.collateralSet(["intel-root-crl"]) });
    expect(withoutRoot.outcome).toBe("unknown");
    expect(rowsThat(withoutRoot, "unknown")).toContain("revocation.intermediate tdx/collateral-missing");
    const withoutPck = judgePlatform(usual, { collateralSet: usual.collateralSet(["intel-pck-crl"]) });
    expect(withoutPck.outcome).toBe("unknown");
    expect(rowsThat(withoutPck, "unknown")).toContain("revocation.pck tdx/collateral-missing");
  });

  test("does not ask a list that was refused", () => {
    const pckCrl = fakeCrl({
      issuerName: "Intel SGX PCK Platform CA",
      signer: stranger,
      thisUpdate: days(-1),
      nextUpdate: days(1),
      serials: [usual.fields.pck.serial],
      authority: caKey,
      hash: "sha256",
    });
    const items = usual
      .collateralItems()
      .map((item) => (item.need.kind === "intel-pck-crl" ? { ...item, body: pckCrl } : item));
    const verdict = judgePlatform(usual, { collateralSet: intelCollateralSet(items) });
    expect(rowsThat(verdict, "failed")).toEqual(["pck-crl.signature pki/signature-invalid"]);
    expect(rowsThat(verdict, "unknown")).toEqual(["revocation.pck tdx/collateral-invalid"]);
  });

  test("shows what was waived with the lists", () => {
    const platform = createIntelPlatform({ revoked: ["pck", "intermediate", "tcbSigning"] });
    const verdict = judgePlatform(platform, { revocation: "waived" });
    expect(verdict.outcome).toBe("accepted");
    expect(rowsThat(verdict, "waived")).toContain("revocation.pck");
    expect(rowsThat(verdict, "waived")).toContain("root-crl.signature");
    expect(rowsThat(verdict, "unknown")).toEqual([]);
  });
});
