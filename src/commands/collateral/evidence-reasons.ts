import { parseEndpoint } from "../../attestation/atls/endpoint.ts";
import { observeEvidence } from "../../attestation/atls/observe.ts";
import type { SnpProduct } from "../../attestation/collateral-need.ts";
import { evidenceNeeds } from "../../attestation/evidence-needs.ts";
import type { Evidence } from "../../attestation/evidence.ts";
import { parsePresentedEvidence } from "../../attestation/parse-presented-evidence.ts";
import { readEvidence } from "../../attestation/read-evidence.ts";
import { ContrastError } from "../../lib/errors.ts";
import type { Io } from "../../terminal/io.ts";
import type { NeedReason } from "./need-reason.ts";
import { readInput } from "../read-input.ts";
import type { TrustOptions } from "../trust-options.ts";

const MAX_EVIDENCE_BYTES = 1024 * 1024;

/**
 * What the verification of saved or live evidence would need. Nothing of the evidence is verified.
 *
 * @param coordinator `HOST:PORT`, or empty
 * @param products lines of AMD that a report of version 2, which does not say its own, may be from
 * @throws ContrastError of the files, the connection and the evidence; `attestation/nothing-needed` for evidence of which
 *   nobody says what it is from
 */
export async function needsOfEvidence(
  paths: readonly string[],
  coordinator: string,
  products: readonly SnpProduct[],
  trust: TrustOptions,
  io: Io,
): Promise<readonly NeedReason[]> {
  const reasons: NeedReason[] = [];
  for (const path of paths) {
    const { bytes, what } = await readInput(path, "evidence", MAX_EVIDENCE_BYTES, io);
    const { evidence } = await readEvidence(bytes, what);
    reasons.push(...reasonsFor(evidence, path, products, trust, io));
  }
  if (coordinator === "") return reasons;
  const endpoint = parseEndpoint(coordinator);
  const { presented } = await observeEvidence({ endpoint, now: io.now(), signal: io.signal });
  for (const one of presented) {
    reasons.push(...reasonsFor(parsePresentedEvidence(one), coordinator, products, trust, io));
  }
  return reasons;
}

function reasonsFor(
  evidence: Evidence,
  source: string,
  products: readonly SnpProduct[],
  trust: TrustOptions,
  io: Io,
): readonly NeedReason[] {
  const candidates = candidatesOf(evidence, products);
  const needs = candidates.flatMap((candidate) =>
    evidenceNeeds(candidate, {
      ...trust,
      revocation: "required",
      collateral: "required",
      references: undefined,
      expected: {},
      supplied: [],
      signal: io.signal,
    }),
  );
  if (needs.length === 0 && candidates.length === 0) {
    throw new ContrastError(
      "attestation/nothing-needed",
      `Cannot say what "${source}" needs: its product is not known`,
      {
        hint: "Name the line of the processor with --product, or a manifest with --manifest.",
      },
    );
  }
  // Of several lines only one knows the chip.
  return needs.map((need) => ({
    need,
    neededBy: source,
    group: need.kind === "amd-vcek" && candidates.length > 1 ? `VCEK of ${source}` : undefined,
  }));
}

function candidatesOf(evidence: Evidence, products: readonly SnpProduct[]): readonly Evidence[] {
  if (evidence.tee === "tdx") return [evidence];
  const { snp } = evidence;
  const { endorsements, product, report } = snp;
  const isKnown = product !== undefined || report.cpuid !== undefined || (endorsements.vcek ?? endorsements.vlek);
  return isKnown ? [evidence] : products.map((line) => ({ tee: "snp", snp: { ...snp, product: line } }));
}
