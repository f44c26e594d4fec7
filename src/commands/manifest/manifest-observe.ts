import { decodeUtf8, writeFileAtomically } from "../../lib/files.ts";
import { ProblemsError } from "../../lib/problems.ts";
import { observeEvidence } from "../../attestation/atls/observe.ts";
import { parseEndpoint } from "../../attestation/atls/endpoint.ts";
import { describeEvidence } from "../../attestation/describe-evidence.ts";
import type { Evidence } from "../../attestation/evidence.ts";
import { parsePresentedEvidence } from "../../attestation/parse-presented-evidence.ts";
import { outcomeError } from "../../attestation/evidence-error.ts";
import { judgeEvidence } from "../../attestation/judge-evidence.ts";
import { verdictJson } from "../../attestation/verdict-json.ts";
import { renderVerdict } from "../../attestation/verdict-text.ts";
import type { Verdict } from "../../attestation/verdict.ts";
import { evidenceSummary } from "../../attestation/evidence-summary.ts";
import { type ComparedEntry, compareObserved } from "../../manifest/compare-observed.ts";
import { type FilledManifest, fillObserved } from "../../manifest/fill-observed.ts";
import { encodeManifest } from "../../manifest/manifest-json.ts";
import { type ObservedMachine, observedMachine } from "../../manifest/observed-machine.ts";
import type { Manifest } from "../../manifest/schema.ts";
import { validateManifest } from "../../manifest/validate-manifest.ts";
import type { CommandImplementation, ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { type CollateralOptions, collateralOptionsOf } from "../collateral-options.ts";
import { observedLines } from "./observed-lines.ts";
import { type ReadManifest, readManifest } from "../read-manifest.ts";
import { warnOfChosenTime } from "../trust-options.ts";

const FIRST_USE_WARNING =
  "Warning: these values come from the machine itself (trust on first use). Compare them with what the operator of the hardware promises.";

/** What was seen and what could be done with it. */
interface Observation {
  readonly evidence: Evidence;
  readonly verdict: Verdict<Evidence>;
  readonly machine: ObservedMachine;
  readonly result: FilledManifest;
  /** The machine beside the manifest as it was. */
  readonly compared: readonly ComparedEntry[];
  /** Whether the manifest on disk was changed. */
  readonly written: boolean;
  readonly insecure: boolean;
}

/** `contrast manifest observe`; its definition is in `manifest-observe-definition.ts`. */
export const manifestObserveCommand: CommandImplementation = {
  async run({ flags }, io) {
    const endpoint = parseEndpoint(flags.string("coordinator"));
    const options = await collateralOptionsOf(flags, io);
    warnOfChosenTime(flags, options, io);
    const read = await usableManifest(flags, io);
    const peer = await observeEvidence({ endpoint, now: io.now(), signal: io.signal });
    const evidence = parsePresentedEvidence(peer.presented[0]);
    const verdict = await judge(evidence, peer.reportData, options, flags, io);
    const machine = observedMachine(evidence);
    const result = fillObserved(read.manifest, machine);
    const willWrite = flags.boolean("write") && verdict.outcome === "accepted" && result.filled.length > 0;
    const compared = compareObserved(read.manifest, machine);
    const { insecure } = options.roots;
    const observation = { evidence, verdict, machine, result, compared, written: willWrite, insecure };
    if (io.format === "text") printText(observation, read, io);
    if (willWrite) await writeFileAtomically(read.path, encodeManifest(result.manifest));
    if (io.format === "json") printJson(observation, io);
    else if (willWrite) io.out(`✔️ Updated manifest ${read.path}`);
    if (io.format === "text") for (const line of stillMissing(result.manifest)) io.out(line);
    if (verdict.outcome !== "accepted") {
      throw outcomeError(verdict, "Cannot vouch for the machine", `--coordinator ${flags.string("coordinator")}`);
    }
  },
};

/** Values may still be empty, that is the point; anything else must be right before it is written again. */
async function usableManifest(flags: ParsedFlags, io: Io): Promise<ReadManifest> {
  const read = await readManifest(flags.string("manifest"), io);
  const [first, ...rest] = validateManifest(read.manifest).errors;
  if (first !== undefined) throw new ProblemsError(`Cannot use ${read.what}`, [first, ...rest]);
  return read;
}

/** Only the authenticity is judged: what the machine is measured by is what is looked for. */
async function judge(
  evidence: Evidence,
  reportData: Uint8Array,
  { at, roots, gather }: CollateralOptions,
  flags: ParsedFlags,
  io: Io,
): Promise<Verdict<Evidence>> {
  return await judgeEvidence(evidence, gather, {
    at,
    roots,
    revocation: flags.boolean("no-revocation") ? "waived" : "required",
    collateral: "required",
    references: undefined,
    expected: { reportData },
    supplied: [],
    signal: io.signal,
  });
}

function printText(observation: Observation, read: ReadManifest, io: Io): void {
  const { evidence, verdict, result, compared, insecure, written } = observation;
  const form = evidence.tee === "snp" ? "snp-attestation" : "tdx-attestation";
  io.out(evidenceSummary({ evidence, form, certificate: undefined }));
  for (const line of renderVerdict(verdict, { passed: "count" })) io.out(line);
  if (insecure) io.out("Judged by trust roots of a file: this says nothing about real hardware");
  if (compared.length === 0) {
    io.out("The manifest has no reference values for this kind of hardware");
    return;
  }
  const isVerified = verdict.outcome === "accepted";
  if (!isVerified) io.out("What the machine states is not verified");
  for (const line of observedLines(compared, isVerified)) io.out(line);
  const { filled } = result;
  if (filled.length === 0) {
    io.out("The manifest has no empty value for this machine");
    return;
  }
  io.out(fillHeading(verdict.outcome === "accepted", written));
  for (const { path, value } of filled) io.out(`  ${path}: ${value}`);
  io.err(FIRST_USE_WARNING);
  if (written && encodeManifest(read.manifest) !== decodeUtf8(read.bytes, read.what)) {
    io.err("Warning: the manifest was formatted by something else than contrast; its formatting changes too.");
  }
  if (!written && verdict.outcome === "accepted") io.out("Run the command with --write to fill them in");
}

function fillHeading(isProven: boolean, written: boolean): string {
  if (written) return "Filling empty values of the manifest";
  if (isProven) return "Empty values of the manifest, and what the machine states";
  return "Empty values of the manifest, and what evidence claims that is not proven: do not copy it";
}

/** What this machine cannot fill in, by entry: `set` and `verify` refuse the manifest until then. */
function stillMissing(manifest: Manifest): readonly string[] {
  const { missing } = validateManifest(manifest);
  // What is first said of an entry counts.
  const hints = new Map(missing.toReversed().map(({ path = "", hint }) => [/^[^\]]*\]/.exec(path)?.[0] ?? path, hint]));
  return [...hints]
    .toReversed()
    .map(([entry, hint]) => `Still to be filled in: ${entry}${hint === undefined ? "" : `. ${hint}`}`);
}

function printJson({ evidence, verdict, machine, result, compared, written, insecure }: Observation, io: Io): void {
  io.out(
    resultJson("manifest-observe", {
      ok: verdict.outcome === "accepted",
      ...(insecure ? { insecure } : {}),
      verdict: verdictJson(verdict),
      machine,
      compared,
      emptyValues: result.filled,
      written,
      warning: FIRST_USE_WARNING,
      fields: describeEvidence(evidence),
    }),
  );
}
