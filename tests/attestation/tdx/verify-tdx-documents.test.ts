import { describe, expect, test } from "bun:test";
import { isvLevel, moduleIdentity, tcbLevel } from "../../fakes/intel-documents.ts";
import { createIntelPlatform, type IntelPlatformOptions } from "../../fakes/intel-platform.ts";
import type { QuoteFields } from "../../fakes/intel-quote.ts";
import { judgePlatform, rowsOf, rowsThat } from "../../fakes/intel-verdict.ts";

const usual = createIntelPlatform();
const DAY_MS = 86_400_000;
const text = (daysFromNow: number): string =>
  new Date(usual.now.getTime() + daysFromNow * DAY_MS).toISOString().replace(".000Z", "Z");

const STATUSES = [
  "SWHardeningNeeded",
  "ConfigurationNeeded",
  "ConfigurationAndSWHardeningNeeded",
  "OutOfDate",
  "OutOfDateConfigurationNeeded",
  "Revoked",
] as const;

describe("verifyTdx() about TCB info and QE identity", () => {
  const cases: readonly [string, IntelPlatformOptions, string][] = [
    ["TCB info that is no JSON", { changeTcbInfo: () => "{" }, "tcb-info.form tdx/collateral-invalid"],
    [
      "TCB info of which one digit was changed",
      { changeTcbInfo: (body) => body.replace('"pcesvn":13', '"pcesvn":12') },
      "tcb-info.signature tdx/collateral-signature-invalid",
    ],
    [
      "TCB info that was written anew",
      { changeTcbInfo: (body) => body.replace("{", "{ ") },
      "tcb-info.signature tdx/collateral-signature-invalid",
    ],
    ["TCB info of SGX", { tcbInfo: { id: "SGX" } }, "tcb-info.id tdx/collateral-wrong"],
    ["TCB info of version 2", { tcbInfo: { version: 2 } }, "tcb-info.version tdx/collateral-wrong"],
    ["TCB info without levels", { tcbInfo: { tcbLevels: [] } }, "tcb-info.levels tdx/collateral-wrong"],
    ["TCB info of other processors", { tcbInfo: { fmspc: "00806F050000" } }, "tcb-info.fmspc tdx/collateral-wrong"],
    ["TCB info of another PCE", { tcbInfo: { pceId: "0001" } }, "tcb-info.pce-id tdx/collateral-wrong"],
    ["QE identity that is no JSON", { changeQeIdentity: () => "{" }, "qe-identity.form tdx/collateral-invalid"],
    [
      "QE identity of which one digit was changed",
      { changeQeIdentity: (body) => body.replace('"isvsvn":4', '"isvsvn":5') },
      "qe-identity.signature tdx/collateral-signature-invalid",
    ],
    ["QE identity of SGX", { qeIdentity: { id: "QE" } }, "qe-identity.id tdx/collateral-wrong"],
    ["QE identity of version 1", { qeIdentity: { version: 1 } }, "qe-identity.version tdx/collateral-wrong"],
    ["QE identity without levels", { qeIdentity: { tcbLevels: [] } }, "qe-identity.levels tdx/collateral-wrong"],
  ];

  test.each(cases)("refuses %s in one row", (_, options, row) => {
    const verdict = judgePlatform(createIntelPlatform(options));
    expect(verdict.outcome).toBe("rejected");
    expect(rowsThat(verdict, "failed")).toEqual([row]);
  });

  test("does not judge by a document that was refused", () => {
    const rows = rowsOf(judgePlatform(createIntelPlatform({ tcbInfo: { fmspc: "00806F050000" } })));
    const ids = ["module.mr-signer-seam", "module.seam-attributes", "tcb.platform", "tcb.module", "tcb.status"];
    expect(rows.filter(({ id }) => ids.includes(id)).map(({ outcome }) => outcome)).toEqual(ids.map(() => "unknown"));
  });

  const dates: readonly [string, IntelPlatformOptions, string][] = [
    ["expired TCB info", { tcbInfo: { nextUpdate: text(-0.5) } }, "tcb-info.validity tdx/collateral-expired"],
    ["TCB info of the future", { tcbInfo: { issueDate: text(0.1) } }, "tcb-info.validity tdx/collateral-not-yet-valid"],
    ["expired QE identity", { qeIdentity: { nextUpdate: text(-0.5) } }, "qe-identity.validity tdx/collateral-expired"],
    [
      "QE identity of the future",
      { qeIdentity: { issueDate: text(0.1) } },
      "qe-identity.validity tdx/collateral-not-yet-valid",
    ],
  ];

  test.each(dates)("does not know with %s", (_, options, row) => {
    const verdict = judgePlatform(createIntelPlatform(options));
    expect(verdict.outcome).toBe("unknown");
    expect(rowsThat(verdict, "unknown")).toEqual([row]);
    expect(rowsThat(verdict, "failed")).toEqual([]);
  });

  test.each(dates)("goes on with %s only if it has expired and the user accepts that", (_, options, row) => {
    const acceptExpiredUntil = new Date(usual.now.getTime() + DAY_MS);
    const verdict = judgePlatform(createIntelPlatform(options), { acceptExpiredUntil });
    const [id = "", code] = row.split(" ");
    const isExpired = code === "tdx/collateral-expired";
    expect(verdict.outcome).toBe(isExpired ? "accepted" : "unknown");
    expect(rowsThat(verdict, "waived")).toEqual(isExpired ? [id] : []);
    const over = judgePlatform(createIntelPlatform(options), { acceptExpiredUntil: usual.now });
    expect(rowsThat(over, "unknown")).toEqual([row]);
  });

  test("takes no status but UpToDate from TCB info that has expired", () => {
    const tcbLevels = [tcbLevel([1], 1, [], "Revoked")];
    const platform = createIntelPlatform({ tcbInfo: { nextUpdate: text(-0.5), tcbLevels } });
    const verdict = judgePlatform(platform, { acceptExpiredUntil: new Date(usual.now.getTime() + DAY_MS) });
    expect(rowsThat(verdict, "failed")).toEqual(["tcb.status tdx/tcb-status"]);
  });

  test("allows for clocks that differ by minutes", () => {
    expect(judgePlatform(createIntelPlatform({ tcbInfo: { issueDate: text(0.001) } })).outcome).toBe("accepted");
  });

  test("does not know without TCB info, QE identity or both", () => {
    const verdict = judgePlatform(usual, { collateralSet: usual.collateralSet(["intel-tcb-info"]) });
    expect(verdict.outcome).toBe("unknown");
    expect(rowsThat(verdict, "failed")).toEqual([]);
    expect(rowsThat(verdict, "unknown")).toContain("tcb.status tdx/collateral-missing");
    const other = judgePlatform(usual, { collateralSet: usual.collateralSet(["intel-qe-identity"]) });
    expect(other.outcome).toBe("unknown");
    expect(rowsThat(other, "unknown")).toContain("qe.tcb-status tdx/collateral-missing");
  });

  test("shows what was waived with TCB info and QE identity", () => {
    const verdict = judgePlatform(createIntelPlatform({ tcbInfo: { id: "SGX" } }), { collateral: "waived" });
    expect(verdict.outcome).toBe("accepted");
    expect(rowsThat(verdict, "waived")).toContain("tcb.status");
    expect(rowsThat(verdict, "waived")).toContain("revocation.tcb-info-signer");
    expect(rowsThat(verdict, "unknown")).toEqual([]);
  });
});

describe("verifyTdx() about platform and module", () => {
  const body: readonly [string, Partial<QuoteFields>, string][] = [
    ["a module of another signer", { mrSignerSeam: Uint8Array.of(1) }, "module.mr-signer-seam tdx/module-wrong"],
    ["a module with attributes", { seamAttributes: Uint8Array.of(1) }, "module.seam-attributes tdx/module-wrong"],
    ["a platform below every level", { teeTcbSvn: Uint8Array.of(6, 1, 1) }, "tcb.platform tdx/tcb-level-none"],
    ["a module below every level", { teeTcbSvn: Uint8Array.of(1, 1, 3) }, "tcb.module tdx/module-level-none"],
    ["a module that Intel does not list", { teeTcbSvn: Uint8Array.of(6, 2, 3) }, "tcb.module tdx/module-level-none"],
    ["a module that is out of date", { teeTcbSvn: Uint8Array.of(3, 1, 3) }, "tcb.status tdx/tcb-status"],
    ["a platform that is out of date", { teeTcbSvn: Uint8Array.of(6, 1, 2) }, "tcb.status tdx/tcb-status"],
  ];

  test.each(body)("refuses %s in one row", (_, fields, row) => {
    expect(rowsThat(judgePlatform(usual, { quote: usual.quote(fields) }), "failed")).toEqual([row]);
  });

  test.each(STATUSES)("refuses a platform with status %s and names its advisories", (status) => {
    const platform = createIntelPlatform({
      tcbInfo: { tcbLevels: [tcbLevel([1], 1, [], status, ["INTEL-SA-00001"])] },
    });
    const row = rowsOf(judgePlatform(platform)).find(({ id }) => id === "tcb.status");
    expect(row).toMatchObject({ outcome: "failed", code: "tdx/tcb-status", actual: status });
    expect(`${row?.reason} ${row?.remedy}`).toMatch(/2025-11-01T00:00:00Z.*INTEL-SA-00001.*INTEL-SA-00001/s);
  });

  test("compares a module by its own identity, else by that of the document", () => {
    const identity = { ...moduleIdentity("tdx_01", [isvLevel(5, "UpToDate")]), mrsigner: "11".repeat(48) };
    const platform = createIntelPlatform({ tcbInfo: { tdxModuleIdentities: [identity] } });
    expect(rowsThat(judgePlatform(platform), "failed")).toEqual(["module.mr-signer-seam tdx/module-wrong"]);
    const quote = platform.quote({ mrSignerSeam: new Uint8Array(48).fill(0x11) });
    expect(judgePlatform(platform, { quote }).outcome).toBe("accepted");
    const old = platform.quote({ teeTcbSvn: Uint8Array.of(6, 0, 3) });
    expect(judgePlatform(platform, { quote: old }).outcome).toBe("accepted");
  });

  test("looks at attributes of a module under their mask only", () => {
    const tdxModuleIdentities = [
      { ...moduleIdentity("TDX_01", [isvLevel(5, "UpToDate")]), attributesMask: "00FFFFFFFFFFFFFF" },
    ];
    const platform = createIntelPlatform({ tcbInfo: { tdxModuleIdentities } });
    const quote = platform.quote({ seamAttributes: Uint8Array.of(0xff) });
    expect(judgePlatform(platform, { quote }).outcome).toBe("accepted");
  });

  test("compares the first two parts of TEE_TCB_SVN with the level only where no module identity does", () => {
    const platform = createIntelPlatform({ tcbInfo: { tcbLevels: [tcbLevel([1], 1, [9, 0, 3], "UpToDate")] } });
    expect(judgePlatform(platform).outcome).toBe("accepted");
    const quote = platform.quote({ teeTcbSvn: Uint8Array.of(8, 0, 3) });
    expect(rowsThat(judgePlatform(platform, { quote }), "failed")).toEqual(["tcb.platform tdx/tcb-level-none"]);
  });
});

describe("verifyTdx() about the quoting enclave", () => {
  const cases: readonly [string, Partial<QuoteFields>, string][] = [
    ["other features", { qeMiscSelect: 1 }, "qe.misc-select tdx/qe-wrong"],
    ["other attributes", { qeAttributes: Uint8Array.of(0x13) }, "qe.attributes tdx/qe-wrong"],
    ["another signer", { qeMrSigner: new Uint8Array(32) }, "qe.mr-signer tdx/qe-wrong"],
    ["another product", { qeIsvProdId: 1 }, "qe.isv-prod-id tdx/qe-wrong"],
    ["a version below every level", { qeIsvSvn: 1 }, "qe.tcb-level tdx/qe-level-none"],
    ["a version that is out of date", { qeIsvSvn: 3 }, "qe.tcb-status tdx/qe-status"],
  ];

  test.each(cases)("refuses one with %s in one row", (_, fields, row) => {
    expect(rowsThat(judgePlatform(usual, { quote: usual.quote(fields) }), "failed")).toEqual([row]);
  });

  test.each(STATUSES)("refuses one with status %s", (status) => {
    const platform = createIntelPlatform({ qeIdentity: { tcbLevels: [isvLevel(1, status)] } });
    expect(rowsThat(judgePlatform(platform), "failed")).toEqual(["qe.tcb-status tdx/qe-status"]);
  });
});
