import type { CollateralCache } from "../../attestation/collateral/collateral-cache.ts";
import { isCertificateNeed } from "../../attestation/collateral/describe-need.ts";
import { ContrastError } from "../../lib/errors.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { type NeededCollateral, neededCollateral } from "./collateral-needs.ts";
import { collateralOptionsOf } from "../collateral-options.ts";
import { type CollateralRow, isServed, renderRows, rowJson } from "./collateral-row.ts";
import { gatherNeeded, nothingNeeded, requireValid } from "./gather-needed.ts";
import { requireDirectory, requireKept } from "./require-cache.ts";
import { warnOfMissingMachines } from "./machine-warning.ts";

const ACTION = "Cannot fetch collateral";

/** `contrast collateral fetch`; its definition is in `collateral-definition.ts`. */
export const collateralFetchCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    const options = await collateralOptionsOf(flags, io);
    const { roots, sources, at } = options;
    if (options.offline) {
      throw new ContrastError("lib/offline", `${ACTION}: --offline allows no request`, {
        hint: 'See what is at hand with "contrast collateral list".',
      });
    }
    const directory = requireDirectory(sources.directory, ACTION);
    const asked = await neededCollateral(flags, positionals, options, io);
    const needed = asked ?? (await refreshable(sources.cache));
    if (needed.length === 0) throw nothingNeeded(ACTION);
    const { rows, held } = await gatherNeeded(needed, options, io);
    const ok = rows.every(isServed);
    if (io.format === "json") {
      const insecure = roots.insecure ? { insecure: true } : {};
      io.out(
        resultJson("collateral-fetch", {
          ok,
          ...insecure,
          at,
          cacheDirectory: directory,
          collateral: rows.map(rowJson),
        }),
      );
    } else {
      for (const line of renderRows(rows, io.now())) io.out(line);
    }
    warnOfMissingMachines(flags, rows, io);
    requireValid(rows, ACTION);
    await requireKept(held, sources.cache, directory, ACTION);
    if (io.format === "text") io.out(summary(rows));
  },
};

function summary(rows: readonly CollateralRow[]): string {
  return rows.every(({ state }) => state === "valid")
    ? `✔️ All ${rows.length} pieces are valid`
    : "✔️ All pieces that contrast needs are valid; chains of AMD are for other programs";
}

/** What of the cache is replaced from time to time. */
async function refreshable(cache: CollateralCache): Promise<readonly NeededCollateral[]> {
  const { items } = await cache.list();
  return items.filter(({ need }) => !isCertificateNeed(need)).map(({ need }) => ({ need, neededBy: ["the cache"] }));
}
