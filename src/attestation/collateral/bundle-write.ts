import { sha256Hex } from "../../lib/digest.ts";
import { type TarFile, encodeTar } from "../../lib/tar/encode-tar.ts";
import type { CollateralItem } from "../collateral-need.ts";
import type { CollateralValidity } from "../gather-collateral.ts";
import { BUNDLE_INDEX_PATH, type BundleIndex, bundleChainPath, bundlePath } from "./bundle-layout.ts";
import { collateralUrl } from "./collateral-url.ts";
import { issuerChainHeader } from "./describe-need.ts";
import { encodeIssuerChain } from "./issuer-chain.ts";

/** A piece of collateral that was looked into. */
export interface InspectedItem {
  readonly item: CollateralItem;
  readonly validity: CollateralValidity;
}

const NO_TIME = new Date(0);

/**
 * Writes a bundle: an uncompressed tar of the table of contents and one file for each body and issuer chain, sorted by
 * path. The same collateral gives the same bytes, wherever and whenever that is done: the time in it is that of the
 * latest fetch.
 *
 * @param inspected each address once
 * @param tool name and version of the program
 */
export function encodeBundle(inspected: readonly InspectedItem[], tool: string): Uint8Array {
  const sorted = inspected.toSorted((a, b) => (bundlePath(a.item.need) < bundlePath(b.item.need) ? -1 : 1));
  const index: BundleIndex = {
    formatVersion: 1,
    createdAt: latestTime(inspected).toISOString(),
    tool,
    entries: sorted.map(indexEntry),
  };
  const files = sorted.flatMap(({ item }) => filesOf(item)).toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const text = `${JSON.stringify(index, undefined, 2)}\n`;
  return encodeTar([{ path: BUNDLE_INDEX_PATH, content: new TextEncoder().encode(text) }, ...files]);
}

function indexEntry({ item, validity }: InspectedItem): BundleIndex["entries"][number] {
  const header = issuerChainHeader(item.need);
  const chain = item.issuerChainPem;
  return {
    url: collateralUrl(item.need),
    path: bundlePath(item.need),
    sha256: sha256Hex(item.body),
    fetchedAt: item.fetchedAt?.toISOString() ?? null,
    notBefore: validity.notBefore?.toISOString() ?? null,
    notAfter: validity.notAfter?.toISOString() ?? null,
    headers: header === undefined || chain === undefined ? {} : { [header]: encodeIssuerChain(chain) },
  };
}

function filesOf({ need, body, issuerChainPem }: CollateralItem): readonly TarFile[] {
  const chainPath = bundleChainPath(need);
  const files = [{ path: bundlePath(need), content: body }];
  if (chainPath === undefined || issuerChainPem === undefined) return files;
  return [...files, { path: chainPath, content: new TextEncoder().encode(issuerChainPem) }];
}

/** The latest fetch, else the latest date of the objects themselves. */
function latestTime(inspected: readonly InspectedItem[]): Date {
  const latest = (times: readonly (Date | undefined)[]): Date | undefined =>
    times.flatMap((one) => one ?? []).reduce<Date | undefined>((a, b) => (a === undefined || b > a ? b : a), undefined);
  return (
    latest(inspected.map(({ item }) => item.fetchedAt)) ??
    latest(inspected.map(({ validity }) => validity.notBefore)) ??
    NO_TIME
  );
}
