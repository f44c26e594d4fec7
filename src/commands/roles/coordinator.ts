import { dirname } from "node:path";
import { createCollateralGatherer, SERVED_CHIP_REQUESTS } from "../../attestation/collateral/create-gatherer.ts";
import { createMemoryCache } from "../../attestation/collateral/memory-cache.ts";
import { type History, openHistory } from "../../coordinator/history/history.ts";
import { checkPorts, type ListenAddress, parseListenAddress, parsePort } from "../../coordinator/listen-address.ts";
import { createMetrics } from "../../coordinator/metrics.ts";
import { requestLimits } from "../../coordinator/request-limits.ts";
import { type CoordinatorAddresses, startCoordinator } from "../../coordinator/start-coordinator.ts";
import { nodeDisk } from "../../lib/disk.ts";
import { messageChainOf } from "../../lib/errors.ts";
import { isWritableDirectory } from "../../lib/files.ts";
import type { Logger } from "../../lib/log.ts";
import { memoryLimit } from "../../lib/memory-limit.ts";
import { untilAborted } from "../../lib/until-aborted.ts";
import { inMebibytes } from "../../proto/message-limits.ts";
import type { CommandImplementation, ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { collateralOptionsOf } from "../collateral-options.ts";
import { MAX_REQUEST_FLAG, MAX_REQUEST_VARIABLE, parseRequestMebibytes } from "../max-request-flag.ts";
import { issuerOptionsOf } from "../issuer-options.ts";
import { requireOwnClock, requireSimulatedGuest } from "./role-collateral-flags.ts";
import { createRoleLog, type RoleLog } from "./role-log.ts";

/** Without it, a history would be lost with the container, which is what tests and other volumes want. */
const NO_DEVICE =
  "Attach the volume to the pod; for a state directory on another volume, give --state-device= without a value.";

/** Kubernetes kills after 30 s. */
const GRACE_MS = 20_000;

/** `contrast coordinator`; its definition is in `coordinator-definition.ts`. */
export const coordinatorCommand: CommandImplementation = {
  async run({ flags }, io) {
    const roleLog = createRoleLog(flags, io);
    const { log } = roleLog;
    log.info("Coordinator started");
    try {
      await runCoordinator(flags, { ...io, log }, roleLog);
    } catch (error) {
      log.error("Coordinator terminated after failure", { error: messageChainOf(error) });
      throw error;
    }
  },
};

async function runCoordinator(flags: ParsedFlags, io: Io, { group, subsystem }: RoleLog): Promise<void> {
  const { env, log, now, signal } = io;
  const addresses = addressesOf(flags, io);
  requireOwnClock(flags);
  const maxRequest = requestMebibytes(flags, io);
  const collateral = await collateralOptionsOf(flags, { ...io, log: subsystem("kds-getter") });
  const { roots, sources } = collateral;
  requireSimulatedGuest(flags, roots);
  // What is kept between runs could be withheld from a confidential VM or replaced; a day's copy is asked for again.
  const gather = createCollateralGatherer({
    files: sources.files,
    fetch: sources.fetch,
    cache: createMemoryCache({ now }),
    now,
    log: subsystem("kds-getter"),
    chipRequests: SERVED_CHIP_REQUESTS,
  });
  const stateDirectory = option(flags, io, "state-dir", "CONTRAST_STATE_DIR");
  const device = option(flags, io, "state-device", "CONTRAST_STATE_DEVICE");
  if (device !== "") {
    const { prepareExt4Volume } = await import("../../lib/ext4-volume.ts");
    await prepareExt4Volume({ device, absentHint: NO_DEVICE, mountPoint: dirname(stateDirectory), env, signal, log });
  }
  const memoryBytes = await memoryLimit();
  const limits = requestLimits(maxRequest, memoryBytes);
  const metrics = createMetrics();
  const history = await openHistory(stateDirectory, nodeDisk);
  const issuer = await issuerOptionsOf(flags, io, { ...collateral, gather });
  log.info("evidence comes from this machine", { tee: issuer.tee, source: issuer.source });
  const coordinator = await startCoordinator({
    addresses,
    history,
    issuer,
    roots,
    gather,
    at: now,
    metrics,
    metricsWithProbes: env["CONTRAST_METRICS"] !== undefined,
    now,
    log,
    groupLog: group,
    validatorLog: subsystem("validator"),
    requestLimits: limits,
  });
  const { userApi, meshApi, http } = coordinator.ports;
  const taken = { request: inMebibytes(limits.requestBytes), history: inMebibytes(limits.answerBytes) };
  log.info("manifests are taken up to a size", taken);
  if (limits.requestBytes < maxRequest * 1024 * 1024) {
    log.warn("there is not enough memory for larger requests", {
      wanted: `${maxRequest} MiB`,
      memory: inMebibytes(memoryBytes),
    });
  }
  log.info("Coordinator is listening", { userApi, meshApi, http: http.join(",") || undefined });
  await logState(history, stateDirectory, log);
  await untilAborted(signal);
  log.info("Coordinator is stopping");
  await coordinator.stop(GRACE_MS);
  log.info("Coordinator stopped");
}

/** Whoever reads the log finds what the Coordinator waits for. */
async function logState(history: History, directory: string, log: Logger): Promise<void> {
  if (!(await isWritableDirectory(directory))) {
    log.error("the state directory cannot be written, so no manifest can be set", { directory });
  }
  try {
    const isEmpty = (await history.latest()) === undefined;
    if (isEmpty) log.info("waiting for the first manifest", { command: "contrast set" });
    else
      log.warn("waiting for recovery: there is a history, and nobody has given its seed", {
        command: "contrast recover",
      });
  } catch (error) {
    log.error("the history cannot be read", { error: messageChainOf(error) });
  }
}

function addressesOf(flags: ParsedFlags, io: Io): CoordinatorAddresses {
  const address = (flag: string, variable: string): ListenAddress | undefined => {
    const text = option(flags, io, flag, variable);
    return text === "" ? undefined : parseListenAddress(text, `--${flag}`);
  };
  const required = (flag: string, variable: string): ListenAddress =>
    parseListenAddress(option(flags, io, flag, variable), `--${flag}`);
  const addresses = {
    userApi: required("user-api-addr", "CONTRAST_USER_API_ADDR"),
    meshApi: required("mesh-api-addr", "CONTRAST_MESH_API_ADDR"),
    metrics: address("metrics-addr", "CONTRAST_METRICS_ADDR") ?? metricsPort(io),
    probes: address("probe-addr", "CONTRAST_PROBE_ADDR"),
  };
  const { userApi, meshApi, metrics, probes } = addresses;
  checkPorts({ "user API": userApi, "mesh API": meshApi, metrics, probes });
  return addresses;
}

/** As version 1.4 has it: on all interfaces. */
function metricsPort({ env }: Io): ListenAddress | undefined {
  const port = env["CONTRAST_METRICS_PORT"] ?? "";
  return port === "" ? undefined : { host: "0.0.0.0", port: parsePort(port, "CONTRAST_METRICS_PORT") };
}

function requestMebibytes(flags: ParsedFlags, io: Io): number {
  const { name } = MAX_REQUEST_FLAG;
  return parseRequestMebibytes(option(flags, io, name, MAX_REQUEST_VARIABLE), `--${name}`);
}

/** The flag where it is given, else the environment variable, else the default of the flag. */
function option(flags: ParsedFlags, { env }: Io, flag: string, variable: string): string {
  return flags.isSet(flag) ? flags.string(flag) : (env[variable] ?? flags.string(flag));
}
