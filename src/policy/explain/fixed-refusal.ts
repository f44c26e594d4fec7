import type { PolicyView } from "../policy-view.ts";

/** Kinds of requests whose answer depends on what they hold. */
const CHECKED_KINDS: ReadonlySet<string> = new Set([
  "AddARPNeighborsRequest",
  "CopyFileRequest",
  "CreateContainerRequest",
  "CreateSandboxRequest",
  "ExecProcessRequest",
  "UpdateInterfaceRequest",
  "UpdateRoutesRequest",
]);

/**
 * Names for the refusal of a request whose answer nothing in it changes; none for other kinds.
 *
 * @param view the data of a policy with this program's rules
 */
export function fixedRefusal(kind: string, view: PolicyView | undefined): readonly string[] {
  if (CHECKED_KINDS.has(kind) || !kind.endsWith("Request")) return [];
  return [view?.requests.switches.get(kind) === false ? "switched_off" : "never_allowed"];
}
