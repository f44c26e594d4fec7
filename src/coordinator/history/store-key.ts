import { ContrastError } from "../../lib/errors.ts";

/** Directories of a history as Contrast 1.4 lays it out. */
export type ObjectArea = "manifests" | "policies" | "transitions";

/** With the one that only this program uses. */
export type StoreArea = ObjectArea | "claims";

/** Every directory of a store. */
export const STORE_AREAS: readonly StoreArea[] = ["manifests", "policies", "transitions", "claims"];

const KEY = /^[A-Za-z0-9-]+\/[A-Za-z0-9-]+$/;

/**
 * The key of something in the store: two non-empty segments of letters, digits and `-`, joined by one `/`. Nothing
 * else reaches the file system, so a name from a manifest cannot leave the store.
 *
 * @throws ContrastError `coordinator/history-key-invalid`
 * @see edgelesssys/contrast coordinator/history
 */
export function storeKey(area: StoreArea, name: string): string {
  const key = `${area}/${name}`;
  if (KEY.test(key)) return key;
  throw new ContrastError("coordinator/history-key-invalid", `Cannot use history key: got ${JSON.stringify(key)}`);
}
