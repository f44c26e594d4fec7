import { bestCopies } from "../../attestation/collateral/best-copy.ts";
import { encodeBundle } from "../../attestation/collateral/bundle-write.ts";
import { judgeHeld } from "../../attestation/collateral/judge-held.ts";
import { inspectCollateral } from "../../attestation/inspect-collateral.ts";
import { VERSION } from "../../lib/build-info.ts";
import { sha256Hex } from "../../lib/digest.ts";
import { writeFileAtomically } from "../../lib/files.ts";
import { renderInstant } from "../../lib/instant.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { neededCollateral } from "./collateral-needs.ts";
import { type CollateralOptions, collateralOptionsOf } from "../collateral-options.ts";
import { earliestEnd, heldRow, isServed, renderRows, rowJson } from "./collateral-row.ts";
import { type GatheredNeeds, gatherNeeded, nothingNeeded, requireValid } from "./gather-needed.ts";
import { warnOfMissingMachines } from "./machine-warning.ts";

const ACTION = "Cannot export collateral";

/** `contrast collateral export`; its definition is in `collateral-definition.ts`. */
export const collateralExportCommand: CommandImplementation = {
  async run({ flags, positionals: [path = ""] }, io) {
    const options = await collateralOptionsOf(flags, io);
    const needed = await neededCollateral(flags, [], options, io);
    const { rows, held } = needed === undefined ? await everything(options) : await gatherNeeded(needed, options, io);
    if (rows.length === 0) throw nothingNeeded(ACTION);
    if (!rows.every(isServed)) {
      for (const line of renderRows(rows, io.now())) io.err(line);
      requireValid(rows, ACTION);
    }
    warnOfMissingMachines(flags, rows, io);
    const valid = held.filter(({ state }) => state === "valid");
    const bundle = encodeBundle(valid, `contrast ${VERSION}`);
    await writeFileAtomically(path, bundle);
    tell({ rows, held: valid }, bundle, path, options, io);
  },
};

/** All that is valid in the cache and in files. */
async function everything({ at, roots, sources }: CollateralOptions): Promise<GatheredNeeds> {
  const inspect = inspectCollateral(roots);
  const { items } = await sources.cache.list();
  const judged = [...sources.files, ...items].map((item) => judgeHeld(item, inspect, at));
  const held = bestCopies(judged).filter(({ state }) => state === "valid");
  return { held, rows: held.map((copy) => heldRow(copy)) };
}

function tell(
  { rows, held }: GatheredNeeds,
  bundle: Uint8Array,
  path: string,
  { at, roots }: CollateralOptions,
  io: Io,
): void {
  const end = earliestEnd(rows);
  const sha256 = sha256Hex(bundle);
  if (io.format === "json") {
    const insecure = roots.insecure ? { insecure: true } : {};
    const collateral = rows.map(rowJson);
    io.out(resultJson("collateral-export", { ...insecure, path, sha256, at, earliestExpiry: end, collateral }));
    return;
  }
  for (const line of renderRows(rows, io.now())) io.out(line);
  io.out(`✔️ Wrote ${held.length} pieces to ${path} (SHA-256 ${sha256})`);
  if (end !== undefined) io.out(`  The first of them expires ${renderInstant(end)}`);
}
