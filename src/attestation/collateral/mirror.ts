import { ContrastError } from "../../lib/errors.ts";
import { INTEL_CERTIFICATES_ORIGIN, KDS_ORIGIN, PCS_ORIGIN } from "./collateral-url.ts";

/** Addresses that are asked in place of the vendors' services; without a final slash. */
export interface CollateralMirrors {
  /** For AMD's service. */
  readonly kds: string | undefined;
  /** For both hosts of Intel. */
  readonly pcs: string | undefined;
}

/** No mirrors: the vendors are asked. */
export const NO_MIRRORS: CollateralMirrors = { kds: undefined, pcs: undefined };

/**
 * Reads the address of a mirror: `http://` or `https://`, a host and perhaps a path, to which the vendor's paths are
 * added. Plain HTTP is good enough, because all that comes from there is signed.
 *
 * @param flag named in the message, such as `--kds-mirror`
 * @throws ContrastError `attestation/mirror-invalid`
 */
export function parseMirror(text: string, flag: string): string {
  const refuse = (fact: string): ContrastError =>
    new ContrastError("attestation/mirror-invalid", `Cannot use "${text}" for ${flag}: ${fact}`, {
      hint: "Give an address such as https://mirror.example/kds.",
    });
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw refuse("not a URL");
  if (url.protocol !== "http:" && url.protocol !== "https:") throw refuse("need http:// or https://");
  if (url.username !== "" || url.password !== "") throw refuse("credentials are not supported");
  if (text.includes("?") || text.includes("#")) throw refuse("need an address without query and fragment");
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** The address that is really asked for an address of a vendor. */
export function mirroredUrl(vendorUrl: string, mirrors: CollateralMirrors): URL {
  const rules = [
    [KDS_ORIGIN, mirrors.kds],
    [PCS_ORIGIN, mirrors.pcs],
    [INTEL_CERTIFICATES_ORIGIN, mirrors.pcs],
  ] as const;
  for (const [origin, mirror] of rules) {
    if (mirror !== undefined && vendorUrl.startsWith(`${origin}/`)) {
      return new URL(`${mirror}${vendorUrl.slice(origin.length)}`);
    }
  }
  return new URL(vendorUrl);
}
