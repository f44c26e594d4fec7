import type { CollateralItem } from "../attestation/collateral-need.ts";
import { INTEL_CERTIFICATES_ORIGIN, KDS_ORIGIN, PCS_ORIGIN } from "../attestation/collateral/collateral-url.ts";
import { issuerChainHeader } from "../attestation/collateral/describe-need.ts";
import { encodeIssuerChain } from "../attestation/collateral/issuer-chain.ts";

/** Whose path it is; no two services have paths in common. */
const SERVICES = [
  { paths: /^\/v[cl]ek\/v1\//, origin: KDS_ORIGIN },
  { paths: /^\/(?:tdx|sgx)\/certification\/v4\//, origin: PCS_ORIGIN },
  { paths: /^\/IntelSGXRootCA\.der$/, origin: INTEL_CERTIFICATES_ORIGIN },
] as const;

/** What the services say that their answers are. */
const CONTENT_TYPES: Readonly<Record<CollateralItem["need"]["kind"], string>> = {
  "amd-vcek": "application/octet-stream",
  "amd-chain": "application/x-pem-file",
  "amd-crl": "application/pkix-crl",
  "intel-tcb-info": "application/json",
  "intel-qe-identity": "application/json",
  "intel-pck-crl": "application/pkix-crl",
  "intel-root-crl": "application/pkix-crl",
};

/** The address that a path has at its vendor; undefined for paths that no service has. @param path with its query */
export function vendorUrl(path: string): string | undefined {
  const service = SERVICES.find(({ paths }) => paths.test(path));
  return service && `${service.origin}${path}`;
}

/** Headers of the answer that delivers a piece of collateral; Intel's issuer chain stands in one of them. */
export function answerHeaders({ need, body, issuerChainPem }: CollateralItem): Readonly<Record<string, string>> {
  const header = issuerChainHeader(need);
  const chain =
    header === undefined || issuerChainPem === undefined ? {} : { [header]: encodeIssuerChain(issuerChainPem) };
  return { "content-type": CONTENT_TYPES[need.kind], "content-length": String(body.length), ...chain };
}
