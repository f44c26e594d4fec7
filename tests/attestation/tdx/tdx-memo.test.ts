import { describe, expect, test } from "bun:test";
import { createTdxMemo, ReadOnce } from "../../../src/attestation/tdx/tdx-memo.ts";
import { fakeKey } from "../../fakes/intel-certificates.ts";
import { createIntelPlatform } from "../../fakes/intel-platform.ts";
import { judgePlatform, rowsThat } from "../../fakes/intel-verdict.ts";

const usual = createIntelPlatform();

describe("ReadOnce", () => {
  test("reads equal bytes once and forgets the oldest first", () => {
    const known = new ReadOnce<number>(2);
    let reads = 0;
    const read = (): number => ++reads;
    expect([known.valueOf(["a"], read), known.valueOf([Uint8Array.of(0x61)], read)]).toEqual([1, 1]);
    expect(known.valueOf(["b"], read)).toBe(2);
    expect(known.valueOf(["c"], read)).toBe(3);
    expect(known.valueOf(["b"], read)).toBe(2);
    expect(known.valueOf(["a"], read)).toBe(4);
  });

  test("keeps parts apart, and nothing of what could not be read", () => {
    const known = new ReadOnce<number>(9);
    expect(known.valueOf(["ab", "c"], () => 1)).toBe(1);
    expect(known.valueOf(["a", "bc"], () => 2)).toBe(2);
    expect(() => known.valueOf(["x"], () => JSON.parse("{") as number)).toThrow();
    expect(known.valueOf(["x"], () => 3)).toBe(3);
  });
});

describe("createTdxMemo()", () => {
  test("changes no verdict", () => {
    const memo = createTdxMemo();
    const first = judgePlatform(usual, { memo });
    expect(judgePlatform(usual, { memo })).toEqual(first);
    expect(first.outcome).toBe("accepted");
  });

  test("still judges dates, TCB and the signatures of the quote", () => {
    const memo = createTdxMemo();
    expect(judgePlatform(usual, { memo }).outcome).toBe("accepted");
    const later = new Date(usual.now.getTime() + 40 * 86_400_000);
    expect(rowsThat(judgePlatform(usual, { memo, at: later }), "unknown")).toEqual([
      "tcb-info.validity tdx/collateral-expired",
      "qe-identity.validity tdx/collateral-expired",
      "pck-crl.validity tdx/collateral-expired",
    ]);
    const old = usual.quote({ teeTcbSvn: Uint8Array.of(3, 1, 3) });
    expect(rowsThat(judgePlatform(usual, { memo, quote: old }), "failed")).toEqual(["tcb.status tdx/tcb-status"]);
    const forged = usual.quote({ quoteSigner: fakeKey("stranger") });
    expect(rowsThat(judgePlatform(usual, { memo, quote: forged }), "failed")).toEqual([
      "quote.signature tdx/quote-signature-invalid",
    ]);
  });

  test("does not take a document for verified because another certificate signed an equal one", () => {
    const memo = createTdxMemo();
    expect(judgePlatform(usual, { memo }).outcome).toBe("accepted");
    const changed = createIntelPlatform({ changeTcbInfo: (text) => text.replace('"pcesvn":13', '"pcesvn":12') });
    const first = judgePlatform(changed, { memo });
    expect(rowsThat(first, "failed")).toEqual(["tcb-info.signature tdx/collateral-signature-invalid"]);
    expect(judgePlatform(changed, { memo })).toEqual(first);
  });
});
