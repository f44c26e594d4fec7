import { replaceProgram } from "../../lib/replace-program.ts";
import { runAttached } from "../../lib/run-program.ts";
import { readPodIpv6 } from "../../servicemesh/sidecar/pod-ipv6.ts";
import { readSidecarSettings } from "../../servicemesh/sidecar/read-settings.ts";
import { runSidecar } from "../../servicemesh/run-sidecar.ts";
import { sidecarPlan } from "../../servicemesh/sidecar-plan.ts";
import type { CommandImplementation, ParsedFlags } from "../../terminal/command-definition.ts";
import { planRequest, printSidecarPlan } from "./print-sidecar-plan.ts";
import { createRoleLog } from "./role-log.ts";

/** `contrast service-mesh`; its definition is in `service-mesh-definition.ts`. */
export const serviceMeshCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    const { env, flush, now, signal } = io;
    const { log } = createRoleLog(flags, io);
    const chosen = (flag: string): string | undefined => (flags.isSet(flag) ? flags.string(flag) : undefined);
    const { config, protection, warnings } = readSidecarSettings(env, { ipv6: chosen("ipv6"), udp: chosen("udp") });
    for (const { message, code } of warnings) log.warn(message, { code });
    const tlsDirectory = flags.string("tls-dir").replace(/(?<=.)\/+$/, "");
    const options = { ...protection, tlsDirectory };
    const request = planRequest(flags);
    if (request !== undefined) {
      printSidecarPlan(sidecarPlan(config, options), request, io);
      return undefined;
    }
    log.debug("told by the environment", {
      ingress: config.ingress.length,
      egress: config.egress.length,
      adminPort: config.adminPort,
    });
    const places = {
      envoy: flags.string("envoy"),
      envoyArgs: [...envoyLogLevel(flags), ...positionals],
      configFile: flags.string("config-file"),
      readyFile: flags.string("ready-file"),
      lockDirectory: "/run",
      installsRules: !flags.boolean("no-iptables"),
    };
    const ipv6 = await readPodIpv6();
    return await runSidecar(config, options, places, {
      env,
      log,
      now,
      signal,
      flush,
      ipv6,
      replaceProgram,
      runAttached,
    });
  },
};

function envoyLogLevel(flags: ParsedFlags): readonly string[] {
  return flags.isSet("envoy-log-level") ? ["-l", flags.string("envoy-log-level")] : [];
}
