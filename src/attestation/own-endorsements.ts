import { ContrastError, messageOf } from "../lib/errors.ts";
import type { CollateralItem, CollateralNeed } from "./collateral-need.ts";
import { collateralUrl } from "./collateral/collateral-url.ts";
import type { GatherCollateral } from "./gather-collateral.ts";
import { inspectAmdItem } from "./inspect-amd-item.ts";
import { isMaskedChipId } from "./snp/endorsement-binding.ts";
import { vcekNeed } from "./snp/find-collateral.ts";
import type { SnpEndorsements, SnpEvidence } from "./snp/snp-evidence.ts";
import { snpNeeds } from "./snp/snp-needs.ts";
import type { TrustRoots } from "./trust-roots.ts";

/** Endorsements, and why others could not be had. */
export interface FoundEndorsements {
  readonly endorsements: SnpEndorsements;
  readonly failures: readonly string[];
}

/** Where a machine looks for what endorses its reports. */
export interface EndorsementSearch {
  /** Undefined asks nobody. */
  readonly gather: GatherCollateral | undefined;
  readonly roots: TrustRoots["amd"];
  readonly at: Date;
  readonly signal: AbortSignal;
}

/**
 * The endorsements of evidence without those that no verifier would accept: hosts keep VCEKs of an earlier firmware, and
 * without a certificate a verifier asks AMD itself.
 */
export function fittingEndorsements(evidence: SnpEvidence, roots: TrustRoots["amd"]): FoundEndorsements {
  const { endorsements, product, report } = evidence;
  const { vcek } = endorsements;
  if (vcek === undefined || product === undefined || isMaskedChipId(report.chipId))
    return { endorsements, failures: [] };
  try {
    inspectAmdItem(itemOf(vcekNeed(evidence, product), vcek), roots);
    return { endorsements, failures: [] };
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    return { endorsements: { ...endorsements, vcek: undefined }, failures: [messageOf(error)] };
  }
}

/**
 * Adds what AMD has for a report, its VCEK and the revocation list, to the endorsements that are there; and, where the
 * signing certificate is there, those above it, so that a verifier need not ask for them.
 *
 * @throws ContrastError `lib/interrupted`
 */
export async function gatherEndorsements(
  evidence: SnpEvidence,
  { gather, roots, at, signal }: EndorsementSearch,
): Promise<FoundEndorsements> {
  const needs = snpNeeds(evidence, { at, roots, revocation: "required", expectations: undefined });
  if (gather === undefined || needs.length === 0) return complete(evidence, {}, roots, []);
  const inspect: Parameters<GatherCollateral>[2] = (item) => inspectAmdItem(item, roots) ?? {};
  const collateral = await gather(needs, [], inspect, at, signal);
  const answers = needs.map((need) => ({ need, answer: collateral.answer(need) }));
  const bodyOf = (kind: string): Uint8Array | undefined =>
    answers.flatMap(({ need, answer }) => (need.kind === kind && answer.found ? answer.item.body : []))[0];
  const failures = answers.flatMap(({ answer }) => (answer.found ? [] : answer.reason));
  return complete(evidence, { vcek: bodyOf("amd-vcek"), crl: bodyOf("amd-crl") }, roots, failures);
}

/**
 * What was found, and of what was found earlier for the same chip and firmware what is missing in it: certificates, and
 * the revocation list as long as it can be used.
 */
export function withEarlier(
  evidence: SnpEvidence,
  found: SnpEndorsements,
  earlier: SnpEndorsements,
  { roots, at }: Pick<EndorsementSearch, "roots" | "at">,
): SnpEndorsements {
  const isCrlUsable = snpNeeds(
    { ...evidence, endorsements: earlier },
    { at, roots, revocation: "required", expectations: undefined },
  ).every(({ kind }) => kind !== "amd-crl");
  return {
    vcek: found.vcek ?? earlier.vcek,
    vlek: found.vlek ?? earlier.vlek,
    ask: found.ask ?? earlier.ask,
    ark: found.ark ?? earlier.ark,
    crl: found.crl ?? (isCrlUsable ? earlier.crl : undefined),
  };
}

function itemOf(need: CollateralNeed, body: Uint8Array): CollateralItem {
  const url = collateralUrl(need);
  return { need, url, body, issuerChainPem: undefined, origin: "evidence", fetchedAt: undefined, note: undefined };
}

function complete(
  { endorsements, product, report }: SnpEvidence,
  found: Pick<SnpEndorsements, "vcek" | "crl">,
  roots: TrustRoots["amd"],
  failures: readonly string[],
): FoundEndorsements {
  const { signingKey } = report.signerInfo;
  const vcek = endorsements.vcek ?? found.vcek;
  const leaf = signingKey === "VLEK" ? endorsements.vlek : vcek;
  const line = leaf === undefined || product === undefined ? undefined : roots[product];
  const signer = signingKey === "VLEK" ? line?.asvk : line?.ask;
  return {
    endorsements: {
      vcek,
      vlek: endorsements.vlek,
      ask: endorsements.ask ?? signer?.der,
      ark: endorsements.ark ?? line?.ark.der,
      crl: endorsements.crl ?? found.crl,
    },
    failures,
  };
}
