import { collateralUrl } from "./collateral-url.ts";
import type { HeldItem } from "./judge-held.ts";

/** Of several copies of one piece the first that is valid, else the first that is not wrong, else any. */
export function bestCopy(url: string, held: readonly HeldItem[]): HeldItem | undefined {
  const copies = held.filter(({ item }) => collateralUrl(item.need) === url);
  return copies.find(({ state }) => state === "valid") ?? copies.find(({ state }) => state !== "wrong") ?? copies[0];
}

/** The best copy of each piece, in the order of their addresses. */
export function bestCopies(held: readonly HeldItem[]): readonly HeldItem[] {
  const urls = new Set(held.map(({ item }) => collateralUrl(item.need)));
  return [...urls].toSorted().flatMap((url) => bestCopy(url, held) ?? []);
}
