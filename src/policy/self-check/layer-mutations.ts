import type { JsonObject } from "../../lib/json.ts";
import { addition, change, type ContainerMutationInput, type Mutation, partText, replaced } from "./mutation.ts";

/** Changes of the layers of an image and of the overlay that joins them. */
export function layerMutations({ parts, policy }: ContainerMutationInput): readonly Mutation[] {
  const layer = parts.storages.findIndex(({ fstype }) => fstype === "tar");
  const overlay = parts.storages.findIndex(isOverlay);
  if (layer === -1 || overlay === -1) return [];
  const part = partText(policy.storages);
  const options = optionsOf(parts.storages[layer]);
  const joined = optionsOf(parts.storages[overlay]);
  const withoutHash = options.slice(0, -1);
  const other = options.map((option) => option.replace(/[0-9a-f]{64}$/, "0".repeat(64)));
  const at = (index: number, member: string): string => `/storages/${index}/${member}`;
  const first = parts.storages[layer] ?? {};
  return [
    change("root hash of a layer", part, at(layer, "options"), other),
    change("layer without root hash", part, at(layer, "options"), withoutHash),
    change("writable layer", part, at(layer, "options"), ["rw", ...options.slice(1)]),
    change("layer from elsewhere", part, at(layer, "driver"), "local"),
    change("place of a layer", part, at(layer, "mount_point"), "/run/kata-containers/sandbox/layers/added"),
    addition("added layer", part, "/storages", { ...first, mount_point: "/run/kata-containers/sandbox/layers/added" }),
    { check: "removed layer", part, patch: [{ op: "remove", path: `/storages/${layer}` }] },
    change("overlay of other layers", part, at(overlay, "options"), [...joined.slice(0, -1), "lowerdir=/added"]),
    change("layer in the overlay", part, `${at(overlay, "options")}/1`, `${joined[1] ?? ""}AAAA`),
    addition("directory above the overlay", part, at(overlay, "options"), "upperdir=/added"),
    change("place of the overlay", part, at(overlay, "mount_point"), "/run/kata-containers/added"),
    { check: "removed overlay", part, patch: [{ op: "remove", path: `/storages/${overlay}` }] },
    {
      check: "image that the guest pulls",
      part,
      patch: [
        replaced(at(overlay, "driver"), "image_guest_pull"),
        replaced(at(overlay, "fstype"), "overlay"),
        replaced(at(overlay, "options"), []),
      ],
    },
  ];
}

/** Whether a storage is the image of a container or a part of it. */
export function isOfImage(storage: JsonObject): boolean {
  return storage["driver"] === "image_guest_pull" || storage["fstype"] === "tar" || isOverlay(storage);
}

function isOverlay({ fstype }: JsonObject): boolean {
  return fstype === "fuse3.kata-overlay";
}

function optionsOf(storage: JsonObject | undefined): readonly string[] {
  const options = storage?.["options"];
  return Array.isArray(options) ? options.map(String) : [];
}
