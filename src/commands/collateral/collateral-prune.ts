import { collateralUrl } from "../../attestation/collateral/collateral-url.ts";
import { planPrune } from "../../attestation/collateral/prune-cache.ts";
import { inspectCollateral } from "../../attestation/inspect-collateral.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { neededCollateral } from "./collateral-needs.ts";
import { openUserCache } from "../collateral-options.ts";
import { requireDirectory } from "./require-cache.ts";
import { trustOptionsOf } from "../trust-options.ts";

/** `contrast collateral prune`; its definition is in `collateral-definition.ts`. */
export const collateralPruneCommand: CommandImplementation = {
  async run({ flags }, io) {
    const trust = await trustOptionsOf(flags, io);
    const { cache, directory } = openUserCache(io, trust.roots);
    const place = requireDirectory(directory, "Cannot prune the cache");
    const needed = await neededCollateral(flags, [], trust, io);
    const entries = await planPrune(cache, {
      inspect: inspectCollateral(trust.roots),
      at: trust.at,
      now: io.now(),
      needed: needed && new Set(needed.map(({ need }) => collateralUrl(need))),
      all: flags.boolean("all"),
    });
    const dryRun = flags.boolean("dry-run");
    if (!dryRun) for (const { remove } of entries) await remove();
    const removed = entries.map(({ name, reason }) => ({ name, reason }));
    if (io.format === "json") {
      io.out(resultJson("collateral-prune", { dryRun, cacheDirectory: place, removed }));
      return;
    }
    for (const { name, reason } of removed) io.out(`${reason.padEnd(12)}${name}`);
    io.out(`${dryRun ? "Would remove" : "Removed"} ${removed.length} from ${place}`);
  },
};
