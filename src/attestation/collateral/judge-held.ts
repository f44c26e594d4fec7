import { ContrastError, messageOf } from "../../lib/errors.ts";
import type { CollateralItem } from "../collateral-need.ts";
import type { CollateralValidity, InspectCollateral } from "../gather-collateral.ts";
import { isValidAt } from "./copy-state.ts";

/** What a copy of collateral is worth at some time; `wrong` is not what its address promises, or not signed by the roots. */
export type HeldState = "valid" | "expired" | "not-yet-valid" | "wrong";

/** A copy that was looked into. */
export interface HeldItem {
  readonly item: CollateralItem;
  readonly state: HeldState;
  /** Empty for `wrong`. */
  readonly validity: CollateralValidity;
  /** Why it is `wrong`. */
  readonly reason: string | undefined;
}

/** Looks into a copy. The dates of certificates count like those of everything else. */
export function judgeHeld(item: CollateralItem, inspect: InspectCollateral, at: Date): HeldItem {
  try {
    const validity = inspect(item);
    return { item, state: stateAt(validity, at), validity, reason: undefined };
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    return { item, state: "wrong", validity: {}, reason: messageOf(error) };
  }
}

function stateAt(validity: CollateralValidity, at: Date): HeldState {
  if (isValidAt(validity, at)) return "valid";
  return isValidAt({ notBefore: validity.notBefore }, at) ? "expired" : "not-yet-valid";
}
