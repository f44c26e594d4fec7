import type { ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import type { CollateralRow } from "./collateral-row.ts";

/**
 * Warns where collateral was asked for by a manifest alone, which names no machine: without the VCEK or TCB info of each
 * machine, a terminal without network could verify none of them.
 */
export function warnOfMissingMachines(flags: ParsedFlags, rows: readonly CollateralRow[], io: Io): void {
  if (!flags.isSet("manifest") || ["evidence", "coordinator"].some((name) => flags.isSet(name))) return;
  const asked = rows.filter(({ neededBy }) => neededBy.length > 0);
  const isOfMachine = asked.some(({ need }) => need.kind === "amd-vcek" || need.kind === "intel-tcb-info");
  if (isOfMachine) return;
  io.err(
    "Warning: a manifest names no machine, so the VCEK or TCB info that each machine needs is not among these. " +
      "Name the machines with --coordinator HOST:PORT or --evidence FILE.",
  );
}
