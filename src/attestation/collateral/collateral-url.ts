import type { CollateralNeed, SnpProduct, SnpSigningKey, TcbVersion } from "../collateral-need.ts";

/** AMD's key distribution service. */
export const KDS_ORIGIN = "https://kdsintf.amd.com";
/** Intel's provisioning certification service. */
export const PCS_ORIGIN = "https://api.trustedservices.intel.com";
/** Where Intel publishes what its root signs. */
export const INTEL_CERTIFICATES_ORIGIN = "https://certificates.trustedservices.intel.com";

const PRODUCTS: Readonly<Record<string, SnpProduct>> = { Milan: "Milan", Genoa: "Genoa", Turin: "Turin" };
const SIGNING_KEYS: Readonly<Record<string, SnpSigningKey>> = { vcek: "VCEK", vlek: "VLEK" };

/**
 * The vendor's address of a piece of collateral. It names the need: two needs are the same if their addresses are.
 *
 * @see AMD 57230 (VCEK certificate and KDS interface); Intel PCS API v4
 */
export function collateralUrl(need: CollateralNeed): string {
  switch (need.kind) {
    case "amd-vcek": {
      const { product, chipIdHex, tcb } = need;
      const parts = `blSPL=${tcb.bootloader}&teeSPL=${tcb.tee}&snpSPL=${tcb.snp}&ucodeSPL=${tcb.microcode}`;
      const query = tcb.fmc === undefined ? parts : `fmcSPL=${tcb.fmc}&${parts}`;
      return `${KDS_ORIGIN}/vcek/v1/${product}/${chipIdHex}?${query}`;
    }
    case "amd-chain":
      return `${KDS_ORIGIN}/${need.signingKey.toLowerCase()}/v1/${need.product}/cert_chain`;
    case "amd-crl":
      return `${KDS_ORIGIN}/${need.signingKey.toLowerCase()}/v1/${need.product}/crl`;
    case "intel-tcb-info":
      return `${PCS_ORIGIN}/tdx/certification/v4/tcb?fmspc=${need.fmspc}`;
    case "intel-qe-identity":
      return `${PCS_ORIGIN}/tdx/certification/v4/qe/identity`;
    case "intel-pck-crl":
      return `${PCS_ORIGIN}/sgx/certification/v4/pckcrl?ca=${need.ca}&encoding=der`;
    case "intel-root-crl":
      break;
  }
  return `${INTEL_CERTIFICATES_ORIGIN}/IntelSGXRootCA.der`;
}

/**
 * What a vendor's address stands for: the inverse of `collateralUrl`. The `%` forms, other orders of parameters and
 * zero padding that the services would take too are not read, so that one thing has one address.
 *
 * @returns undefined for any other address
 */
export function parseCollateralUrl(url: string): CollateralNeed | undefined {
  const need = url.startsWith(`${KDS_ORIGIN}/`) ? parseKdsPath(url.slice(KDS_ORIGIN.length)) : parseIntelUrl(url);
  return need !== undefined && collateralUrl(need) === url ? need : undefined;
}

function parseKdsPath(path: string): CollateralNeed | undefined {
  const match = /^\/(vcek|vlek)\/v1\/(Milan|Genoa|Turin)\/(cert_chain|crl|[0-9a-f]+\?[A-Za-z0-9=&]+)$/.exec(path);
  const signingKey = SIGNING_KEYS[match?.[1] ?? ""];
  const product = PRODUCTS[match?.[2] ?? ""];
  const rest = match?.[3];
  if (signingKey === undefined || product === undefined || rest === undefined) return undefined;
  if (rest === "cert_chain") return { kind: "amd-chain", product, signingKey };
  if (rest === "crl") return { kind: "amd-crl", product, signingKey };
  const [chipIdHex = "", query = ""] = rest.split("?");
  const tcb = parseTcbQuery(query);
  const isTurin = product === "Turin";
  if (signingKey !== "VCEK" || tcb === undefined || (tcb.fmc !== undefined) !== isTurin) return undefined;
  return chipIdHex.length === chipIdDigits(product) ? { kind: "amd-vcek", product, chipIdHex, tcb } : undefined;
}

/** Digits of a chip id in addresses: all 64 bytes, of Turin the 8 that it uses. */
export function chipIdDigits(product: SnpProduct): number {
  return product === "Turin" ? 16 : 128;
}

function parseTcbQuery(query: string): TcbVersion | undefined {
  const match = /^(?:fmcSPL=(\d{1,3})&)?blSPL=(\d{1,3})&teeSPL=(\d{1,3})&snpSPL=(\d{1,3})&ucodeSPL=(\d{1,3})$/.exec(
    query,
  );
  if (match === null) return undefined;
  const [fmc, bootloader = 0, tee = 0, snp = 0, microcode = 0] = match
    .slice(1)
    .map((digits) => (digits === undefined ? undefined : Number(digits)));
  const isByte = [fmc ?? 0, bootloader, tee, snp, microcode].every((part) => part <= 255);
  return isByte ? { fmc, bootloader, tee, snp, microcode } : undefined;
}

function parseIntelUrl(url: string): CollateralNeed | undefined {
  const fmspc = /\?fmspc=([0-9a-f]{12})$/.exec(url)?.[1];
  if (fmspc !== undefined) return { kind: "intel-tcb-info", fmspc };
  const candidates: readonly CollateralNeed[] = [
    { kind: "intel-qe-identity" },
    { kind: "intel-pck-crl", ca: "platform" },
    { kind: "intel-pck-crl", ca: "processor" },
    { kind: "intel-root-crl" },
  ];
  return candidates.find((need) => collateralUrl(need) === url);
}
