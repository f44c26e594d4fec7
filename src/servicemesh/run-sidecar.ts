import { VERSION } from "../lib/build-info.ts";
import { sha256Hex } from "../lib/digest.ts";
import { nodeDisk } from "../lib/disk.ts";
import { ContrastError } from "../lib/errors.ts";
import { kindOfPath, writeFileAtomically } from "../lib/files.ts";
import { findProgram } from "../lib/find-program.ts";
import type { Logger } from "../lib/log.ts";
import type { replaceProgram } from "../lib/replace-program.ts";
import type { runAttached } from "../lib/run-program.ts";
import type { MeshConfig } from "./mesh-config.ts";
import type { SidecarOptions, SidecarPlan } from "./sidecar-plan.ts";
import { sidecarPlan } from "./sidecar-plan.ts";
import { checkTlsFiles } from "./sidecar/check-tls-files.ts";
import { installRules, refuseConnections } from "./rules/install-rules.ts";
import type { PacketRule } from "./rules/packet-rules.ts";
import type { PodIpv6 } from "./sidecar/pod-ipv6.ts";

/** Where the sidecar finds and puts things. */
export interface SidecarPlaces {
  /** Name or path of Envoy. */
  readonly envoy: string;
  /** What stands behind our own words on Envoy's command line. */
  readonly envoyArgs: readonly string[];
  readonly configFile: string;
  /** Empty file that says that the rules are in place. */
  readonly readyFile: string;
  /** Directory of the lock of iptables, which it does not make itself. */
  readonly lockDirectory: string;
  /** False where somebody else installs them. */
  readonly installsRules: boolean;
}

/** What the sidecar uses of its surroundings. */
export interface SidecarMeans {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly ipv6: PodIpv6;
  /** Waits until the log has reached the system. */
  readonly flush: () => Promise<void>;
  readonly replaceProgram: typeof replaceProgram;
  readonly runAttached: typeof runAttached;
}

const PUBLIC_MODE = 0o644;

/**
 * Prepares a pod for the mesh and becomes Envoy. Everything that can be wrong is found before the rules are installed;
 * the marker is written after them and before Envoy listens, as in the original. Connections between the two are
 * dropped by the kernel, and their clients try again.
 *
 * @returns Envoy's exit status, where it could only be started as a child
 * @throws ContrastError `servicemesh/tls-file-missing`, `servicemesh/tls-file-invalid`, `servicemesh/envoy-missing`,
 *   `servicemesh/rules-failed`, `lib/file-unwritable`, `lib/program-failed`, those of `checkTlsFiles`
 * @see edgelesssys/contrast `service-mesh/main.go`
 */
export async function runSidecar(
  config: MeshConfig,
  options: SidecarOptions,
  places: SidecarPlaces,
  means: SidecarMeans,
): Promise<number> {
  const { env, log, signal } = means;
  log.info("Contrast service mesh", { version: VERSION });
  // A container that starts again in the same file system is not ready yet.
  if ((await kindOfPath(places.readyFile)) === "file") await nodeDisk.unlink(places.readyFile);
  const { bootstrap, rules } = possiblePlan(config, options, means);
  const envoy = await requireEnvoy(places.envoy, env);
  await checkTlsFiles(options.tlsDirectory, means.now(), log);

  const text = JSON.stringify(bootstrap);
  await writeFileAtomically(places.configFile, `${text}\n`, { mode: PUBLIC_MODE });
  log.info("configuration of Envoy written", { file: places.configFile, sha256: sha256Hex(text) });
  log.debug("configuration of Envoy", { json: text });
  if (places.installsRules) {
    await prepareLock(places, env);
    await installOrRefuse(rules, options, means);
    log.info("packet-filter rules installed", { rules: rules.length, ipv6: options.ipv6, udp: options.udp });
  }
  await writeFileAtomically(places.readyFile, "", { mode: PUBLIC_MODE });

  const args = ["-c", places.configFile, ...places.envoyArgs];
  log.info("starting Envoy", { path: envoy, args: args.join(" ") });
  await means.flush();
  signal.throwIfAborted();
  await means.replaceProgram({ path: envoy, args, env });
  log.warn("this system does not let a program be replaced: Envoy runs as a child");
  return await means.runAttached(envoy, args, { env, signal, forwarded: ["SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] });
}

/** Without all of its rules, a pod is not to be reached. */
async function installOrRefuse(
  rules: readonly PacketRule[],
  { udp }: SidecarOptions,
  { env, log, signal }: SidecarMeans,
): Promise<void> {
  try {
    await installRules(rules, { env, signal });
  } catch (error) {
    const families = new Set(rules.map(({ family }) => family));
    const closed = await refuseConnections(families, udp, env);
    const open = [...families].filter((family) => !closed.includes(family));
    const facts = { refused: closed.join(",") || "none", open: open.join(",") || "none" };
    if (open.length === 0) log.warn("new connections are refused until the rules can be installed", facts);
    else log.error("new connections could not be refused", facts);
    throw error;
  }
}

/** The plan without what a kernel that has no IPv6 cannot do; nothing can arrive there either. */
function possiblePlan(config: MeshConfig, options: SidecarOptions, { ipv6, log }: SidecarMeans): SidecarPlan {
  if (!ipv6.isThere) {
    log.info("this kernel has no IPv6");
    const { bootstrap, rules } = sidecarPlan(config, { ...options, ipv6: "ignore" });
    return { bootstrap, rules: rules.filter(({ family }) => family === "ipv4") };
  }
  if (options.ipv6 === "ignore" && ipv6.reachable.length > 0) {
    log.warn("connections over IPv6 are not protected: they reach the application without TLS", {
      addresses: ipv6.reachable.length,
      remedy: "CONTRAST_MESH_IPV6=protect or refuse",
    });
  }
  return sidecarPlan(config, options);
}

async function requireEnvoy(name: string, env: SidecarMeans["env"]): Promise<string> {
  const found = await findProgram(name, env["PATH"] ?? "");
  if (found !== undefined) return found;
  throw new ContrastError("servicemesh/envoy-missing", `Cannot start the sidecar: no program "${name}"`, {
    hint: "Put Envoy into a directory of PATH, or name it with --envoy.",
  });
}

/** Images without a shell have no `/run`; where it cannot be made, iptables says so itself. */
async function prepareLock({ lockDirectory }: SidecarPlaces, env: SidecarMeans["env"]): Promise<void> {
  if (env["XTABLES_LOCKFILE"] === undefined) await nodeDisk.makeDirectory(lockDirectory).catch(() => false);
}
