import type { CollateralNeed, CollateralOrigin } from "../../attestation/collateral-need.ts";
import { collateralUrl } from "../../attestation/collateral/collateral-url.ts";
import { renderAge } from "../../attestation/collateral/copy-state.ts";
import { describeNeed } from "../../attestation/collateral/describe-need.ts";
import type { HeldItem, HeldState } from "../../attestation/collateral/judge-held.ts";
import { sha256Hex } from "../../lib/digest.ts";
import { renderInstant } from "../../lib/instant.ts";
import { COMMAND_LINE, type NeededCollateral } from "./collateral-needs.ts";

/** One piece of collateral in the output of a command. */
export interface CollateralRow {
  readonly need: CollateralNeed;
  readonly state: HeldState | "missing";
  /** Undefined where no copy is at hand. */
  readonly copy: CollateralCopy | undefined;
  readonly neededBy: readonly string[];
  /** Where any one of several would do: what they have in common. */
  readonly group?: string | undefined;
  /** Why it is missing or wrong, or why an old copy had to do. */
  readonly reason: string | undefined;
}

interface CollateralCopy {
  readonly origin: CollateralOrigin;
  readonly sha256: string;
  readonly fetchedAt: Date | undefined;
  readonly notBefore: Date | undefined;
  readonly notAfter: Date | undefined;
}

/** The row of a copy. */
export function heldRow({ item, state, validity, reason }: HeldItem, asked?: NeededCollateral): CollateralRow {
  const { need, origin, fetchedAt, body, note } = item;
  const { notBefore, notAfter } = validity;
  return {
    need,
    state,
    copy: { origin, sha256: sha256Hex(body), fetchedAt, notBefore, notAfter },
    neededBy: asked?.neededBy ?? [],
    group: asked?.group,
    reason: reason ?? note,
  };
}

/** The row of a need that nothing serves. */
export function missingRow(asked: NeededCollateral, reason?: string): CollateralRow {
  return { ...asked, state: "missing", copy: undefined, reason };
}

/** Leaves out what is missing where another piece of its group serves. */
export function withoutNeedless(rows: readonly CollateralRow[]): readonly CollateralRow[] {
  const served = new Set(rows.flatMap(({ group, state }) => (state === "missing" ? [] : [group])));
  return rows.filter(({ group, state }) => state !== "missing" || group === undefined || !served.has(group));
}

/**
 * Whether nothing is lacking because of a row: it is valid, or a chain of AMD, which only other programs need, since this
 * one has AMD's certificates inside. A chain that was asked for by its address is lacking like anything else.
 */
export function isServed({ need, state, neededBy }: CollateralRow): boolean {
  return state === "valid" || (need.kind === "amd-chain" && !neededBy.includes(COMMAND_LINE));
}

/** When the first of the pieces stops being valid; undefined where none names an end. */
export function earliestEnd(rows: readonly CollateralRow[]): Date | undefined {
  const ends = rows.flatMap(({ copy }) => copy?.notAfter ?? []);
  return ends.reduce<Date | undefined>((first, end) => (first === undefined || end < first ? end : first), undefined);
}

/** A row for programs. */
export function rowJson({ need, state, copy, neededBy, reason }: CollateralRow): Readonly<Record<string, unknown>> {
  return {
    name: describeNeed(need),
    state,
    url: collateralUrl(need),
    need,
    origin: copy?.origin,
    sha256: copy?.sha256,
    fetchedAt: copy?.fetchedAt,
    notBefore: copy?.notBefore,
    notAfter: copy?.notAfter,
    neededBy,
    reason,
  };
}

const INDENT = " ".repeat(15);

/** Rows for people: state and name, then what there is to know about each. */
export function renderRows(rows: readonly CollateralRow[], now: Date): readonly string[] {
  return rows.flatMap(({ need, state, copy, neededBy, reason }) => [
    `${state.padEnd(INDENT.length)}${describeNeed(need)}`,
    `${INDENT}${collateralUrl(need)}`,
    ...(copy === undefined ? [] : [`${INDENT}${copyText(copy, now)}`]),
    ...(neededBy.length === 0 ? [] : [`${INDENT}needed by ${neededBy.join("; ")}`]),
    ...(reason === undefined ? [] : [`${INDENT}${reason}`]),
  ]);
}

function copyText({ origin, fetchedAt, notBefore, notAfter }: CollateralCopy, now: Date): string {
  const ageMs = fetchedAt === undefined ? -1 : now.getTime() - fetchedAt.getTime();
  const fetched = fetchedAt === undefined ? "" : `, fetched ${renderInstant(fetchedAt)}`;
  const age = ageMs < 0 ? "" : ` (${renderAge(ageMs)} ago)`;
  const from = notBefore === undefined ? "" : `, valid from ${renderInstant(notBefore)}`;
  const until = notAfter === undefined ? "" : ` until ${renderInstant(notAfter)}`;
  return `from ${origin}${fetched}${age}${from}${until}`;
}
