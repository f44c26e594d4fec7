import { checkPeerCertificate } from "../attestation/atls/peer-certificate.ts";
import type { AcceptedExpiry } from "../attestation/accepted-expiry.ts";
import type { CollateralAnswer, CollateralNeed } from "../attestation/collateral-need.ts";
import { createCollateralSet } from "../attestation/collateral/collateral-set.ts";
import { collateralUrl } from "../attestation/collateral/collateral-url.ts";
import type { Evidence } from "../attestation/evidence.ts";
import type { GatherCollateral } from "../attestation/gather-collateral.ts";
import { reportDataOf } from "../attestation/report-data.ts";
import type { TrustRoots } from "../attestation/trust-roots.ts";
import type { Verdict } from "../attestation/verdict.ts";
import { ContrastError, messageChainOf } from "../lib/errors.ts";
import { sameBytes } from "../lib/same-bytes.ts";
import { createCoordinatorValidator } from "./coordinator-validator.ts";
import type { ExpectedState } from "./expected-state.ts";
import type { SavedVerification } from "./saved-verification.ts";

/** How a saved verification is judged. */
export interface SavedJudging {
  readonly at: Date;
  readonly roots: TrustRoots;
  /** Undefined: what has expired says nothing. */
  readonly acceptExpired?: AcceptedExpiry | undefined;
  readonly signal: AbortSignal;
}

/**
 * Judges a saved verification by the rules of a live one: the peer's certificate, then its evidence, bound to that
 * certificate's key and the nonce. Collateral comes from the archive alone.
 *
 * The times of the peer's certificate are judged at the time of the connection, since it lives for hours only.
 *
 * @throws ContrastError `client/saved-invalid` where evidence and certificate do not belong together, and the codes
 *   of `checkPeerCertificate`
 */
export async function judgeSavedVerification(
  saved: SavedVerification,
  expected: ExpectedState,
  { at, roots, acceptExpired, signal }: SavedJudging,
): Promise<Verdict<Evidence>> {
  const { certificate, presented } = checkPeerCertificate(saved.certificateDer, saved.checkedAt);
  const { oid, value } = saved.presented;
  if (!presented.some((candidate) => candidate.oid === oid && sameBytes(candidate.value, value))) {
    throw new ContrastError(
      "client/saved-invalid",
      "Cannot judge the saved verification: its evidence is not that of its certificate",
    );
  }
  const { validate } = createCoordinatorValidator(expected, { at, roots, gather: gatherFrom(saved), acceptExpired });
  return await validate(saved.presented, reportDataOf(certificate.spkiDer, saved.nonce), signal);
}

/** What the archive has, and nothing else. */
function gatherFrom({ collateral }: SavedVerification): GatherCollateral {
  const byUrl = new Map(collateral.map((item) => [collateralUrl(item.need), item]));
  return async (needs, _supplied, inspect) => {
    const answerTo = (need: CollateralNeed): CollateralAnswer => {
      const url = collateralUrl(need);
      const item = byUrl.get(url);
      if (item === undefined) return missing(`the saved verification does not hold ${url}`);
      try {
        inspect(item);
        return { found: true, item };
      } catch (error) {
        if (!(error instanceof ContrastError)) throw error;
        return missing(`what the saved verification holds for ${url} is of no use: ${messageChainOf(error)}`);
      }
    };
    return createCollateralSet(new Map(needs.map((need) => [collateralUrl(need), answerTo(need)])));
  };
}

function missing(reason: string): CollateralAnswer {
  return { found: false, reason, remedy: "Ask for another saved verification, or check the Coordinator itself." };
}
