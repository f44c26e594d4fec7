import { sameBytes } from "../../lib/same-bytes.ts";
import { judgedRow } from "../check-row.ts";
import type { CheckGroup } from "../verdict.ts";
import type { TdxExpectations } from "./expectations.ts";
import { flagsOf } from "./masked-bytes.ts";
import type { TdxQuote } from "./quote.ts";
import { type Finding, judgeSteps, type Step } from "./step.ts";
import { renderTdAttributes, renderXfam } from "./td-flags.ts";

/** Intel's quoting enclave; other vendors have none. */
const INTEL_VENDOR_ID = Uint8Array.fromHex("939a7233f79c4ca9940a0db3957f0607");

/** x87 and SSE are always on. @see google/go-tdx-guest validate, xfamFixed1 */
const XFAM_FIXED = 0x3n;
/** @see google/go-tdx-guest validate, xfamFixed0 */
const XFAM_ALLOWED = 0x0006_dbe7n;
const DEBUG = 1n;
/** SEPT_VE_DISABLE, PKS, PERFMON; DEBUG has a row of its own. @see google/go-tdx-guest validate, tdAttributesFixed0 */
const ATTRIBUTES_ALLOWED = (1n << 28n) | (1n << 30n) | (1n << 63n) | DEBUG;

/** Compares a quote with one entry of the reference values, field by field. */
export function judgeClaims(quote: TdxQuote, expectations: TdxExpectations): CheckGroup {
  return { name: expectations.name, checks: judgeSteps(claimSteps(expectations), { ready: true, value: quote }) };
}

function claimSteps(want: TdxExpectations): readonly Step<TdxQuote>[] {
  const key = (name: string): string => `${want.source}.${name}`;
  return [
    { id: "mr-td", subject: "MR_TD", judge: ({ body }) => judgeEqual(body.mrTd, want.mrTd, key("MrTd")) },
    ...want.rtmrs.map((rtmr, index): Step<TdxQuote> => ({
      id: `rtmr.${index}`,
      subject: `RTMR${index}`,
      judge: ({ body }) => judgeEqual(body.rtmrs[index], rtmr, key(`${want.rtmrsKey}[${index}]`)),
    })),
    { id: "mr-seam", subject: "MR_SEAM", judge: ({ body }) => judgeMrSeam(body.mrSeam, want.mrSeam, key("MrSeam")) },
    {
      id: "tee-tcb-svn",
      subject: "TEE_TCB_SVN",
      judge: ({ body }) => judgeTeeTcbSvn(body.teeTcbSvn, want.minimumTeeTcbSvn, key("MinimumTeeTcbSvn")),
    },
    {
      id: "td-attributes",
      subject: "TD_ATTRIBUTES",
      judge: ({ body }) => ({
        meaning: renderTdAttributes(body.tdAttributes),
        ...judgeEqual(body.tdAttributes, want.tdAttributes, key("TdAttributes")),
      }),
    },
    {
      id: "xfam",
      subject: "XFAM",
      judge: ({ body }) => ({
        meaning: renderXfam(body.xfam),
        ...judgeEqual(body.xfam, want.xfam, key("Xfam")),
      }),
    },
    {
      id: "qe-svn",
      subject: "QE SVN",
      judge: ({ header }) => judgeMinimum(header.qeSvn, want.minimumQeSvn, key("MinimumQeSvn")),
    },
    {
      id: "pce-svn",
      subject: "PCE SVN",
      judge: ({ header }) => judgeMinimum(header.pceSvn, want.minimumPceSvn, key("MinimumPceSvn")),
    },
    { id: "qe-vendor-id", subject: "QE vendor id", judge: judgeVendor },
    { id: "xfam.fixed-bits", subject: "XFAM, bits that must be set", judge: judgeXfamFixed },
    { id: "xfam.allowed-bits", subject: "XFAM, bits that may be set", judge: judgeXfamAllowed },
    { id: "td-attributes.allowed-bits", subject: "TD_ATTRIBUTES, bits that may be set", judge: judgeAttributesAllowed },
    { id: "td-attributes.debug", subject: "TD_ATTRIBUTES, DEBUG", judge: judgeDebug },
  ];
}

function judgeEqual(actual: Uint8Array | undefined, expected: Uint8Array, source: string): Finding {
  return judgedRow(
    { actual: actual?.toHex(), expected: expected.toHex(), source },
    actual !== undefined && sameBytes(actual, expected),
    { code: "tdx/reference-value-wrong", reason: "it differs from the reference value" },
  );
}

function judgeMrSeam(actual: Uint8Array, expected: Uint8Array, source: string): Finding {
  const finding = judgeEqual(actual, expected, source);
  if (finding.outcome === "passed") return finding;
  const remedy = `If this TDX module is one that you trust, set ${source} to "${actual.toHex()}".`;
  return { ...finding, remedy };
}

function judgeTeeTcbSvn(actual: Uint8Array, minimum: Uint8Array, source: string): Finding {
  const low = Array.from({ length: 16 }, (_, part) => part).filter(
    (part) => (actual[part] ?? -1) < (minimum[part] ?? 256),
  );
  const parts = low.map((part) => `byte ${part} is ${actual[part] ?? 0}, need ${minimum[part] ?? 0}`);
  return judgedRow(
    { actual: actual.toHex(), expected: `each byte at least that of ${minimum.toHex()}`, source },
    low.length === 0,
    {
      code: "tdx/svn-too-low",
      reason: parts.join("; "),
      remedy: `Update the machine, or if its versions are ones that you trust, set ${source} to "${actual.toHex()}".`,
    },
  );
}

function judgeMinimum(actual: number, minimum: number, source: string): Finding {
  return judgedRow({ actual: String(actual), expected: `at least ${minimum}`, source }, actual >= minimum, {
    code: "tdx/svn-too-low",
    reason: `${actual} is below ${minimum}`,
    remedy: `Set ${source} to ${actual}; quotes of version 4 always have 0 here.`,
  });
}

function judgeVendor({ header }: TdxQuote): Finding {
  return judgedRow(
    { actual: header.qeVendorId.toHex(), expected: INTEL_VENDOR_ID.toHex() },
    sameBytes(header.qeVendorId, INTEL_VENDOR_ID),
    { code: "tdx/claim-forbidden", reason: "the quoting enclave is not Intel's" },
  );
}

function judgeXfamFixed({ body }: TdxQuote): Finding {
  return judgedRow(
    { actual: body.xfam.toHex(), expected: "x87, SSE", meaning: renderXfam(body.xfam) },
    (flagsOf(body.xfam) & XFAM_FIXED) === XFAM_FIXED,
    { code: "tdx/claim-forbidden", reason: "no guest can run without x87 and SSE" },
  );
}

function judgeXfamAllowed({ body }: TdxQuote): Finding {
  return judgedRow(
    { actual: body.xfam.toHex(), expected: `no bit outside of ${leHex(XFAM_ALLOWED)}`, meaning: renderXfam(body.xfam) },
    (flagsOf(body.xfam) & ~XFAM_ALLOWED) === 0n,
    { code: "tdx/claim-forbidden", reason: "processor features are enabled that must not be" },
  );
}

function judgeAttributesAllowed({ body }: TdxQuote): Finding {
  return judgedRow(
    {
      actual: body.tdAttributes.toHex(),
      expected: `no bit outside of ${leHex(ATTRIBUTES_ALLOWED)}`,
      meaning: renderTdAttributes(body.tdAttributes),
    },
    (flagsOf(body.tdAttributes) & ~ATTRIBUTES_ALLOWED) === 0n,
    { code: "tdx/claim-forbidden", reason: "the guest has attributes that it must not have" },
  );
}

/** No reference value can allow what lets the host read the guest. */
function judgeDebug({ body }: TdxQuote): Finding {
  const isDebug = (flagsOf(body.tdAttributes) & DEBUG) !== 0n;
  return judgedRow(
    {
      actual: isDebug ? "on" : "off",
      expected: "off",
      meaning: isDebug ? "the host can read and change the guest's memory" : "the host cannot debug the guest",
    },
    !isDebug,
    {
      code: "tdx/debug-guest",
      reason: "the guest was started for debugging",
      remedy: "Start the guest without the debug attribute; one that has it protects nothing.",
    },
  );
}

/** Eight bytes as quote and manifest write them, lowest first. */
function leHex(flags: bigint): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, flags, true);
  return bytes.toHex();
}
