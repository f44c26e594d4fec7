import { describe, expect, test } from "bun:test";
import { describeTdxQuote } from "../../../src/attestation/tdx/describe-quote.ts";
import { tdxEvidenceFromQuote } from "../../../src/attestation/tdx/tdx-evidence.ts";
import { createIntelPlatform } from "../../fakes/intel-platform.ts";

const platform = createIntelPlatform();

function fieldOf(name: string, quote = platform.quote()): { value?: string | undefined; meaning?: string | undefined } {
  const { value, meaning } = describeTdxQuote(tdxEvidenceFromQuote(quote)).find((field) => field.name === name) ?? {};
  return { value, meaning };
}

describe("describeTdxQuote()", () => {
  test("says what bits and numbers mean", () => {
    expect(fieldOf("TEE_TCB_SVN")).toEqual({
      value: "06010300000000000000000000000000",
      meaning: "TDX module 1, SVN 6 (TDX_01); SEAM loader and microcode SVN 3",
    });
    expect(fieldOf("TD_ATTRIBUTES").meaning).toBe("SEPT_VE_DISABLE");
    const flags = platform.quote({ tdAttributes: Uint8Array.fromHex("0100005000000084") });
    expect(fieldOf("TD_ATTRIBUTES", flags).meaning).toBe("DEBUG, SEPT_VE_DISABLE, PKS, bit 58, PERFMON");
    expect(fieldOf("TD_ATTRIBUTES", platform.quote({ tdAttributes: new Uint8Array(8) })).meaning).toBe("none");
    expect(fieldOf("XFAM").meaning).toBe(
      "x87, SSE, AVX, AVX-512 opmask, AVX-512 ZMM_Hi256, AVX-512 Hi16_ZMM, PKU, AMX TILECFG, AMX TILEDATA",
    );
    expect(fieldOf("QE vendor id").meaning).toBe("Intel");
    expect(fieldOf("QE vendor id", platform.quote({ qeVendorId: new Uint8Array(16) })).meaning).toBe("not Intel");
    expect(fieldOf("FMSPC").value).toBe("90c06f000000");
    expect(fieldOf("dynamic platform").value).toBe("yes");
    expect(fieldOf("cached keys").value).toBe("no");
    expect(fieldOf("PCK certificate").value).toStartWith("CN=Intel SGX PCK Certificate, O=Intel Corporation");
  });

  test("shows the fields of TDX 1.5 only where the quote has them", () => {
    expect(fieldOf("MR_SERVICE_TD").value).toBeUndefined();
    const quote = platform.quote({ version: 5 });
    expect(fieldOf("MR_SERVICE_TD", quote).value).toBe("5d".repeat(48));
    expect(fieldOf("TEE_TCB_SVN2", quote).meaning).toStartWith("TDX module 1");
  });

  test("names every field once", () => {
    const names = describeTdxQuote(tdxEvidenceFromQuote(platform.quote({ version: 5 }))).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
