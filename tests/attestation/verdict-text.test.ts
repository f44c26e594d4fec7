import { describe, expect, test } from "bun:test";
import { evidenceError, outcomeError } from "../../src/attestation/evidence-error.ts";
import { verdictJson } from "../../src/attestation/verdict-json.ts";
import { summarizeAccepted } from "../../src/attestation/verdict-summary.ts";
import { renderVerdict } from "../../src/attestation/verdict-text.ts";
import {
  type Check,
  type CheckGroup,
  type CollateralUse,
  concludeVerdict,
  type Verdict,
} from "../../src/attestation/verdict.ts";
import { PAINT } from "../../src/terminal/colour.ts";

const GOOD: Check = {
  id: "signature",
  subject: "Signature",
  outcome: "passed",
  actual: "ECDSA",
  meaning: "by the VCEK",
};
const BAD: Check = {
  id: "measurement",
  subject: "MEASUREMENT",
  outcome: "failed",
  expected: "be".repeat(48),
  actual: "0a".repeat(48),
  source: "ReferenceValues.snp[0].TrustedMeasurement",
  code: "attestation/rejected",
  reason: "another guest image was started",
  remedy: "Use the manifest of the release.",
};
const OPEN: Check = {
  id: "crl",
  subject: "Revocation",
  outcome: "unknown",
  code: "attestation/unchecked",
  reason: "offline",
};
const WAIVED: Check = { id: "crl", subject: "Revocation", outcome: "waived", reason: "--no-revocation" };

const authenticity = (...checks: readonly Check[]): CheckGroup => ({ name: "authenticity", checks });
const entry = (name: string, ...checks: readonly Check[]): CheckGroup => ({ name, checks });

const use = (change: Partial<CollateralUse>): CollateralUse => ({
  name: "VCEK",
  url: undefined,
  origin: "evidence",
  fetchedAt: undefined,
  note: undefined,
  notBefore: undefined,
  notAfter: undefined,
  ...change,
});

describe("renderVerdict()", () => {
  test("tells what failed first, each value on a line of its own where they are long", () => {
    expect(renderVerdict(concludeVerdict(1, [authenticity(GOOD, BAD)], undefined))).toEqual([
      "Rejected: 1 of 2 checks failed",
      "Authenticity",
      "  ✗ MEASUREMENT",
      `      got  ${"0a".repeat(48)}`,
      `      want ${"be".repeat(48)}`,
      "      from ReferenceValues.snp[0].TrustedMeasurement",
      "      why: another guest image was started",
      "      do: Use the manifest of the release.",
      "      contrast help attestation/rejected",
      "  ✔ Signature: ECDSA (by the VCEK)",
    ]);
  });

  test("puts short values on one line with their source", () => {
    const check: Check = {
      id: "tcb.snp",
      subject: "TCB snp",
      outcome: "failed",
      actual: "7",
      expected: "at least 8",
      source: "s",
    };
    expect(renderVerdict(concludeVerdict(1, [authenticity(check)], undefined))).toContain(
      "  ✗ TCB snp: got 7, want at least 8 (s)",
    );
    const again = { ...check, reason: "got 7, want at least 8" };
    expect(renderVerdict(concludeVerdict(1, [authenticity(again)], undefined))).toHaveLength(3);
  });

  test("never calls open or waived checks passed", () => {
    expect(renderVerdict(concludeVerdict(1, [authenticity(GOOD, OPEN)], undefined)).slice(0, 3)).toEqual([
      "Could not check: 1 of 2 checks could not be made, none failed",
      "Authenticity",
      "  ? Revocation",
    ]);
    const waived = renderVerdict(concludeVerdict(1, [authenticity(GOOD, WAIVED)], undefined));
    expect(waived.slice(0, 4)).toEqual([
      "Genuine: 1 check passed, 1 waived",
      "Authenticity",
      "  ! Revocation",
      "      why: --no-revocation",
    ]);
  });

  test("tells a reason once for the checks that share it, but each failure by itself", () => {
    const waived = [WAIVED, OPEN, { ...WAIVED, id: "s", subject: "Signature of the list" }];
    const lines = renderVerdict(concludeVerdict(1, [authenticity(GOOD, ...waived)], undefined));
    expect(lines.slice(5, 7)).toEqual(["  ! Revocation; Signature of the list", "      why: --no-revocation"]);
    const failed = [OPEN, { ...OPEN, subject: "Other" }].map((check): Check => ({ ...check, outcome: "failed" }));
    const refused = renderVerdict(concludeVerdict(1, [authenticity(...failed)], undefined));
    expect(refused.filter((line) => line.includes("✗"))).toHaveLength(2);
  });

  test("offers missed minima as the manifest writes them, and explains alike refusals once", () => {
    const minimum = (id: string, actual: string, member: string): Check => ({
      id,
      subject: id,
      outcome: "failed",
      actual,
      expected: "at least 255",
      source: `ReferenceValues.snp[1].MinimumTCB.${member}`,
      code: "snp/tcb-low",
      remedy: "Update the firmware.",
    });
    const rows = [
      minimum("tcb.snp", "24", "SNPVersion"),
      minimum("tcb.tee", "2", "TEEVersion"),
      { ...minimum("launch-tcb.snp", "23", "SNPVersion"), code: "snp/launch-tcb-low" as const },
    ];
    const lines = renderVerdict(concludeVerdict(1, [authenticity(GOOD)], [entry("snp-1-GENOA", ...rows)]));
    expect(lines.slice(4)).toEqual([
      "  ✗ tcb.snp: got 24, want at least 255 (ReferenceValues.snp[1].MinimumTCB.SNPVersion)",
      "  ✗ tcb.tee: got 2, want at least 255 (ReferenceValues.snp[1].MinimumTCB.TEEVersion)",
      "      do: Update the firmware.",
      "      contrast help snp/tcb-low",
      "  ✗ launch-tcb.snp: got 23, want at least 255 (ReferenceValues.snp[1].MinimumTCB.SNPVersion)",
      "      do: Update the firmware.",
      "      contrast help snp/launch-tcb-low",
      "  What this machine has, for ReferenceValues.snp[1].MinimumTCB in the manifest:",
      '    "SNPVersion": 23,',
      '    "TEEVersion": 2',
    ]);
    expect(lines.join("\n")).not.toContain(BAD.actual);
    // What a forger wrote into a report is no advice for a manifest.
    for (const doubt of [OPEN, BAD]) {
      const forged = renderVerdict(concludeVerdict(1, [authenticity(doubt)], [entry("snp-1-GENOA", ...rows)]));
      expect(forged.join("\n")).not.toMatch(/What this machine has|"SNPVersion"|Update the firmware/);
      expect(forged.join("\n")).toContain("tcb.snp: got 24, want at least 255");
    }
  });

  test("names what checks without result have in common once", () => {
    const subjects = ["TCB info: form", "TCB info: id", "TCB status", "QE: form"];
    const open = subjects.map((subject, index): Check => ({ ...OPEN, id: String(index), subject }));
    const lines = renderVerdict(concludeVerdict(1, [authenticity(...open)], undefined));
    expect(lines[2]).toBe("  ? TCB info: form, id; TCB status; QE: form");
  });

  test("puts passed checks about one thing on one line where that is asked for", () => {
    const good = (id: string, actual?: string): Check => ({ id, subject: id, outcome: "passed", actual });
    const checks = [
      good("product", "Milan"),
      good("certificate"),
      good("certificate.key", "EC P-384"),
      good("certificate.tcb", "4.2.24.217"),
      good("crl"),
      { ...OPEN, id: "revocation" },
      good("tcb.bootloader", "4"),
      good("tcb.tee", "2"),
      good("report.signature"),
      { ...good("chip-id", "a0"), outcome: "not-judged" as const },
    ];
    expect(renderVerdict(concludeVerdict(1, [authenticity(...checks)], undefined), { passed: "topics" })).toEqual([
      "Could not check: 1 of 10 checks could not be made, none failed",
      "Authenticity",
      "  ? Revocation",
      "      why: offline",
      "      contrast help attestation/unchecked",
      "  - chip-id: a0",
      "  ✔ product: Milan",
      "  ✔ certificate of the signing key (2 checks)",
      "  ✔ certificate.tcb: 4.2.24.217",
      "  ✔ revocation list (1 of 2 checks)",
      "  ✔ REPORTED_TCB: 4.2 (2 checks)",
      "  ✔ report.signature",
    ]);
  });

  test("shows the closest of several entries whole and sums up the others", () => {
    const far = entry("snp-0-MILAN", BAD, { ...BAD, id: "product", subject: "Product" });
    const near = entry("snp-1-GENOA", BAD, GOOD);
    const lines = renderVerdict(concludeVerdict(1, [authenticity(GOOD)], [far, near]));
    expect(lines).toContain("Reference values snp-1-GENOA (closest of 2 entries)");
    expect(lines).toContain("✗ Reference values snp-0-MILAN differ in MEASUREMENT, Product");
    expect(lines[0]).toBe("Rejected: 1 of 3 checks failed");
  });

  test("holds an entry about this guest for closer than one about another guest, however much it misses", () => {
    const missed = ["tcb.snp", "tcb.microcode", "launch-tcb.snp"].map((id) => ({ ...BAD, id, subject: id }));
    for (const id of ["measurement", "product", "mr-td", "rtmr.0"]) {
      const groups = [entry("other", { ...BAD, id }), entry("outdated", ...missed)];
      const lines = renderVerdict(concludeVerdict(1, [authenticity(GOOD)], groups));
      expect(lines).toContain("Reference values outdated (closest of 2 entries)");
    }
  });

  test("does not call an entry that is not needed a failure", () => {
    const lines = renderVerdict(concludeVerdict(1, [authenticity(GOOD)], [entry("snp-0", BAD), entry("snp-1", GOOD)]));
    expect(lines[0]).toBe("Accepted: 2 checks passed");
    expect(lines).toContain("- Reference values snp-0 differ in MEASUREMENT; not needed");
    expect(lines.join("\n")).not.toContain("✗");
  });

  test("tells where documents came from, how old they are, and which expires first", () => {
    const at = new Date("2026-01-02T00:00:00Z");
    const collateral = [
      use({ name: "VCEK", notAfter: new Date("2030-01-01T00:00:00Z") }),
      use({
        name: "CRL",
        origin: "cache",
        fetchedAt: new Date("2025-12-30T00:00:00Z"),
        notAfter: new Date("2026-02-01T00:00:00Z"),
        note: "https://example.com answered 429",
      }),
    ];
    const verdict = { ...concludeVerdict(1, [authenticity(GOOD)], undefined), at, collateral };
    expect(renderVerdict(verdict).slice(-4)).toEqual([
      "Vendor's documents",
      "  VCEK: given with the evidence, valid until 2030-01-01T00:00:00Z",
      "  CRL: from the cache, fetched 2025-12-30T00:00:00Z (3 days old), valid until 2026-02-01T00:00:00Z, https://example.com answered 429",
      "  first to expire: CRL, 2026-02-01T00:00:00Z",
    ]);
    expect(renderVerdict(verdict, { passed: "count" }).at(-1)).toBe("! CRL: https://example.com answered 429");
  });

  test("lets no text of the evidence look like another row or reach the terminal raw", () => {
    const check = { ...GOOD, actual: "x\n  ✔ All good\u001b[2J", meaning: undefined };
    expect(renderVerdict(concludeVerdict(1, [authenticity(check)], undefined)).at(-1)).toBe(
      "  ✔ Signature: x\\u000a  ✔ All good\\u001b[2J",
    );
  });

  test("colours only what is asked to be coloured", () => {
    const verdict = concludeVerdict(1, [authenticity(BAD)], undefined);
    expect(renderVerdict(verdict).join("")).not.toContain("\u001b");
    expect(renderVerdict(verdict, { paint: PAINT })[2]).toBe("  \u001b[1;31m✗\u001b[0m MEASUREMENT");
  });
});

describe("summarizeAccepted()", () => {
  test("tells what was waived, the entry that fits, and what has expired", () => {
    const verdict = concludeVerdict(1, [authenticity(GOOD, WAIVED)], [entry("snp-0", BAD), entry("snp-1", GOOD)]);
    expect(summarizeAccepted(verdict)).toEqual(["evidence: 2 checks passed, 1 waived, reference values snp-1 fit"]);
    const collateral = [use({ name: "CRL", notAfter: new Date("2026-02-01T00:00:00Z") })];
    const judgedAt = (at: Date): string | undefined => summarizeAccepted({ ...verdict, at, collateral })[1];
    expect(judgedAt(new Date("2026-01-31T00:00:00Z"))).toBe("first to expire: CRL, 2026-02-01T00:00:00Z");
    expect(judgedAt(new Date("2026-02-02T00:00:00Z"))).toBe("expired: CRL, 2026-02-01T00:00:00Z");
  });
});

describe("verdictJson()", () => {
  test("has every row of every group, and the earliest end", () => {
    const notAfter = new Date("2026-02-01T00:00:00Z");
    const { remedy: _, ...bad } = BAD;
    const verdict = {
      ...concludeVerdict(1, [authenticity(GOOD, OPEN)], [entry("tdx-0", bad)]),
      collateral: [use({ notAfter })],
    };
    expect(verdictJson(verdict)).toMatchObject({
      outcome: "rejected",
      groups: [
        { name: "authenticity", kind: "required", outcome: "unknown", checks: [GOOD, OPEN] },
        { name: "tdx-0", kind: "alternative", outcome: "failed", checks: [bad] },
      ],
      earliestExpiry: notAfter,
    });
  });
});

describe("evidenceError()", () => {
  test.each([
    [BAD, "attestation/rejected"],
    [OPEN, "attestation/unchecked"],
  ] as const)("has the code of the answer and carries the verdict (%#)", (check, code) => {
    const verdict: Verdict<number> = concludeVerdict(1, [authenticity(check)], undefined);
    const error = evidenceError(verdict, "Cannot trust");
    expect(error.code).toBe(code);
    expect(error.report?.json).toEqual({ verdict: verdictJson(verdict) });
    expect(outcomeError(verdict, "Cannot trust").report).toBeUndefined();
  });

  test("names the one command that gets everything that is missing, where the vendor has it", () => {
    const hintOf = (check: Check, source?: string): string | undefined =>
      evidenceError(concludeVerdict(1, [authenticity(check)], undefined), "Cannot trust", source).hint;
    expect(hintOf({ ...OPEN, code: "snp/crl-missing" }, "--evidence x")).toContain(
      "export collateral.tar --evidence x",
    );
    expect(hintOf({ ...OPEN, code: "snp/crl-missing" })).toBeUndefined();
    expect(hintOf(OPEN, "--evidence x")).toBeUndefined();
    expect(hintOf({ ...BAD, code: "snp/crl-missing" }, "--evidence x")).toBeUndefined();
  });
});
