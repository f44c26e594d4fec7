import { describe, expect, test } from "bun:test";
import { describeSnpReport } from "../../../src/attestation/snp/describe-report.ts";
import { parseSnpReport } from "../../../src/attestation/snp/parse-report.ts";
import { REPORT_SIZE } from "../../../src/attestation/snp/report-layout.ts";
import { amdChip, type ReportFields } from "../../fakes/amd-chip.ts";

const chip = amdChip();

function rowsOf(fields: ReportFields, of = chip): ReadonlyMap<string, string> {
  const rows = describeSnpReport(parseSnpReport(of.report(fields)));
  return new Map(
    rows.map(({ name, value, meaning }) => [name, meaning === undefined ? value : `${value} (${meaning})`]),
  );
}

describe("describeSnpReport()", () => {
  test("says what fields mean", () => {
    const rows = rowsOf({ policy: 0xb0137n, platformInfo: 0x65n });
    expect(rows.get("VERSION")).toBe("3");
    expect(rows.get("POLICY")).toStartWith(
      "0x00000000000b0137 (ABI 1.55 or newer, multithreading allowed, no migration",
    );
    expect(rows.get("POLICY")).toContain("debugging allowed");
    expect(rows.get("PLATFORM_INFO")).toBe(
      "0x0000000000000065 (SMT_EN, ECC_EN, ALIAS_CHECK_COMPLETE, unknown bits 0x40)",
    );
    expect(rows.get("SIGNER_INFO")).toBe("0x00000000 (signed by the VCEK)");
    expect(rows.get("CURRENT_TCB")).toBe("0xd918000000000204 (bootloader 4, tee 2, snp 24, microcode 217)");
    expect(rows.get("CPUID")).toBe("190101 (family 25, model 1, stepping 1: Milan)");
    expect(rows.get("CURRENT_VERSION")).toBe("1.55.29 (SEV firmware)");
    expect(rows.get("REPORT_ID_MA")).toEndWith("(no migration agent)");
    expect(rows.get("ID_KEY_DIGEST")).toEndWith("(no ID block)");
  });

  test("says what is odd", () => {
    const rows = rowsOf({
      chipId: new Uint8Array(64),
      signerInfo: 31,
      signatureAlgorithm: 9,
      platformInfo: 0n,
      cpuid: [1, 2, 3],
    });
    expect(rows.get("CHIP_ID")).toEndWith("(masked by the host)");
    expect(rows.get("SIGNER_INFO")).toBe("0x0000001f (not signed, with author key, the host forbids signing)");
    expect(rows.get("SIGNATURE_ALGO")).toBe("9 (unknown)");
    expect(rows.get("PLATFORM_INFO")).toEndWith("(nothing enabled)");
    expect(rows.get("CPUID")).toEndWith("unknown product)");
    expect(rowsOf({ version: 2 }).get("CPUID")).toBe(" (not in reports of version 2)");
  });

  test("reads the TCB of Turin in its own layout", () => {
    const turin = amdChip({ product: "Turin" });
    expect(rowsOf({}, turin).get("LAUNCH_TCB")).toEndWith("(fmc 1, bootloader 4, tee 2, snp 24, microcode 217)");
  });

  test("leaves out no field: a change of any byte that may change shows", () => {
    const bytes = chip.report({ version: 5 });
    const shown = (report: Uint8Array): string => JSON.stringify(describeSnpReport(parseSnpReport(report)));
    const before = shown(bytes);
    const unseen = Array.from({ length: REPORT_SIZE }, (_, offset) => offset).filter((offset) => {
      const changed = bytes.slice();
      changed[offset] = changed[offset]! ^ 1;
      try {
        return shown(changed) === before;
      } catch {
        return false;
      }
    });
    expect(unseen).toEqual([]);
  });
});
