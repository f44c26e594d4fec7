import { renderInstant } from "../../lib/instant.ts";
import { moduleIdOf, moduleVersionOf } from "./evaluate-tcb.ts";
import type { PckPlatform } from "./pck-platform.ts";
import type { TdReport, TdxQuote } from "./quote.ts";
import { renderTdAttributes, renderXfam } from "./td-flags.ts";
import type { TdxEvidence } from "./tdx-evidence.ts";
import { renderName } from "../../pki/x509/name.ts";

/** One field of evidence for people. */
export interface QuoteField {
  /** As Intel's documents call it. */
  readonly name: string;
  /** Numbers in decimal form, bytes in lower-case hexadecimal digits. */
  readonly value: string;
  /** What the value says, where that is not plain. */
  readonly meaning?: string | undefined;
}

/** Every field of a quote and of its PCK certificate as they state it; nothing of it is verified. */
export function describeTdxQuote({ quote, chain, platform }: TdxEvidence): readonly QuoteField[] {
  const certificates = [
    ["PCK certificate", chain.pck],
    ["intermediate certificate", chain.intermediate],
    ["root certificate", chain.root],
  ] as const;
  return [
    ...describeHeader(quote),
    ...describeBody(quote.body),
    ...describeSignatureData(quote),
    ...certificates.map(([name, { subject, serialHex, notBefore, notAfter }]) => ({
      name,
      value: renderName(subject),
      meaning: `serial ${serialHex}, valid from ${renderInstant(notBefore)} to ${renderInstant(notAfter)}`,
    })),
    ...describePlatform(platform),
    { name: "bytes behind the quote", value: String(quote.extra.length), meaning: "padding, not signed" },
  ];
}

function describeHeader({ header }: TdxQuote): readonly QuoteField[] {
  return [
    { name: "quote version", value: String(header.version) },
    { name: "attestation key type", value: String(header.attestationKeyType), meaning: "ECDSA with P-256" },
    { name: "TEE type", value: `0x${header.teeType.toString(16)}`, meaning: "TDX" },
    { name: "QE SVN", value: String(header.qeSvn), meaning: "reserved in quotes of version 4 and 5" },
    { name: "PCE SVN", value: String(header.pceSvn), meaning: "reserved in quotes of version 4 and 5" },
    {
      name: "QE vendor id",
      value: header.qeVendorId.toHex(),
      meaning: header.qeVendorId.toHex() === "939a7233f79c4ca9940a0db3957f0607" ? "Intel" : "not Intel",
    },
    { name: "user data", value: header.userData.toHex(), meaning: "the first 16 bytes name the quoting enclave" },
  ];
}

function describeBody(body: TdReport): readonly QuoteField[] {
  return [
    { name: "TEE_TCB_SVN", value: body.teeTcbSvn.toHex(), meaning: renderTeeTcbSvn(body.teeTcbSvn) },
    { name: "MR_SEAM", value: body.mrSeam.toHex(), meaning: "measurement of the TDX module" },
    { name: "MR_SIGNER_SEAM", value: body.mrSignerSeam.toHex(), meaning: "zero for modules that Intel signed" },
    { name: "SEAM_ATTRIBUTES", value: body.seamAttributes.toHex() },
    { name: "TD_ATTRIBUTES", value: body.tdAttributes.toHex(), meaning: renderTdAttributes(body.tdAttributes) },
    { name: "XFAM", value: body.xfam.toHex(), meaning: renderXfam(body.xfam) },
    { name: "MR_TD", value: body.mrTd.toHex(), meaning: "measurement of the guest's firmware" },
    { name: "MR_CONFIG_ID", value: body.mrConfigId.toHex(), meaning: "hash of the runtime policy, then zeros" },
    { name: "MR_OWNER", value: body.mrOwner.toHex() },
    { name: "MR_OWNER_CONFIG", value: body.mrOwnerConfig.toHex() },
    ...body.rtmrs.map((rtmr, index) => ({ name: `RTMR${index}`, value: rtmr.toHex() })),
    { name: "REPORT_DATA", value: body.reportData.toHex(), meaning: "hash of key and nonce of the connection" },
    ...(body.tdx15 === undefined ? [] : describeTdx15(body.tdx15)),
  ];
}

function describeTdx15({ teeTcbSvn2, mrServiceTd }: NonNullable<TdReport["tdx15"]>): readonly QuoteField[] {
  return [
    { name: "TEE_TCB_SVN2", value: teeTcbSvn2.toHex(), meaning: renderTeeTcbSvn(teeTcbSvn2) },
    { name: "MR_SERVICE_TD", value: mrServiceTd.toHex(), meaning: "measurement of bound service guests" },
  ];
}

function describeSignatureData(quote: TdxQuote): readonly QuoteField[] {
  const { qeReport } = quote;
  return [
    { name: "signature", value: quote.signature.toHex() },
    { name: "attestation key", value: quote.attestationKey.toHex(), meaning: "x and y of a point of P-256" },
    { name: "QE CPU_SVN", value: qeReport.cpuSvn.toHex() },
    { name: "QE MISC_SELECT", value: `0x${qeReport.miscSelect.toString(16).padStart(8, "0")}` },
    { name: "QE ATTRIBUTES", value: qeReport.attributes.toHex() },
    { name: "QE MR_ENCLAVE", value: qeReport.mrEnclave.toHex() },
    { name: "QE MR_SIGNER", value: qeReport.mrSigner.toHex() },
    { name: "QE ISV_PROD_ID", value: String(qeReport.isvProdId) },
    { name: "QE ISV_SVN", value: String(qeReport.isvSvn) },
    { name: "QE REPORT_DATA", value: qeReport.reportData.toHex(), meaning: "hash of attestation key and auth data" },
    { name: "QE report signature", value: quote.qeReportSignature.toHex() },
    { name: "QE auth data", value: quote.qeAuthData.toHex() },
  ];
}

function describePlatform(platform: PckPlatform): readonly QuoteField[] {
  const { configuration } = platform;
  return [
    { name: "PPID", value: platform.ppid, meaning: "names the platform" },
    { name: "FMSPC", value: platform.fmspc, meaning: "family, model, stepping, platform type; selects the TCB info" },
    { name: "PCE-ID", value: platform.pceId },
    { name: "PCESVN", value: String(platform.pceSvn) },
    { name: "CPUSVN", value: platform.cpuSvn },
    { name: "SGX TCB components", value: platform.sgxComponents.join(" ") },
    { name: "SGX type", value: platform.sgxType ?? "not stated", meaning: "how memory is protected" },
    { name: "platform instance id", value: platform.platformInstanceId ?? "not stated" },
    { name: "dynamic platform", value: renderFlag(configuration?.dynamicPlatform) },
    { name: "cached keys", value: renderFlag(configuration?.cachedKeys) },
    { name: "SMT", value: renderFlag(configuration?.smtEnabled) },
  ];
}

function renderTeeTcbSvn(teeTcbSvn: Uint8Array): string {
  const [minor = 0, , seam = 0] = teeTcbSvn;
  const module = moduleVersionOf(teeTcbSvn) > 0 ? ` (${moduleIdOf(teeTcbSvn)})` : "";
  return `TDX module ${moduleVersionOf(teeTcbSvn)}, SVN ${minor}${module}; SEAM loader and microcode SVN ${seam}`;
}

function renderFlag(flag: boolean | undefined): string {
  if (flag === undefined) return "not stated";
  return flag ? "yes" : "no";
}
