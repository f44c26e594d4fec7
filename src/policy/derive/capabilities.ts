import type { PolicyCapabilities } from "../policy-data.ts";
import type { Settings } from "../settings.ts";

/** What a container asks for in `securityContext`. */
export interface CapabilityRequest {
  readonly privileged: boolean;
  readonly add: readonly string[];
  readonly drop: readonly string[];
}

/**
 * Derives the capability sets. Names are taken as the container runtime takes them: with or without `CAP_`, in any
 * letter case, and `ALL` for the whole list. `ALL` is applied first, in `add` and then in `drop`; single names follow.
 *
 * @returns sets that equal a list of the settings are written as its token
 * @see containerd `pkg/cri/opts`, `WithCapabilities`
 */
export function deriveCapabilities(request: CapabilityRequest, common: Settings["common"]): PolicyCapabilities {
  const add = request.add.map(normalName);
  const drop = request.drop.map(normalName);
  const granted = new Set(request.privileged || add.includes(ALL) ? common.privileged_caps : common.default_caps);
  if (drop.includes(ALL)) granted.clear();
  for (const name of add) if (name !== ALL) granted.add(name);
  for (const name of drop) granted.delete(name);
  const sets = abbreviated([...granted], common);
  return { Ambient: NONE, Bounding: sets, Effective: sets, Inheritable: NONE, Permitted: sets };
}

const ALL = "ALL";
const NONE: readonly string[] = Object.freeze([]);
const DEFAULT_TOKEN: readonly string[] = Object.freeze(["$(default_caps)"]);
const PRIVILEGED_TOKEN: readonly string[] = Object.freeze(["$(privileged_caps)"]);

function normalName(name: string): string {
  const upper = name.toUpperCase();
  return upper === ALL || upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
}

function abbreviated(names: readonly string[], common: Settings["common"]): readonly string[] {
  if (equalLists(names, common.default_caps)) return DEFAULT_TOKEN;
  if (equalLists(names, common.privileged_caps)) return PRIVILEGED_TOKEN;
  return names;
}

function equalLists(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}
