import { describe, expect, test } from "bun:test";
import type { TdxExpectations } from "../../../src/attestation/tdx/expectations.ts";
import { createIntelPlatform } from "../../fakes/intel-platform.ts";
import { type QuoteFields, usualQuoteFields } from "../../fakes/intel-quote.ts";
import { judgePlatform, rowsOf, rowsThat } from "../../fakes/intel-verdict.ts";

const usual = createIntelPlatform();
const fields = usualQuoteFields();
const teeTcbSvn = Uint8Array.fromHex("06010300000000000000000000000000");
const zeros = new Uint8Array(48);

const met: TdxExpectations = {
  name: "tdx-0",
  source: "ReferenceValues.tdx[0]",
  mrTd: fields.mrTd,
  rtmrsKey: "Rtrms",
  rtmrs: [fields.rtmrs[0]!, fields.rtmrs[1]!, fields.rtmrs[2]!, fields.rtmrs[3]!],
  mrSeam: fields.mrSeam,
  minimumTeeTcbSvn: teeTcbSvn,
  tdAttributes: fields.tdAttributes,
  xfam: fields.xfam,
  minimumQeSvn: 0,
  minimumPceSvn: 0,
};

function rtmrsWith(index: number): TdxExpectations["rtmrs"] {
  const [first, second, third, fourth] = met.rtmrs.map((rtmr, at) => (at === index ? zeros : rtmr));
  return [first!, second!, third!, fourth!];
}

describe("verifyTdx() with reference values", () => {
  test("accepts what meets an entry, whichever it is", () => {
    const verdict = judgePlatform(usual, {
      expectations: [
        { ...met, mrTd: zeros },
        { ...met, name: "tdx-1" },
      ],
    });
    expect(verdict.outcome).toBe("accepted");
    expect(verdict.alternatives?.map(({ name }) => name)).toEqual(["tdx-0", "tdx-1"]);
  });

  test("accepts nothing with an empty list of entries", () => {
    expect(judgePlatform(usual, { expectations: [] }).outcome).toBe("rejected");
  });

  const values: readonly [string, Partial<TdxExpectations>, string][] = [
    ["MR_TD", { mrTd: zeros }, "mr-td tdx/reference-value-wrong"],
    ["RTMR0", { rtmrs: rtmrsWith(0) }, "rtmr.0 tdx/reference-value-wrong"],
    ["RTMR1", { rtmrs: rtmrsWith(1) }, "rtmr.1 tdx/reference-value-wrong"],
    ["RTMR2", { rtmrs: rtmrsWith(2) }, "rtmr.2 tdx/reference-value-wrong"],
    ["RTMR3", { rtmrs: rtmrsWith(3) }, "rtmr.3 tdx/reference-value-wrong"],
    ["MR_SEAM", { mrSeam: zeros }, "mr-seam tdx/reference-value-wrong"],
    ["an MR_SEAM without bytes", { mrSeam: new Uint8Array(0) }, "mr-seam tdx/reference-value-wrong"],
    ["TD_ATTRIBUTES", { tdAttributes: new Uint8Array(8) }, "td-attributes tdx/reference-value-wrong"],
    ["XFAM", { xfam: new Uint8Array(8) }, "xfam tdx/reference-value-wrong"],
    ["the minimum of QE SVN", { minimumQeSvn: 1 }, "qe-svn tdx/svn-too-low"],
    ["the minimum of PCE SVN", { minimumPceSvn: 1 }, "pce-svn tdx/svn-too-low"],
    ["a minimum without bytes", { minimumTeeTcbSvn: new Uint8Array(0) }, "tee-tcb-svn tdx/svn-too-low"],
  ];

  test.each(values)("refuses what does not meet %s, in one row", (_, expectations, row) => {
    const verdict = judgePlatform(usual, { expectations: [{ ...met, ...expectations }] });
    expect(verdict.outcome).toBe("rejected");
    expect(rowsThat(verdict, "failed")).toEqual([row]);
  });

  test.each(["Rtrms", "Rtmrs"] as const)("names registers as a manifest with %s does", (rtmrsKey) => {
    const verdict = judgePlatform(usual, { expectations: [{ ...met, rtmrsKey }] });
    const sources = rowsOf(verdict).flatMap(({ id, source }) => (id.startsWith("rtmr.") ? [source] : []));
    expect(sources).toEqual([0, 1, 2, 3].map((index) => `ReferenceValues.tdx[0].${rtmrsKey}[${index}]`));
  });

  test.each(Array.from({ length: 16 }, (_, part) => [part] as const))(
    "compares byte %d of TEE_TCB_SVN with its own minimum",
    (part) => {
      const minimumTeeTcbSvn = teeTcbSvn.with(part, (teeTcbSvn[part] ?? 0) + 1);
      const verdict = judgePlatform(usual, { expectations: [{ ...met, minimumTeeTcbSvn }] });
      expect(rowsThat(verdict, "failed")).toEqual(["tee-tcb-svn tdx/svn-too-low"]);
      expect(rowsOf(verdict).find(({ id }) => id === "tee-tcb-svn")?.reason).toStartWith(`byte ${part} is`);
    },
  );

  test("reads QE SVN and PCE SVN of the header each from its own place", () => {
    const quote = usual.quote({ qeSvn: 5, pceSvn: 300 });
    const expectations = [{ ...met, minimumQeSvn: 5, minimumPceSvn: 300 }];
    expect(judgePlatform(usual, { quote, expectations }).outcome).toBe("accepted");
    expect(judgePlatform(usual, { quote, expectations: [{ ...met, minimumQeSvn: 6 }] }).outcome).toBe("rejected");
    expect(judgePlatform(usual, { quote, expectations: [{ ...met, minimumPceSvn: 301 }] }).outcome).toBe("rejected");
  });

  const forbidden: readonly [string, Partial<QuoteFields>, string][] = [
    ["another vendor", { qeVendorId: new Uint8Array(16) }, "qe-vendor-id tdx/claim-forbidden"],
    ["XFAM without SSE", { xfam: Uint8Array.fromHex("e502060000000000") }, "xfam.fixed-bits tdx/claim-forbidden"],
    ["XFAM with PASID", { xfam: Uint8Array.fromHex("e706060000000000") }, "xfam.allowed-bits tdx/claim-forbidden"],
    [
      "XFAM with its highest bit",
      { xfam: Uint8Array.fromHex("e702060000000080") },
      "xfam.allowed-bits tdx/claim-forbidden",
    ],
    [
      "a guest that can migrate",
      { tdAttributes: Uint8Array.fromHex("0000002000000000") },
      "td-attributes.allowed-bits tdx/claim-forbidden",
    ],
    [
      "a guest under debug",
      { tdAttributes: Uint8Array.fromHex("0100001000000000") },
      "td-attributes.debug tdx/debug-guest",
    ],
  ];

  test.each(forbidden)("refuses %s even where the reference values allow it", (_, quoteFields, row) => {
    const { xfam = met.xfam, tdAttributes = met.tdAttributes } = quoteFields;
    const expectations = [{ ...met, xfam, tdAttributes }];
    const verdict = judgePlatform(usual, { quote: usual.quote(quoteFields), expectations });
    expect(rowsThat(verdict, "failed")).toEqual([row]);
  });

  test("allows CET, PKS and PERFMON where the reference values do", () => {
    const xfam = Uint8Array.fromHex("e71a060000000000");
    const tdAttributes = Uint8Array.fromHex("0000005000000080");
    const quote = usual.quote({ xfam, tdAttributes });
    expect(judgePlatform(usual, { quote, expectations: [{ ...met, xfam, tdAttributes }] }).outcome).toBe("accepted");
  });

  test("shows the actual MR_SEAM and TEE_TCB_SVN in one verdict, to be copied into the manifest", () => {
    const placeholders = { mrSeam: zeros, minimumTeeTcbSvn: new Uint8Array(16).fill(0xff) };
    const verdict = judgePlatform(usual, { expectations: [{ ...met, ...placeholders }] });
    expect(rowsThat(verdict, "failed")).toEqual(["mr-seam tdx/reference-value-wrong", "tee-tcb-svn tdx/svn-too-low"]);
    const [mrSeam, svn] = rowsOf(verdict).filter(({ outcome }) => outcome === "failed");
    expect(mrSeam?.actual).toBe(fields.mrSeam.toHex());
    expect(mrSeam?.remedy).toContain(`ReferenceValues.tdx[0].MrSeam to "${fields.mrSeam.toHex()}"`);
    expect(svn?.actual).toBe(teeTcbSvn.toHex());
    expect(svn?.remedy).toContain(`ReferenceValues.tdx[0].MinimumTeeTcbSvn to "${teeTcbSvn.toHex()}"`);
  });
});
