import type { JudgingMeans } from "../../client/coordinator-validator.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { collateralOptionsOf } from "../collateral-options.ts";
import { acceptedExpiryOf } from "../expired-collateral.ts";
import { warnOfChosenTime } from "../trust-options.ts";

/**
 * What a live Coordinator is judged with.
 *
 * @throws what `collateralOptionsOf` and `acceptedExpiryOf` throw
 */
export async function judgingMeansOf(flags: ParsedFlags, io: Io): Promise<JudgingMeans> {
  const acceptExpired = acceptedExpiryOf(flags, io);
  const { at, roots, gather } = await collateralOptionsOf(flags, io);
  warnOfChosenTime(flags, { at }, io);
  return { at, roots, gather, acceptExpired };
}
