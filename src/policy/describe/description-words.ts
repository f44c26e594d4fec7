import type { Place } from "../../lib/problems.ts";
import type { ContainerDescription, ContainerRole, Origin, PolicyDescription } from "./description.ts";

const SOURCES: Readonly<Record<Origin["source"], string>> = {
  yaml: "YAML",
  image: "image",
  runtime: "runtime",
  settings: "settings",
  contrast: "contrast",
  unknown: "not known",
};

const ROLES: Readonly<Record<ContainerRole, string>> = {
  sandbox: "holds the pod together",
  init: "init container",
  sidecar: "sidecar: an init container that keeps running",
  container: "container",
  unknown: "container; its role stands only in the YAML",
};

/** File and line, such as `shop.yml:12`. */
export function placeText({ file, line }: Place): string {
  return `${file ?? ""}${line === undefined ? "" : `:${line}`}`;
}

/** Where something comes from, such as `YAML env[2].value, shop.yml:12`. */
export function originText({ source, detail, place }: Origin): string {
  const where = place === undefined ? "" : `, ${placeText(place)}`;
  return source === "unknown" ? `${detail}: not known from the policy alone` : `${SOURCES[source]}: ${detail}${where}`;
}

/** What a container is to its pod. */
export function roleText({ role, injected }: ContainerDescription): string {
  return `${ROLES[role]}${injected ? ", injected by contrast generate" : ""}`;
}

/** Whether manifests trust a policy. */
export function trustText({ trust, manifests, manifestEntries }: PolicyDescription): string {
  if (trust === "absent")
    return "none was found, so nothing says whether the policy is trusted; name it with --manifest";
  if (trust === "missing") return `not trusted by ${manifests.join(", ")}`;
  const entries = manifestEntries.map(({ file, sans, workloadSecretId, role }) => {
    const names = sans.length === 0 ? "no names" : `names ${sans.join(", ")}`;
    const secret = workloadSecretId === "" ? "no secret" : `secret ${workloadSecretId}`;
    return `trusted by ${file}: ${names}; ${secret}${role === "" ? "" : `; role ${role}`}`;
  });
  // Of a history, the last manifest counts; whoever reads must see that it has dropped a policy.
  const others = manifests.filter((file) => manifestEntries.every((entry) => entry.file !== file));
  return [...entries, ...(others.length === 0 ? [] : [`not trusted by ${others.join(", ")}`])].join("; ");
}

/** Whose rules they are. */
export function rulesText({ rules }: PolicyDescription): string {
  const name = `${rules.lines} lines, sha256 ${rules.digestHex.slice(0, 16)}`;
  return rules.embedded ? `those of this program (${name})` : `not those of this program (${name})`;
}
