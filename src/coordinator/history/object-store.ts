import { sha256Hex } from "../../lib/digest.ts";
import { ContrastError } from "../../lib/errors.ts";
import type { StoreDirectory } from "./store-directory.ts";
import { type ObjectArea, storeKey } from "./store-key.ts";
import { TRANSITION_BYTES } from "./transition.ts";

const MAX_OBJECT_BYTES = 16 * 1024 * 1024;

/** As large as a request to a Coordinator may be. */
const MAX_BYTES: Readonly<Record<ObjectArea, number>> = {
  manifests: MAX_OBJECT_BYTES,
  policies: MAX_OBJECT_BYTES,
  transitions: TRANSITION_BYTES,
};

/** Objects that are named by their SHA-256. */
export interface ObjectStore {
  /** Stores an object and returns its name; one that is there with other content is replaced. Durable when it resolves. */
  put(area: ObjectArea, bytes: Uint8Array): Promise<string>;
  /** Reads an object and hashes it again. */
  get(area: ObjectArea, hex: string): Promise<Uint8Array>;
}

/** Makes the view of a store as objects; see `History` for what is thrown. */
export function createObjectStore(store: StoreDirectory): ObjectStore {
  return {
    put: async (area, bytes) => {
      if (bytes.length > MAX_BYTES[area]) {
        const fact = `got ${bytes.length} bytes, limit ${MAX_BYTES[area]}`;
        throw new ContrastError("coordinator/history-too-large", `Cannot store object of ${area}: ${fact}`);
      }
      const hex = sha256Hex(bytes);
      const key = storeKey(area, hex);
      if ((await store.compare(key, bytes)) !== "same") {
        const staged = await store.stage(area, bytes);
        try {
          await staged.renameTo(key);
        } catch (error) {
          await staged.discard();
          throw error;
        }
      }
      // Of an object that is there already, too: who wrote it may not have come to this point yet.
      await store.sync(area);
      return hex;
    },
    get: async (area, hex) => {
      const key = storeKey(area, hex);
      const bytes = await store.read(key, MAX_BYTES[area]);
      if (bytes === undefined) {
        throw new ContrastError("coordinator/history-missing", `Cannot read "${key}" of the history: it is not there`, {
          hint: "Restore the object from a copy of the volume.",
          details: { object: key },
        });
      }
      const actual = sha256Hex(bytes);
      if (actual === hex) return bytes;
      throw new ContrastError(
        "coordinator/history-corrupt",
        `Cannot read "${key}" of the history: hash mismatch: got ${actual}, need ${hex}`,
        { hint: "Restore the object from a copy of the volume.", details: { object: key, actual, expected: hex } },
      );
    },
  };
}
