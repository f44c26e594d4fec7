import type { Room } from "./description.ts";

/** What a value with placeholders may be. */
export interface RoomAndNote {
  readonly room: Room;
  readonly note?: string;
}

/** What this program's rules accept for each placeholder. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ["sandbox-name", "the name of the pod"],
  ["sandbox-namespace", "the namespace of the pod"],
  ["host-name", "any host name"],
  ["node-name", "any node name"],
  ["pod-uid", "any UUID"],
  ["pod-ip", "any IP address"],
  ["pod-ips", "any IP addresses"],
  ["host-ip", "any IP address"],
  ["host-ips", "any IP addresses"],
  ["resource-field", "any number"],
  ["todo-annotation", "any text"],
  ["generated-name", "any name"],
  ["bundle-id", "the id that the runtime gives the container"],
  ["sandbox-id", "the id that the runtime gives the pod"],
  ["b64_device_id", "the address of the block device"],
]);

/** Placeholders that other rules compare with nothing. */
const ANYTHING_ELSEWHERE = new Set(["host-name", "node-name", "pod-uid", "resource-field", "todo-annotation"]);

/**
 * How much room a text of a policy leaves.
 *
 * @param isEmbeddedRules rules of others accept any value for most placeholders
 */
export function roomOf(text: string, isEmbeddedRules: boolean): RoomAndNote {
  const names = [...text.matchAll(/\$\(([A-Za-z0-9_-]{1,40})\)/g)].map(([, name = ""]) => name);
  const known = names.filter((name) => MEANINGS.has(name));
  if (known.length === 0) return { room: "fixed" };
  const anything = known.filter(
    (name) => name === "todo-annotation" || (!isEmbeddedRules && ANYTHING_ELSEWHERE.has(name)),
  );
  if (anything.length > 0) return { room: "any", note: "the host chooses the value freely" };
  const parts = [...new Set(known)].map((name) => `$(${name}) is ${MEANINGS.get(name) ?? ""}`);
  return { room: "pattern", note: parts.join(", ") };
}

/** Whether the host chooses a part of a text: identity of the pod and paths of the runtime are settled otherwise. */
export function isHostChosen(text: string): boolean {
  return /\$\((?:host-name|node-name|pod-uid|pod-ips?|host-ips?|resource-field|todo-annotation)\)/.test(text);
}
