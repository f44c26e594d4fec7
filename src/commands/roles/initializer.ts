import { createCollateralGatherer } from "../../attestation/collateral/create-gatherer.ts";
import { createMemoryCache } from "../../attestation/collateral/memory-cache.ts";
import { nodeDisk } from "../../lib/disk.ts";
import { sleep } from "../../lib/sleep.ts";
import { parseCoordinatorHost } from "../../initializer/coordinator-host.ts";
import { runInitializer } from "../../initializer/run-initializer.ts";
import { dialMeshApi } from "../../rpc/dial-mesh-api.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { collateralOptionsOf } from "../collateral-options.ts";
import { issuerOptionsOf } from "../issuer-options.ts";
import { secondsFlag } from "../seconds-flag.ts";
import { requireOwnClock } from "./role-collateral-flags.ts";
import { createRoleLog } from "./role-log.ts";

/** `contrast initializer`; its definition is in `initializer-definition.ts`. */
export const initializerCommand: CommandImplementation = {
  async run({ flags }, io) {
    const endpoint = parseCoordinatorHost(io.env["COORDINATOR_HOST"] ?? "");
    requireOwnClock(flags);
    const pauseMs = secondsFlag(flags, "retry-interval");
    const { log, subsystem } = createRoleLog(flags, io);
    const { now, signal } = io;
    const { sources, ...collateral } = await collateralOptionsOf(flags, io);
    // Nothing is kept between runs: whoever can change what a confidential VM finds at its start could replace it.
    const gather = createCollateralGatherer({
      files: sources.files,
      fetch: sources.fetch,
      cache: createMemoryCache({ now }),
      now,
      log: subsystem("kds-getter"),
    });
    const issuer = await issuerOptionsOf(flags, { ...io, log }, { ...collateral, gather });
    const written = await runInitializer(
      { endpoint, issuer, outputDirectory: flags.string("output-dir"), pauseMs },
      { dial: dialMeshApi, disk: nodeDisk, now, sleep, log, signal },
    );
    if (io.format === "json") io.out(resultJson("initializer", { written }));
    else io.out(`✔️ Certificates written to ${flags.string("output-dir")}`);
  },
};
