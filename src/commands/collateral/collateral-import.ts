import { type ImportedItem, importItems } from "../../attestation/collateral/import-items.ts";
import { readCollateralFile } from "../../attestation/collateral/read-collateral-file.ts";
import { inspectCollateral } from "../../attestation/inspect-collateral.ts";
import { ContrastError } from "../../lib/errors.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { openUserCache } from "../collateral-options.ts";
import { heldRow, renderRows, rowJson } from "./collateral-row.ts";
import { cacheUnwritable, requireDirectory } from "./require-cache.ts";
import { type TrustOptions, trustOptionsOf } from "../trust-options.ts";

const ACTION = "Cannot import collateral";

const OUTCOMES: Readonly<Record<ImportedItem["outcome"], string>> = {
  stored: "stored",
  same: "already there",
  "kept-newer": "kept a newer one",
  refused: "refused",
  "not-stored": "could not be written",
};

/** `contrast collateral import`; its definition is in `collateral-definition.ts`. */
export const collateralImportCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    const trust = await trustOptionsOf(flags, io);
    const { cache, directory } = openUserCache(io, trust.roots);
    const place = requireDirectory(directory, ACTION);
    const items = (await Promise.all(positionals.map(readCollateralFile))).flat();
    const imported = await importItems(items, cache, inspectCollateral(trust.roots), trust.at);
    if (io.format === "json") printJson(imported, trust, place, io);
    else printText(imported, io);
    if (count(imported, "not-stored") > 0) throw cacheUnwritable(place, ACTION);
    const refused = count(imported, "refused");
    if (refused > 0) {
      throw new ContrastError(
        "attestation/import-refused",
        `${ACTION}: ${refused} of ${imported.length} pieces are not what the vendors signed; the others were taken`,
        { details: { refused } },
      );
    }
  },
};

function printText(imported: readonly ImportedItem[], io: Io): void {
  for (const { held, outcome } of imported) {
    for (const line of renderRows([heldRow(held)], io.now())) io.out(line);
    io.out(`               ${OUTCOMES[outcome]}`);
  }
  io.out(`${count(imported, "stored")} of ${imported.length} pieces stored`);
}

function printJson(imported: readonly ImportedItem[], { at, roots }: TrustOptions, directory: string, io: Io): void {
  const ok = count(imported, "refused") + count(imported, "not-stored") === 0;
  const insecure = roots.insecure ? { insecure: true } : {};
  const collateral = imported.map(({ held, outcome }) => ({ outcome, ...rowJson(heldRow(held)) }));
  io.out(resultJson("collateral-import", { ok, ...insecure, at, cacheDirectory: directory, collateral }));
}

function count(imported: readonly ImportedItem[], outcome: ImportedItem["outcome"]): number {
  return imported.filter((item) => item.outcome === outcome).length;
}
