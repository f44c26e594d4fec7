import { Problems } from "../../lib/problems.ts";
import { IPV6_ANNOTATION, SIDECAR_VARIABLES, UDP_ANNOTATION } from "../annotation-keys.ts";
import type { Finding } from "../finding.ts";
import type { ProtectionTexts } from "../protection.ts";
import { collectSidecarTexts, type ParsedSidecar, parseSidecarTexts } from "../sidecar-texts.ts";

/** What a sidecar is told. */
export interface SidecarSettings extends ParsedSidecar {
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
  const flags = new Map<string, string>([
    ...(chosen.ipv6 === undefined ? [] : [[IPV6_ANNOTATION, "--ipv6"] as const]),
    ...(chosen.udp === undefined ? [] : [[UDP_ANNOTATION, "--udp"] as const]),
  ]);
  const problems = new Problems();
  const report = ({ severity, code, annotation, entry, message, hint }: Finding): void => {
    const variable = Object.entries(SIDECAR_VARIABLES).find(([name]) => name === annotation)?.[1] ?? annotation;
    const source = flags.get(annotation) ?? variable;
    const problem = { code, message: `${source}: ${entry === undefined ? "" : `entry ${entry}: `}${message}`, hint };
    if (severity === "error") problems.error(problem);
    else if (severity === "warning") problems.warn(problem);
  };
  const told = collectSidecarTexts((annotation) => env[SIDECAR_VARIABLES[annotation]] || undefined);
  const texts = { ...told, ipv6: chosen.ipv6 ?? told.ipv6, udp: chosen.udp ?? told.udp };
  const parsed = parseSidecarTexts(texts, report);
  problems.throwIfAny("Cannot start the sidecar");
  return { ...parsed, warnings: problems.warnings };
}
