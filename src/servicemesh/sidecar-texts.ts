import { isValueMap, type ValueMap } from "../kubernetes/value.ts";
import { listAt, textAt } from "../kubernetes/value-reader.ts";
import {
  ADMIN_PORT_ANNOTATION,
  EGRESS_ANNOTATION,
  INGRESS_ANNOTATION,
  IPV6_ANNOTATION,
  SIDECAR_VARIABLES,
  UDP_ANNOTATION,
} from "./annotation-keys.ts";
import type { Report } from "./finding.ts";
import { type MeshAnnotations, type MeshConfig, parseMeshConfig } from "./mesh-config.ts";
import { parseProtection, type Protection, type ProtectionTexts } from "./protection.ts";

/** Everything that a sidecar is told, as text; undefined where a text is absent. */
export interface SidecarTexts extends MeshAnnotations, ProtectionTexts {}

/** One of the annotations that a sidecar is told. */
type SidecarAnnotation = keyof typeof SIDECAR_VARIABLES;

/** Every setting with its annotation, in the order of a sidecar's variables. */
const SETTINGS = [
  ["adminPort", ADMIN_PORT_ANNOTATION],
  ["ingress", INGRESS_ANNOTATION],
  ["egress", EGRESS_ANNOTATION],
  ["ipv6", IPV6_ANNOTATION],
  ["udp", UDP_ANNOTATION],
] as const satisfies readonly (readonly [keyof SidecarTexts, SidecarAnnotation])[];

/** What a sidecar is told, understood. */
export interface ParsedSidecar {
  /** Entries with errors are left out. */
  readonly config: MeshConfig;
  readonly protection: Protection;
}

/** Collects the texts from wherever each of the annotations, or what stands for it, is found. */
export function collectSidecarTexts(textOf: (annotation: SidecarAnnotation) => string | undefined): SidecarTexts {
  const [adminPort, ingress, egress, ipv6, udp] = SETTINGS.map(([, annotation]) => textOf(annotation));
  return { adminPort, ingress, egress, ipv6, udp };
}

/** Names of the settings that two sidecars are told differently; an empty text and an absent one are the same. */
export function differingSettings(one: SidecarTexts, other: SidecarTexts): readonly (keyof SidecarTexts)[] {
  return SETTINGS.map(([setting]) => setting).filter((setting) => (one[setting] ?? "") !== (other[setting] ?? ""));
}

/** The variables of a sidecar's container; an empty text needs none. */
export function sidecarVariables(texts: SidecarTexts): readonly { readonly name: string; readonly value: string }[] {
  return SETTINGS.flatMap(([setting, annotation]) => {
    const value = texts[setting] ?? "";
    return value === "" ? [] : [{ name: SIDECAR_VARIABLES[annotation], value }];
  });
}

/**
 * The texts in the variables of a sidecar's container. An empty one is absent, as the sidecar reads it; of two with one
 * name the later counts, as the kubelet takes them.
 */
export function sidecarVariableTexts(container: ValueMap): SidecarTexts {
  const variables = listAt(container, "env").filter((entry) => isValueMap(entry));
  return collectSidecarTexts((annotation) => {
    const entry = variables.findLast((each) => textAt(each, "name") === SIDECAR_VARIABLES[annotation]);
    return entry === undefined ? undefined : textAt(entry, "value") || undefined;
  });
}

/**
 * Reads the texts together: which remotes can be reached depends on how far IPv6 is protected.
 *
 * @param report receives every finding of `parseProtection()` and `parseMeshConfig()`
 */
export function parseSidecarTexts(texts: SidecarTexts, report: Report): ParsedSidecar {
  const protection = parseProtection(texts, report);
  return { config: parseMeshConfig(texts, report, protection.ipv6), protection };
}
