import { Problems } from "../../lib/problems.ts";
import {
  ADMIN_PORT_ANNOTATION,
  EGRESS_ANNOTATION,
  INGRESS_ANNOTATION,
  IPV6_ANNOTATION,
  SIDECAR_VARIABLES,
  UDP_ANNOTATION,
} from "../annotation-keys.ts";
import type { Finding } from "../finding.ts";
import type { MeshConfig } from "../mesh-config.ts";
import { parseMeshConfig } from "../mesh-config.ts";
import type { Protection, ProtectionTexts } from "../protection.ts";
import { parseProtection } from "../protection.ts";

/** What a sidecar is told. */
export interface SidecarSettings {
  readonly config: MeshConfig;
  readonly protection: Protection;
  readonly warnings: Problems["warnings"];
}

/**
 * Reads the variables of `SIDECAR_VARIABLES`, which hold the text of the annotations; an empty one is absent.
 *
 * @param chosen what flags say, which wins
 * @throws ProblemsError with every error in every variable and flag, under the name of what said it
 */
export function readSidecarSettings(
  env: Readonly<Record<string, string | undefined>>,
  chosen: Partial<ProtectionTexts> = {},
): SidecarSettings {
  const textOf = (annotation: keyof typeof SIDECAR_VARIABLES): string | undefined =>
    env[SIDECAR_VARIABLES[annotation]] || undefined;
  const flags = new Map<string, string>([
    ...(chosen.ipv6 === undefined ? [] : [[IPV6_ANNOTATION, "--ipv6"] as const]),
    ...(chosen.udp === undefined ? [] : [[UDP_ANNOTATION, "--udp"] as const]),
  ]);
  const problems = new Problems();
  const report = ({ level, code, annotation, entry, message, hint }: Finding): void => {
    const variable = Object.entries(SIDECAR_VARIABLES).find(([name]) => name === annotation)?.[1] ?? annotation;
    const source = flags.get(annotation) ?? variable;
    const problem = { code, message: `${source}: ${entry === undefined ? "" : `entry ${entry}: `}${message}`, hint };
    if (level === "error") problems.error(problem);
    else if (level === "warning") problems.warn(problem);
  };
  const texts = { ipv6: chosen.ipv6 ?? textOf(IPV6_ANNOTATION), udp: chosen.udp ?? textOf(UDP_ANNOTATION) };
  const protection = parseProtection(texts, report);
  const annotations = {
    adminPort: textOf(ADMIN_PORT_ANNOTATION),
    ingress: textOf(INGRESS_ANNOTATION),
    egress: textOf(EGRESS_ANNOTATION),
  };
  const config = parseMeshConfig(annotations, report, protection.ipv6);
  problems.throwIfAny("Cannot start the sidecar");
  return { config, protection, warnings: problems.warnings };
}
