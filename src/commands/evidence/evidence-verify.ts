import { evidenceSummary } from "../../attestation/evidence-summary.ts";
import { judgeEvidence } from "../../attestation/judge-evidence.ts";
import type { EvidenceExpectations } from "../../attestation/evidence-expectations.ts";
import type { JudgeOptions, ReferenceExpectations } from "../../attestation/judge-options.ts";
import type { Evidence } from "../../attestation/evidence.ts";
import { outcomeError } from "../../attestation/evidence-error.ts";
import { renderVerdict } from "../../attestation/verdict-text.ts";
import type { ReadEvidence } from "../../attestation/read-evidence.ts";
import { reportDataOf } from "../../attestation/report-data.ts";
import type { Verdict } from "../../attestation/verdict.ts";
import type { Manifest } from "../../manifest/schema.ts";
import type { Certificate } from "../../pki/x509/certificate.ts";
import { paintFor } from "../../terminal/colour.ts";
import type { CommandImplementation, ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { UsageError } from "../../terminal/usage-error.ts";
import { collateralOptionsOf } from "../collateral-options.ts";
import { type EvidenceInput, readEvidenceInput } from "./evidence-input.ts";
import { acceptedExpiryOf } from "../expired-collateral.ts";
import { hexFlag } from "../hex-flag.ts";
import { notJudged } from "./not-judged.ts";

const NONCE_BYTES = 32;

/** `contrast evidence verify`; its definition is in `evidence-definition.ts`. */
export const evidenceVerifyCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    const { at, roots, gather } = await collateralOptionsOf(flags, io);
    const manifest = await manifestOf(flags, io);
    const input = await readEvidenceInput(positionals[0] ?? "", flags, io);
    const expected = expectationsOf(flags, manifest, input.read);
    const options: JudgeOptions = {
      at,
      roots,
      revocation: flags.boolean("no-revocation") ? "waived" : "required",
      collateral: flags.boolean("no-collateral") ? "waived" : "required",
      acceptExpired: acceptedExpiryOf(flags, io),
      references: manifest === undefined ? undefined : await referencesOf(manifest),
      expected,
      supplied: input.supplied,
      signal: io.signal,
    };
    const verdict = await judgeEvidence(input.evidence, gather, options);
    const open = notJudged(input.read, flags, await unknownOf(manifest));
    if (io.format === "json") await printJson(input, verdict, open, roots.insecure, io);
    else printText(input, verdict, { open, insecure: roots.insecure, all: flags.boolean("all") }, io);
    if (verdict.outcome !== "accepted") {
      throw outcomeError(verdict, "Verification failed", `--evidence ${positionals[0] ?? ""}`);
    }
  },
};

async function manifestOf(flags: ParsedFlags, io: Io): Promise<Manifest | undefined> {
  if (!flags.isSet("manifest")) return undefined;
  const { readManifest } = await import("../read-manifest.ts");
  const { requireValidManifest } = await import("../../manifest/validate-manifest.ts");
  const { manifest, what } = await readManifest(flags.string("manifest"), io);
  requireValidManifest(manifest, `Cannot use ${what}`);
  return manifest;
}

async function referencesOf(manifest: Manifest): Promise<ReferenceExpectations> {
  const { snpExpectations, tdxExpectations } = await import("../../manifest/expectations.ts");
  return { snp: snpExpectations(manifest), tdx: tdxExpectations(manifest) };
}

async function unknownOf(manifest: Manifest | undefined): Promise<readonly string[] | undefined> {
  if (manifest === undefined) return undefined;
  const { unjudgedReferenceValues } = await import("../../manifest/unjudged-reference-values.ts");
  return unjudgedReferenceValues(manifest);
}

/** A policy hash of the user's comes before the policies of the manifest, of which any will do. */
function expectationsOf(
  flags: ParsedFlags,
  manifest: Manifest | undefined,
  { certificate }: ReadEvidence,
): EvidenceExpectations {
  const hostData = hexFlag(flags, "policy-hash", 32);
  const hashes = manifest === undefined || hostData !== undefined ? undefined : [...manifest.policies.keys()];
  return {
    reportData: hexFlag(flags, "report-data", 64) ?? boundReportData(hexFlag(flags, "nonce", NONCE_BYTES), certificate),
    hostData,
    hostDataOneOf: hashes?.map((hash) => Uint8Array.fromHex(hash)),
  };
}

/** What evidence states that was made for the key of a certificate and one connection. */
function boundReportData(nonce: Uint8Array | undefined, certificate: Certificate | undefined): Uint8Array | undefined {
  if (nonce === undefined) return undefined;
  if (certificate !== undefined) return reportDataOf(certificate.spkiDer, nonce);
  throw new UsageError(
    "terminal/invalid-argument",
    'invalid use of "--nonce" flag: the evidence is not in a certificate, whose key it would be bound to',
    { hint: "Give the bound bytes themselves with --report-data." },
  );
}

/** What is told beside the verdict. */
interface TextParts {
  /** What was not judged. */
  readonly open: readonly string[];
  readonly insecure: boolean;
  /** Whether every check is told, also those that passed. */
  readonly all: boolean;
}

function printText(
  { read, evidence }: EvidenceInput,
  verdict: Verdict<Evidence>,
  { open, insecure, all }: TextParts,
  io: Io,
): void {
  const paint = paintFor(io);
  const lines = [
    evidenceSummary({ ...read, evidence }),
    ...renderVerdict(verdict, { paint, passed: all ? "all" : "topics" }),
    ...(open.length === 0 ? [] : [paint("heading", "Not judged"), ...open.map((what) => `  - ${what}`)]),
    ...(all ? [] : [paint("quiet", "List every check with --all")]),
    ...(insecure ? [paint("bad", "Judged by trust roots of a file: this says nothing about real hardware")] : []),
  ];
  io.write(`${lines.join("\n")}\n`);
}

async function printJson(
  { read, evidence }: EvidenceInput,
  verdict: Verdict<Evidence>,
  open: readonly string[],
  insecure: boolean,
  io: Io,
): Promise<void> {
  const { describeEvidence } = await import("../../attestation/describe-evidence.ts");
  const { verdictJson } = await import("../../attestation/verdict-json.ts");
  io.out(
    resultJson("evidence-verify", {
      ok: verdict.outcome === "accepted",
      ...(insecure ? { insecure } : {}),
      verdict: verdictJson(verdict),
      notJudged: open,
      tee: evidence.tee,
      form: read.form,
      fields: describeEvidence(evidence),
    }),
  );
}
