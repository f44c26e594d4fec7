import type { Effect } from "./policy-change.ts";
import { standsFor } from "./stands-for.ts";

/** How the elements of a list are compared, whatever their order. */
export interface PartStrategy {
  /** What tells an element from others; the element itself unless it has a name of its own. */
  readonly nameOf: (element: string) => string;
  /** What a new element means; a lost one means the opposite. */
  readonly added: Effect;
}

const ALLOWED: PartStrategy = { nameOf: itself, added: "wider" };
const FORBIDDEN: PartStrategy = { nameOf: itself, added: "narrower" };

/** Lists by the end of their path; what is not named here is compared value by value. */
const SETS: readonly (readonly [RegExp, PartStrategy])[] = [
  [/\.Capabilities\.\w+$/, ALLOWED],
  [/(?:^|\.)(?:storages|devices|exec_commands|Devices)$/, ALLOWED],
  [/\.(?:MaskedPaths|ReadonlyPaths|Namespaces)$/, FORBIDDEN],
  [/\.AdditionalGids$/, ALLOWED],
  [/^common\.(?:default_caps|privileged_caps)$/, ALLOWED],
  [/^sandbox\.(?:storages|allowed_guest_hooks)$/, ALLOWED],
  [/^cluster_config\.cgroup_mount_extras_allowed$/, ALLOWED],
  [/^request_defaults\.CopyFileRequest$/, ALLOWED],
  [/^request_defaults\..*\.(?:allow_env_regex|allowed_commands|commands|regex|allowed_states)$/, ALLOWED],
  [/^request_defaults\..*\.forbidden_\w+$/, FORBIDDEN],
  [/\.Env$/, { nameOf: variableName, added: "wider" }],
  [/\.Mounts$/, { nameOf: destinationOf, added: "wider" }],
];

/** Members whose names mean something: a new one lets more through. */
const MAPS = /(?:^|\.)(?:Annotations|Sysctl|runtime_anno_patterns|dynamic_annotations)$/;

/** Switches, with the value that lets more through. */
const SWITCHES: readonly (readonly [RegExp, string])[] = [
  [/\.Process\.NoNewPrivileges$/, "false"],
  [/\.Root\.Readonly$/, "false"],
  [/^sandbox_pidns$/, "true"],
  [/^common\.check_oci_version$/, "false"],
  [/^common\.image_verification$/, "none"],
  [/^request_defaults\.\w+Request$/, "true"],
  [/\.Process\.User\.(?:UID|GID)$/, "0"],
];

/** How the elements of a list are compared; undefined where their order counts. */
export function strategyOf(path: string): PartStrategy | undefined {
  return SETS.find(([pattern]) => pattern.test(path))?.[1];
}

/** Whether the members of an object have names that somebody chose. */
export function isNamedMap(path: string): boolean {
  return MAPS.test(path);
}

/** What it means that one value took the place of another. */
export function effectOfValue(path: string, before: string | undefined, after: string | undefined): Effect {
  const open = SWITCHES.find(([pattern]) => pattern.test(path))?.[1];
  if (open !== undefined) {
    if (after === open) return "wider";
    return before === open ? "narrower" : "other";
  }
  if (path === "image") {
    if (after === undefined || (hasDigest(before) && !hasDigest(after))) return "wider";
    return before === undefined || after.startsWith(`${before}@sha256:`) ? "narrower" : "other";
  }
  if (path === "gpus") {
    // Without a bound there is none; what GPUs a policy newly admits, its patterns of annotations tell.
    if (before === undefined || after === undefined) return after === undefined ? "wider" : "other";
    return Number(after) > Number(before) ? "wider" : "narrower";
  }
  if (path.endsWith(".Mounts")) {
    const [was, is] = [isWritable(before), isWritable(after)];
    if (is && !was) return "wider";
    if (was && !is) return withoutAccess(before) === withoutAccess(after) ? "narrower" : "other";
  }
  // The namespace of a pod; without one any will do.
  if (path.endsWith('Annotations["io.kubernetes.cri.sandbox-namespace"]')) {
    return after === "" ? "wider" : before === "" ? "narrower" : "other";
  }
  return effectOfText(before, after);
}

/** Texts with placeholders or patterns leave the host a choice; of lists and objects nothing is known. */
function effectOfText(before: string | undefined, after: string | undefined): Effect {
  if (before === undefined || after === undefined) return "other";
  if ([before, after].some((text) => /^[{[]/.test(text) && !text.startsWith('{"destination"'))) return "other";
  const [was, is] = [isOpen(before), isOpen(after)];
  if (is && !was) return "wider";
  // A fixed value is less than a pattern only if it was allowed before.
  return was && !is && standsFor(before, after) ? "narrower" : "other";
}

/** Whether a text of a policy stands for more than one text. */
function isOpen(text: string): boolean {
  return /\$\([a-z0-9_-]+\)|^[\^]|\.\*|\[0-9/.test(text);
}

function isWritable(mount: string | undefined): boolean {
  return mount !== undefined && /"options":\[[^\]]*"rw"/.test(mount);
}

function withoutAccess(mount: string | undefined): string | undefined {
  return mount?.replace(/"(?:rw|ro)"/g, '""');
}

function hasDigest(reference: string | undefined): boolean {
  return reference !== undefined && /@sha256:[0-9a-f]{64}$/.test(reference);
}

function itself(element: string): string {
  return element;
}

function variableName(element: string): string {
  return element.split("=", 1)[0] ?? element;
}

/** Mounts are written as JSON, their destination first. */
function destinationOf(element: string): string {
  return /^\{"destination":"((?:[^"\\]|\\.)*)"/.exec(element)?.[1] ?? element;
}
