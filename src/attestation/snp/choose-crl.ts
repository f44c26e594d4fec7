import { messageOf } from "../../lib/errors.ts";
import { type Crl, parseCrl } from "../../pki/x509/crl.ts";
import type { Obstacle } from "../check-row.ts";
import type { CollateralSet, SnpProduct, SnpSigningKey } from "../collateral-need.ts";
import { groupOutcome } from "../verdict.ts";
import { checkRevocationList, isObstacle } from "./crl-checks.ts";
import { findCrl, isFound } from "./find-collateral.ts";
import type { SnpEvidence } from "./snp-evidence.ts";
import type { SnpVerifyOptions } from "./snp-options.ts";

type CrlOptions = Pick<SnpVerifyOptions, "at" | "roots" | "chains">;

/**
 * The revocation list to go by: that of the evidence if it is genuine and in force, else the one that was gathered. A
 * list of the evidence that is neither is judged only where there is no other; a later list that is in force is
 * preferred, because whoever presents evidence may choose a list from before a revocation.
 *
 * @returns why there is none, where there is none
 */
export function chooseCrl(
  evidence: SnpEvidence,
  collateral: CollateralSet,
  product: SnpProduct,
  signingKey: SnpSigningKey,
  options: CrlOptions,
): Crl | Obstacle {
  const own = ownCrl(evidence, options);
  const found = findCrl(collateral, product, signingKey);
  const gathered = isFound(found) ? readCrl(found, options) : found;
  if (own === undefined) return gathered;
  if (!isUsable(own, product, options)) return isFound(found) ? gathered : own;
  return isLater(gathered, own) && isUsable(gathered, product, options) ? gathered : own;
}

function isLater(crl: Crl | Obstacle, than: Crl | Obstacle): boolean {
  return !isObstacle(crl) && !isObstacle(than) && crl.thisUpdate > than.thisUpdate;
}

/** Whether the evidence brings a revocation list with which nothing has to be fetched. */
export function hasUsableCrl(evidence: SnpEvidence, product: SnpProduct, options: CrlOptions): boolean {
  const own = ownCrl(evidence, options);
  return own !== undefined && isUsable(own, product, options);
}

function isUsable(crl: Crl | Obstacle, product: SnpProduct, { roots, at }: CrlOptions): boolean {
  return groupOutcome({ name: "crl", checks: checkRevocationList(crl, roots[product].ark, at) }) === "passed";
}

function ownCrl({ endorsements }: SnpEvidence, options: CrlOptions): Crl | Obstacle | undefined {
  return endorsements.crl && readCrl(endorsements.crl, options);
}

function readCrl(der: Uint8Array, { chains }: CrlOptions): Crl | Obstacle {
  const read = (): Crl | Obstacle => {
    try {
      return parseCrl(der, "revocation list");
    } catch (error) {
      return { code: "snp/crl-unreadable", reason: messageOf(error) };
    }
  };
  return chains?.crls.remember([der], read) ?? read();
}
