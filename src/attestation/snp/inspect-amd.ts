import { ContrastError } from "../../lib/errors.ts";
import { sameBytes } from "../../lib/same-bytes.ts";
import { parseCrl } from "../../pki/x509/crl.ts";
import { readCertificates } from "../../pki/x509/read-certificates.ts";
import type { CollateralNeed } from "../collateral-need.ts";
import type { CollateralValidity } from "../gather-collateral.ts";
import type { TrustRoots } from "../trust-roots.ts";
import type { Check } from "../verdict.ts";
import { checkRevocationList } from "./crl-checks.ts";
import { checkChain } from "./chain-checks.ts";
import { judgeEndorsement } from "./judge-endorsement.ts";
import { composeTcb } from "./tcb.ts";

type AmdNeed = Extract<CollateralNeed, { readonly kind: `amd-${string}` }>;

/** ASK or ASVK, and ARK. */
const CHAIN_LENGTH = 2;

/**
 * Looks into an answer of AMD's service: whether it is what was asked for and signed by the roots. When it is valid is
 * told, not judged.
 *
 * @throws ContrastError `snp/collateral-wrong` with the reason, and what the parsers throw
 */
export function inspectAmdCollateral(need: AmdNeed, body: Uint8Array, roots: TrustRoots["amd"]): CollateralValidity {
  switch (need.kind) {
    case "amd-vcek":
      return inspectVcek(need, body, roots);
    case "amd-chain":
      return inspectChain(need, body, roots);
    case "amd-crl":
      return inspectCrl(need, body, roots);
    default:
      return need satisfies never;
  }
}

function inspectVcek(
  need: Extract<AmdNeed, { readonly kind: "amd-vcek" }>,
  body: Uint8Array,
  roots: TrustRoots["amd"],
): CollateralValidity {
  const { certificate, extensions, chain, checks } = judgeEndorsement(body, "VCEK", need.product, roots[need.product]);
  refuseFailures("VCEK", checks);
  if (certificate === undefined || extensions === undefined) throw wrong("VCEK", "it cannot be read");
  if (extensions.hwId?.toHex() !== need.chipIdHex) throw wrong("VCEK", "it is that of another chip");
  if (extensions.tcb !== composeTcb(need.tcb, need.product)) throw wrong("VCEK", "it is for another TCB");
  refuseFailures("VCEK", checkChain(chain, "VCEK", certificate.notBefore));
  return { notBefore: certificate.notBefore, notAfter: certificate.notAfter };
}

function inspectChain(
  { product, signingKey }: Extract<AmdNeed, { readonly kind: "amd-chain" }>,
  body: Uint8Array,
  roots: TrustRoots["amd"],
): CollateralValidity {
  const what = "certificate chain of AMD";
  const { ark, ask, asvk } = roots[product];
  const trusted = [signingKey === "VCEK" ? ask : asvk, ark];
  const certificates = readCertificates(body, what, CHAIN_LENGTH);
  const isTrusted = trusted.every(({ der }, index) => sameBytes(der, certificates[index]?.der ?? new Uint8Array()));
  if (!isTrusted) throw wrong(what, "its certificates are not those that this program trusts");
  return {
    notBefore: new Date(Math.max(...trusted.map(({ notBefore }) => notBefore.getTime()))),
    notAfter: new Date(Math.min(...trusted.map(({ notAfter }) => notAfter.getTime()))),
  };
}

function inspectCrl(
  { product }: Extract<AmdNeed, { readonly kind: "amd-crl" }>,
  body: Uint8Array,
  roots: TrustRoots["amd"],
): CollateralValidity {
  const crl = parseCrl(body, "CRL of AMD");
  refuseFailures("CRL of AMD", checkRevocationList(crl, roots[product].ark, crl.thisUpdate));
  return { notBefore: crl.thisUpdate, notAfter: crl.nextUpdate };
}

function refuseFailures(what: string, checks: readonly Check[]): void {
  const problem = checks.find(({ outcome }) => outcome !== "passed");
  if (problem !== undefined) throw wrong(what, problem.reason ?? `${problem.subject} is wrong`);
}

function wrong(what: string, fact: string): ContrastError {
  return new ContrastError("snp/collateral-wrong", `Cannot use ${what}: ${fact}`);
}
