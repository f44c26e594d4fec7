import type { Path } from "../../kubernetes/path.ts";
import type { CheckGuide } from "./check-guide.ts";
import { CONTAINER_GUIDES } from "./container-guides.ts";
import { FEATURE_CHECKS, PROCESS_CHECKS, REQUEST_GUIDES } from "./request-guides.ts";

/** Names of all checks, those of a container first, in the order in which a refusal is told. */
export const CHECK_NAMES: readonly string[] = [...Object.keys(CONTAINER_GUIDES), ...Object.keys(REQUEST_GUIDES)];

/** Whether the rules have a check of this name. */
export function isCheck(name: string): boolean {
  return Object.hasOwn(CONTAINER_GUIDES, name) || Object.hasOwn(REQUEST_GUIDES, name);
}

/** Names of the checks that requests of a kind have to pass whatever came before; only of those about containers. */
export function checksOfKind(kind: string): readonly string[] {
  if (kind === "CreateContainerRequest") return [...Object.keys(CONTAINER_GUIDES), ...FEATURE_CHECKS];
  return kind === "ExecProcessRequest" ? [...PROCESS_CHECKS, "string_user", "apparmor_profile", "command"] : [];
}

/**
 * What people need to know about a check.
 *
 * @param kind of the request: a command in a container has its process in another place
 */
export function guideOf(check: string, kind: string): CheckGuide {
  const guide = ownGuide(CONTAINER_GUIDES, check) ?? ownGuide(REQUEST_GUIDES, check) ?? unknownGuide(check);
  if (check === "switched_off") return { ...guide, setting: `request_defaults.${kind}` };
  if (kind !== "ExecProcessRequest" || !PROCESS_CHECKS.has(check)) return guide;
  return { ...guide, reads: guide.reads.filter(isProcess).map((path) => ["process", ...path.slice(2)]) };
}

function ownGuide(guides: Readonly<Record<string, CheckGuide>>, check: string): CheckGuide | undefined {
  return Object.hasOwn(guides, check) ? guides[check] : undefined;
}

function isProcess(path: Path): boolean {
  return path[1] === "Process";
}

/** A check of another version of the rules. */
function unknownGuide(check: string): CheckGuide {
  return {
    title: check.replaceAll("_", " "),
    origin: "runtime",
    reads: [],
    remedy: "Use the version that made the policy.",
  };
}
