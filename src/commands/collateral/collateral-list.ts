import { bestCopy } from "../../attestation/collateral/best-copy.ts";
import { collateralUrl } from "../../attestation/collateral/collateral-url.ts";
import { type HeldItem, judgeHeld } from "../../attestation/collateral/judge-held.ts";
import { inspectCollateral } from "../../attestation/inspect-collateral.ts";
import { renderInstant } from "../../lib/instant.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { type NeededCollateral, neededCollateral } from "./collateral-needs.ts";
import { collateralOptionsOf } from "../collateral-options.ts";
import {
  type CollateralRow,
  earliestEnd,
  isServed,
  heldRow,
  missingRow,
  renderRows,
  rowJson,
  withoutNeedless,
} from "./collateral-row.ts";
import { warnOfMissingMachines } from "./machine-warning.ts";

/** `contrast collateral list`; its definition is in `collateral-definition.ts`. */
export const collateralListCommand: CommandImplementation = {
  async run({ flags }, io) {
    const options = await collateralOptionsOf(flags, io);
    const { at, roots, sources } = options;
    const needed = await neededCollateral(flags, [], options, io);
    const { items, damaged } = await sources.cache.list();
    const inspect = inspectCollateral(roots);
    const held = [...sources.files, ...items].map((item) => judgeHeld(item, inspect, at));
    const rows = rowsOf(needed ?? [], held);
    warnOfMissingMachines(flags, rows, io);
    const complete = needed && rows.every((row) => row.neededBy.length === 0 || isServed(row));
    if (io.format === "json") {
      io.out(
        resultJson("collateral-list", {
          ...(roots.insecure ? { insecure: true } : {}),
          at,
          complete,
          earliestExpiry: earliestEnd(rows),
          cacheDirectory: sources.directory,
          collateral: rows.map(rowJson),
          damagedFiles: damaged.map(({ name }) => name),
        }),
      );
      return;
    }
    for (const line of renderRows(rows, io.now())) io.out(line);
    io.out(summary(rows, complete));
    if (damaged.length > 0) {
      io.err(`The cache has damaged files: ${damaged.length}. Remove them with "contrast collateral prune".`);
    }
  },
};

/** What is needed comes first; of several copies of it the one that a verification would use. */
function rowsOf(needed: readonly NeededCollateral[], held: readonly HeldItem[]): readonly CollateralRow[] {
  const wanted = needed.map((asked) => {
    const copy = bestCopy(collateralUrl(asked.need), held);
    return copy === undefined ? missingRow(asked) : heldRow(copy, asked);
  });
  const urls = new Set(needed.map(({ need }) => collateralUrl(need)));
  const others = held.filter(({ item }) => !urls.has(collateralUrl(item.need)));
  return [...withoutNeedless(wanted), ...others.map((copy) => heldRow(copy))];
}

function summary(rows: readonly CollateralRow[], complete: boolean | undefined): string {
  const end = earliestEnd(rows.filter(({ state }) => state === "valid"));
  const first = end === undefined ? "" : `; the first of it expires ${renderInstant(end)}`;
  if (complete === true) return `Everything that is needed is at hand${first}`;
  if (complete === false) {
    return 'Not everything that is needed is at hand. "contrast collateral fetch" with the same flags gets it';
  }
  return rows.length === 0
    ? "There is no collateral at hand"
    : `${count(rows, "valid")} of ${rows.length} valid${first}`;
}

function count(rows: readonly CollateralRow[], state: CollateralRow["state"]): number {
  return rows.filter((row) => row.state === state).length;
}
