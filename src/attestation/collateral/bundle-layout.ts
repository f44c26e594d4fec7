import * as v from "valibot";
import type { CollateralNeed } from "../collateral-need.ts";
import { issuerChainHeader, tcbText } from "./describe-need.ts";

/** Table of contents, the first file of a bundle. */
export const BUNDLE_INDEX_PATH = "bundle.json";

/** More than a fleet needs: each machine has one VCEK at a time. */
export const MAX_BUNDLE_FILES = 20_000;
/** Largest table of contents. */
export const MAX_BUNDLE_INDEX_BYTES = 16 * 1024 * 1024;

const time = v.pipe(v.string(), v.isoTimestamp());

/** Form of `bundle.json`. */
export const bundleIndexSchema = v.strictObject({
  formatVersion: v.literal(1),
  createdAt: time,
  tool: v.pipe(v.string(), v.maxLength(200)),
  entries: v.array(
    v.strictObject({
      url: v.pipe(v.string(), v.maxLength(1024)),
      path: v.pipe(v.string(), v.maxLength(256)),
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
      /** Null where the time is not known. */
      fetchedAt: v.nullable(time),
      notBefore: v.nullable(time),
      notAfter: v.nullable(time),
      headers: v.record(v.string(), v.string()),
    }),
  ),
});

/** Content of `bundle.json`. */
export type BundleIndex = v.InferOutput<typeof bundleIndexSchema>;

/** Where a bundle keeps the body of a piece of collateral. */
export function bundlePath(need: CollateralNeed): string {
  switch (need.kind) {
    case "amd-vcek":
      return `snp/${need.product}/vcek/${need.chipIdHex}/${tcbText(need.tcb, "-")}.der`;
    case "amd-chain":
      return `snp/${need.product}/${need.signingKey === "VLEK" ? "vlek-" : ""}cert_chain.pem`;
    case "amd-crl":
      return `snp/${need.product}/${need.signingKey === "VLEK" ? "vlek-" : ""}crl.der`;
    case "intel-tcb-info":
      return `tdx/tcb/${need.fmspc}.json`;
    case "intel-qe-identity":
      return "tdx/qe-identity.json";
    case "intel-pck-crl":
      return `tdx/pckcrl-${need.ca}.der`;
    case "intel-root-crl":
      break;
  }
  return "tdx/rootca.crl";
}

/** Where a bundle keeps the decoded issuer chain, for people; undefined where there is none. */
export function bundleChainPath(need: CollateralNeed): string | undefined {
  if (issuerChainHeader(need) === undefined) return undefined;
  return bundlePath(need).replace(/\.[a-z]+$/, ".issuer-chain.pem");
}
