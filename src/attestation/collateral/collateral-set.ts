import type { CollateralAnswer, CollateralItem, CollateralSet } from "../collateral-need.ts";
import { collateralUrl } from "./collateral-url.ts";
import { fetchRemedy } from "./fetch-remedy.ts";

/** Makes a set from what is known of each need, by the vendor's address. */
export function createCollateralSet(answers: ReadonlyMap<string, CollateralAnswer>): CollateralSet {
  return {
    answer: (need) => {
      const url = collateralUrl(need);
      return answers.get(url) ?? { found: false, reason: `${url} was not asked for`, remedy: fetchRemedy(url, false) };
    },
  };
}

/** A set of exactly these items. */
export function collateralSetOf(items: readonly CollateralItem[]): CollateralSet {
  return createCollateralSet(new Map(items.map((item) => [collateralUrl(item.need), { found: true, item }])));
}
