import { createCollateralGatherer } from "../../attestation/collateral/create-gatherer.ts";
import { type HeldItem, judgeHeld } from "../../attestation/collateral/judge-held.ts";
import { inspectCollateral } from "../../attestation/inspect-collateral.ts";
import { ContrastError } from "../../lib/errors.ts";
import type { Io } from "../../terminal/io.ts";
import type { NeededCollateral } from "./collateral-needs.ts";
import type { CollateralOptions } from "../collateral-options.ts";
import { type CollateralRow, heldRow, isServed, missingRow, withoutNeedless } from "./collateral-row.ts";

/** What could be had of what is needed. */
export interface GatheredNeeds {
  readonly rows: readonly CollateralRow[];
  /** Copies that are at hand, valid or not. */
  readonly held: readonly HeldItem[];
}

const BASE_TIMEOUT_MS = 120_000;
/** AMD's service answers one request for a VCEK in about ten seconds. */
const TIMEOUT_PER_NEED_MS = 12_000;

/** Gets collateral with the patience of somebody who prepares, not of a handshake. */
export async function gatherNeeded(
  needed: readonly NeededCollateral[],
  { at, roots, sources }: CollateralOptions,
  io: Io,
): Promise<GatheredNeeds> {
  const { now, log, signal } = io;
  const totalTimeoutMs = BASE_TIMEOUT_MS + needed.length * TIMEOUT_PER_NEED_MS;
  const gather = createCollateralGatherer({ ...sources, now, log, totalTimeoutMs });
  const inspect = inspectCollateral(roots);
  const set = await gather(
    needed.map(({ need }) => need),
    [],
    inspect,
    at,
    signal,
  );
  const held: HeldItem[] = [];
  const rows = needed.map((asked) => {
    const answer = set.answer(asked.need);
    if (!answer.found) return missingRow(asked, answer.reason);
    const copy = judgeHeld(answer.item, inspect, at);
    held.push(copy);
    return heldRow(copy, asked);
  });
  return { rows: withoutNeedless(rows), held };
}

/**
 * Ends a command that could not get everything.
 *
 * @param action what cannot be done
 * @throws ContrastError `attestation/collateral-missing`
 */
export function requireValid(rows: readonly CollateralRow[], action: string): void {
  const lacking = rows.filter((row) => !isServed(row));
  if (lacking.length === 0) return;
  throw new ContrastError(
    "attestation/collateral-missing",
    `${action}: ${lacking.length} of ${rows.length} pieces could not be had or are not valid`,
    { hint: "Read the reasons above and try again later, or name a mirror.", details: { lacking: lacking.length } },
  );
}

/** The error for a command that was not told for what it shall do its work. */
export function nothingNeeded(action: string): ContrastError {
  return new ContrastError("attestation/nothing-needed", `${action}: nothing says what is needed`, {
    hint: "Name a manifest with --manifest, evidence with --evidence, or a Coordinator with --coordinator.",
  });
}
