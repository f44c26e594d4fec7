import { parseTdxQuote } from "../../../src/attestation/tdx/parse-quote.ts";
import { isvLevel, moduleIdentity, tcbLevel } from "../../fakes/intel-documents.ts";
import { createIntelPlatform, type IntelPlatformOptions } from "../../fakes/intel-platform.ts";
import type { QuoteFields } from "../../fakes/intel-quote.ts";
import type { JudgedCase } from "./judged-case.ts";
import { type Dice, flipBit } from "./mutations.ts";
import { tdxCase, type TdxInput } from "./tdx-judge.ts";

const FMSPC = "90c06f000000";
const STATUSES = [
  "UpToDate",
  "SWHardeningNeeded",
  "ConfigurationNeeded",
  "ConfigurationAndSWHardeningNeeded",
  "OutOfDate",
  "OutOfDateConfigurationNeeded",
  "Revoked",
  "Splendid",
];
const FLIPPED = [
  "qeVendorId",
  "teeTcbSvn",
  "mrSeam",
  "mrSignerSeam",
  "seamAttributes",
  "tdAttributes",
  "xfam",
  "mrTd",
  "mrConfigId",
  "mrOwner",
  "mrOwnerConfig",
  "reportData",
  "qeAttributes",
  "qeMrSigner",
] as const satisfies readonly (keyof QuoteFields)[];
const ROLES = ["root", "intermediate", "pck", "tcbSigning"] as const;

/** A synthetic platform signs what it was changed to, so that only what is said can be refused. */
export function editedTdxCases(dice: Dice): readonly JudgedCase[] {
  // The library compares the FMSPC as text.
  const usual: IntelPlatformOptions = { fmspc: FMSPC, tcbInfo: { fmspc: FMSPC } };
  const healthy = createIntelPlatform(usual);
  const fields = parseTdxQuote(healthy.quote()).body;
  const edited = (label: string, options: IntelPlatformOptions, quote: Partial<QuoteFields> = {}): TdxInput => {
    const tcbInfo = { ...usual.tcbInfo, ...options.tcbInfo };
    const platform = createIntelPlatform({ ...usual, ...options, tcbInfo });
    return {
      label: `synthetic platform, ${label}`,
      at: platform.now,
      root: { certificate: healthy.root, pem: healthy.rootPem },
      raw: platform.quote(quote),
      collateral: platform.collateralItems(),
      expected: fields,
    };
  };
  const near = (value: number): number => Math.max(0, value - 2 + dice.roll(5));
  return [
    edited("unchanged", {}),
    ...times(60, () => {
      const name = dice.pick(FLIPPED);
      const { bytes, label } = flipBit(parseField(healthy.quote(), name), dice);
      return edited(`${name}: ${label}`, {}, { [name]: bytes });
    }),
    ...times(40, () => {
      const [platformStatus, moduleStatus, qeStatus] = [dice.pick(STATUSES), dice.pick(STATUSES), dice.pick(STATUSES)];
      const which = dice.roll(3);
      const tcbInfo = {
        tcbLevels: [tcbLevel([3, 3, 2, 2], 13, [5, 0, 3], which === 0 ? platformStatus : "UpToDate")],
        tdxModuleIdentities: [moduleIdentity("TDX_01", [isvLevel(5, which === 1 ? moduleStatus : "UpToDate")])],
      };
      const qeIdentity = { tcbLevels: [isvLevel(4, which === 2 ? qeStatus : "UpToDate")] };
      return edited(`statuses ${platformStatus}, ${moduleStatus}, ${qeStatus} (${which})`, { tcbInfo, qeIdentity });
    }),
    ...times(40, () => {
      const svns = [near(3), near(3), near(2), near(2)];
      const [pceSvn, module, loader] = [near(13), near(5), near(3)];
      const tcbLevels = [tcbLevel(svns, pceSvn, [module, 0, loader], "UpToDate")];
      const tdxModuleIdentities = [moduleIdentity(dice.pick(["TDX_01", "TDX_03"]), [isvLevel(near(6), "UpToDate")])];
      const label = `levels ${JSON.stringify([svns, pceSvn, module, loader])}, ${JSON.stringify(tdxModuleIdentities)}`;
      return edited(label, { tcbInfo: { tcbLevels, tdxModuleIdentities } });
    }),
    ...ROLES.map((role) => edited(`${role} revoked`, { revoked: [role] })),
    edited("Processor CA", { processorCa: true }),
    edited("other authority", { authority: "another" }),
    edited("TCB info of SGX", { tcbInfo: { id: "SGX" } }),
    edited("TCB info of version 2", { tcbInfo: { version: 2 } }),
    edited("TCB info without levels", { tcbInfo: { tcbLevels: [] } }),
    edited("TCB info of another platform", { tcbInfo: { fmspc: "00806f050000" } }),
    edited("TCB info in upper case", { tcbInfo: { fmspc: FMSPC.toUpperCase() } }),
    edited("TCB info of another PCE", { tcbInfo: { pceId: "0001" } }),
    edited("TCB info of the future", { tcbInfo: { issueDate: "2026-02-15T00:00:00Z" } }),
    edited("TCB info of the past", { tcbInfo: { nextUpdate: "2026-01-14T00:00:00Z" } }),
    edited("QE identity of SGX", { qeIdentity: { id: "QE" } }),
    edited("QE identity of the past", { qeIdentity: { nextUpdate: "2026-01-14T00:00:00Z" } }),
    edited("root CRL of the future", { rootCrl: { thisUpdate: new Date("2026-02-15") } }),
    edited("PCK CRL of the past", { pckCrl: { nextUpdate: new Date("2026-01-14") } }),
    edited("QE SVN too low", {}, { qeIsvSvn: 1 }),
    edited("QE of another product", {}, { qeIsvProdId: 1 }),
    edited("debug", {}, { tdAttributes: Uint8Array.fromHex("0100001000000000") }),
    edited("quote of version 5", {}, { version: 5 }),
    edited("key of P-384", {}, { attestationKeyType: 3 }),
    edited("outer certification data of type 5", {}, { certificationDataType: 5 }),
    edited("point not on the curve", {}, { attestationPoint: new Uint8Array(64).fill(1) }),
    edited("key not bound", {}, { qeReportData: new Uint8Array(32) }),
    edited("levels in another order", {
      tcbInfo: {
        tcbLevels: [
          tcbLevel([2, 2, 2, 2], 13, [4, 0, 2], "OutOfDate"),
          tcbLevel([3, 3, 2, 2], 13, [5, 0, 3], "UpToDate"),
        ],
      },
    }),
  ].map(tdxCase);
}

function parseField(quote: Uint8Array, name: (typeof FLIPPED)[number]): Uint8Array {
  const { header, body, qeReport } = parseTdxQuote(quote);
  if (name === "qeVendorId") return header.qeVendorId;
  if (name === "qeAttributes") return qeReport.attributes;
  if (name === "qeMrSigner") return qeReport.mrSigner;
  return body[name];
}

function times<T>(count: number, make: () => T): readonly T[] {
  return Array.from({ length: count }, make);
}
