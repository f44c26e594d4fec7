import * as v from "valibot";
import { sha256Hex } from "../../lib/digest.ts";
import { decodeUtf8 } from "../../lib/files.ts";
import { parseJson } from "../../lib/json.ts";
import type { CollateralItem } from "../collateral-need.ts";
import { MAX_SIDECAR_BYTES } from "./collateral-limits.ts";
import { collateralUrl, parseCollateralUrl } from "./collateral-url.ts";
import { issuerChainHeader } from "./describe-need.ts";
import { decodeIssuerChain, encodeIssuerChain } from "./issuer-chain.ts";

const sidecarSchema = v.strictObject({
  formatVersion: v.literal(1),
  url: v.pipe(v.string(), v.maxLength(1024)),
  fetchedAt: v.nullable(v.pipe(v.string(), v.isoTimestamp())),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  headers: v.record(v.string(), v.string()),
});

/** What is kept beside a body: where it came from, when, and the digest that ties both files together. */
export function encodeSidecar(item: CollateralItem): string {
  const header = issuerChainHeader(item.need);
  const headers =
    header === undefined || item.issuerChainPem === undefined
      ? {}
      : { [header]: encodeIssuerChain(item.issuerChainPem) };
  const sidecar: v.InferOutput<typeof sidecarSchema> = {
    formatVersion: 1,
    url: collateralUrl(item.need),
    fetchedAt: item.fetchedAt?.toISOString() ?? null,
    sha256: sha256Hex(item.body),
    headers,
  };
  return `${JSON.stringify(sidecar, undefined, 2)}\n`;
}

/**
 * Puts the two files of a cache entry together.
 *
 * @returns undefined if they do not belong together
 */
export function readEntry(body: Uint8Array, sidecar: Uint8Array): CollateralItem | undefined {
  try {
    const json = parseJson(decodeUtf8(sidecar, "cache entry"), "cache entry", {
      maxBytes: MAX_SIDECAR_BYTES,
      maxDepth: 4,
    });
    const { url, fetchedAt, sha256, headers } = v.parse(sidecarSchema, json);
    const need = parseCollateralUrl(url);
    if (need === undefined || sha256Hex(body) !== sha256) return undefined;
    const header = issuerChainHeader(need);
    const chain = header === undefined ? undefined : headers[header];
    return {
      need,
      url,
      body,
      issuerChainPem: chain === undefined ? undefined : decodeIssuerChain(chain, url),
      origin: "cache",
      fetchedAt: fetchedAt === null ? undefined : new Date(fetchedAt),
      note: undefined,
    };
  } catch {
    return undefined;
  }
}
