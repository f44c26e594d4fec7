import { describe, expect, test } from "bun:test";
import { parseQeIdentity } from "../../../src/attestation/tdx/qe-identity.ts";
import { parseTcbInfo } from "../../../src/attestation/tdx/tcb-info.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { isvLevel, moduleIdentity, tcbLevel, usualQeIdentity, usualTcbInfo } from "../../fakes/intel-documents.ts";

const fields = {
  fmspc: "90c06f000000",
  pceId: "00aB",
  issueDate: new Date("2026-01-01T00:00:00Z"),
  nextUpdate: new Date("2026-02-01T00:00:00Z"),
};

function bodyOf(member: string, document: Readonly<Record<string, unknown>>): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ [member]: document, signature: "00".repeat(64) }));
}

const tcbInfo = (changes: Readonly<Record<string, unknown>> = {}): ReturnType<typeof parseTcbInfo> =>
  parseTcbInfo(bodyOf("tcbInfo", { ...usualTcbInfo(fields), ...changes }));
const qeIdentity = (changes: Readonly<Record<string, unknown>> = {}): ReturnType<typeof parseQeIdentity> =>
  parseQeIdentity(bodyOf("enclaveIdentity", { ...usualQeIdentity(fields), ...changes }));

describe("parseTcbInfo()", () => {
  test("reads digits of either case", () => {
    const { info } = tcbInfo();
    expect(info).toMatchObject({
      id: "TDX",
      version: 3,
      fmspc: "90c06f000000",
      pceId: "00ab",
      evaluationDataNumber: 18,
    });
    expect(info.issueDate).toEqual(fields.issueDate);
    expect(info.moduleIdentities.map(({ id }) => id)).toEqual(["TDX_03", "TDX_01"]);
    expect(info.levels[1]?.advisoryIds).toEqual(["INTEL-SA-00837"]);
  });

  test("reads documents from before there were module identities", () => {
    expect(tcbInfo({ tdxModuleIdentities: undefined }).info.moduleIdentities).toEqual([]);
  });

  const level = tcbLevel([1], 1, [1], "UpToDate");
  test.each([
    ["a level without status", { tcbLevels: [{ ...level, tcbStatus: undefined }] }],
    ["an unknown status", { tcbLevels: [{ ...level, tcbStatus: "Fine" }] }],
    ["a status of another case", { tcbLevels: [{ ...level, tcbStatus: "uptodate" }] }],
    ["15 components", { tcbLevels: [{ ...level, tcb: { ...componentsOf(15), pcesvn: 1 } }] }],
    ["17 components", { tcbLevels: [{ ...level, tcb: { ...componentsOf(17), pcesvn: 1 } }] }],
    ["a component beyond a byte", { tcbLevels: [tcbLevel([256], 1, [1], "UpToDate")] }],
    ["a component with a fraction", { tcbLevels: [tcbLevel([1.5], 1, [1], "UpToDate")] }],
    ["a negative component", { tcbLevels: [tcbLevel([1], 1, [-1], "UpToDate")] }],
    ["PCESVN beyond two bytes", { tcbLevels: [tcbLevel([1], 65_536, [1], "UpToDate")] }],
    ["PCESVN as text", { tcbLevels: [{ ...level, tcb: { ...componentsOf(16), pcesvn: "1" } }] }],
    ["advisories that are no names", { tcbLevels: [{ ...level, advisoryIDs: ["\u001b[31m"] }] }],
    ["levels that are no list", { tcbLevels: {} }],
    ["a short FMSPC", { fmspc: "90c06f0000" }],
    ["a date without zone", { issueDate: "2026-01-01T00:00:00" }],
    ["a date that is none", { nextUpdate: "soon" }],
    ["an unknown kind of TCB", { tcbType: 1 }],
    ["a module identity with another name", { tdxModuleIdentities: [moduleIdentity("TDX_1", [])] }],
    [
      "two module identities of one name",
      { tdxModuleIdentities: [moduleIdentity("TDX_01", []), moduleIdentity("tdx_01", [])] },
    ],
    ["a module without signer", { tdxModule: { attributes: "0000000000000000", attributesMask: "0000000000000000" } }],
  ])("refuses %s", (_, changes) => {
    expect(codeOf(() => tcbInfo(changes))).toBe("tdx/collateral-invalid");
  });

  test("refuses a document that is none", () => {
    for (const document of ["null", "[]", "1", '"text"']) {
      const body = new TextEncoder().encode(`{"tcbInfo":${document},"signature":"${"00".repeat(64)}"}`);
      expect(codeOf(() => parseTcbInfo(body))).toBe("tdx/collateral-invalid");
    }
  });
});

describe("parseQeIdentity()", () => {
  test("reads four digits pairs as the bytes of a number, lowest first", () => {
    const { identity } = qeIdentity({ miscselect: "01020304", miscselectMask: "FFFFFFFF" });
    expect(identity.miscSelect).toBe(0x04030201);
    expect(identity.miscSelectMask).toBe(0xffffffff);
  });

  test.each([
    ["a short signer", { mrsigner: "00" }],
    ["digits that are none", { attributes: "g".repeat(32) }],
    ["a product beyond two bytes", { isvprodid: 65_536 }],
    ["a level without version", { tcbLevels: [{ ...isvLevel(1, "UpToDate"), tcb: {} }] }],
    ["no date", { nextUpdate: undefined }],
  ])("refuses %s", (_, changes) => {
    expect(codeOf(() => qeIdentity(changes))).toBe("tdx/collateral-invalid");
  });
});

function componentsOf(count: number): Record<string, unknown> {
  const components = Array.from({ length: count }, () => ({ svn: 1 }));
  return { sgxtcbcomponents: components, tdxtcbcomponents: components };
}
