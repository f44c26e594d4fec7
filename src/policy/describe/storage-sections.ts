import type { ContainerView, StorageView } from "../policy-view.ts";
import type { ContainerInputs } from "./container-inputs.ts";
import type { Row, Section } from "./description.ts";
import { roomOf } from "./room-of.ts";

/** File system of the storage that joins the layers of an image; its options are their ids and root hashes. */
const OVERLAY = "fuse3.kata-overlay";

/** Storages that the guest mounts before the container starts, image layers apart. */
export function storageSections({ view, isEmbeddedRules }: ContainerInputs): readonly Section[] {
  const layers = view.storages.filter(isLayer);
  const others = view.storages.filter((storage) => !isLayer(storage));
  const sections: Section[] = [];
  if (layers.length > 0) sections.push(layerSection(layers));
  if (others.length > 0) {
    const rows = others.map((storage) => storageRow(storage, isEmbeddedRules));
    sections.push({
      id: "storages",
      title: "Storages",
      note: "What the guest mounts before the container starts.",
      rows,
    });
  }
  return sections;
}

function isLayer({ fstype }: StorageView): boolean {
  return fstype === "tar" || fstype === OVERLAY;
}

/** Whether the data name the root hash of every layer of the image. */
export function hasLayerHashes({ storages }: ContainerView): boolean {
  const overlay = storages.find(({ fstype }) => fstype === OVERLAY);
  const [ids = [], hashes = []] = overlay?.options.map((list) => list.split(":")) ?? [];
  return ids.length > 0 && ids.length === hashes.length && hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash));
}

/** One storage as a row. */
export function storageRow(
  { driver, source, fstype, mountPoint, options, driverOptions }: StorageView,
  isEmbeddedRules: boolean,
): Row {
  const all = [...driverOptions, ...options];
  const what = [driver === "" ? "block device" : driver, fstype, source].filter((part) => part !== "").join(" ");
  const { room, note } = roomOf(`${source} ${mountPoint}`, isEmbeddedRules);
  return {
    subject: mountPoint,
    value: `${what}${all.length === 0 ? "" : ` (${all.join(",")})`}`,
    room: room === "fixed" && /^[\^$]/.test(mountPoint) ? "pattern" : room,
    ...(note === undefined ? {} : { note }),
    origin: { source: "settings", detail: "volumes, for a volume of the pod" },
  };
}

/** The layers of the image, the top one first, each with the root hash that the guest checks. */
function layerSection(layers: readonly StorageView[]): Section {
  const overlay = layers.find(({ fstype }) => fstype === OVERLAY);
  const ids = overlay?.options[0]?.split(":") ?? [];
  const hashes = overlay?.options[1]?.split(":") ?? [];
  const rows = ids.map((id, index): Row => ({
    subject: `layer ${index}`,
    value: hashes[index] ?? "no root hash",
    room: hashes[index] === undefined ? "any" : "fixed",
    note: `layer id ${id}`,
    origin: { source: "image", detail: "hashed by contrast generate" },
  }));
  const note = "The guest checks every block of each layer against its dm-verity root hash; layer 0 is on top.";
  return { id: "layers", title: "Image layers", note, rows };
}
