import type { Json } from "../../lib/json.ts";
import type { StorageView } from "../policy-view.ts";
import type { ViewReader } from "./view-reader.ts";

/** Views a list of storages. */
export function readStorages(value: Json | undefined, path: string, reader: ViewReader): readonly StorageView[] {
  return reader.list(value, path).map((item, index) => {
    const at = (member: string): string => `${path}[${index}].${member}`;
    const storage = reader.map(item, `${path}[${index}]`);
    return {
      driver: reader.text(storage["driver"], at("driver")),
      source: reader.text(storage["source"], at("source")),
      fstype: reader.text(storage["fstype"], at("fstype")),
      mountPoint: reader.text(storage["mount_point"], at("mount_point")),
      options: reader.texts(storage["options"], at("options")),
      driverOptions: reader.texts(storage["driver_options"], at("driver_options")),
    };
  });
}
