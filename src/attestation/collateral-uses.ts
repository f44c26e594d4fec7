import { parseCertificate } from "../pki/x509/certificate.ts";
import { parseCrl } from "../pki/x509/crl.ts";
import type { CollateralItem, CollateralNeed, CollateralSet } from "./collateral-need.ts";
import { describeNeed } from "./collateral/describe-need.ts";
import type { Evidence } from "./evidence.ts";
import type { CollateralValidity, InspectCollateral } from "./gather-collateral.ts";
import type { CollateralUse } from "./verdict.ts";

/**
 * The signed objects that a verification used: what came inside the evidence, then what was gathered.
 *
 * @param validityOf reads the dates of a gathered object
 */
export function collateralUses(
  evidence: Evidence,
  needs: readonly CollateralNeed[],
  collateral: CollateralSet,
  validityOf: InspectCollateral,
): readonly CollateralUse[] {
  const gathered = needs.flatMap((need) => {
    const answer = collateral.answer(need);
    return answer.found
      ? [
          useOf(
            need,
            answer.item,
            validityOrNothing(() => validityOf(answer.item)),
          ),
        ]
      : [];
  });
  const gatheredKinds = new Set(needs.map(({ kind }) => kind));
  return [...embeddedUses(evidence, gatheredKinds), ...gathered];
}

function useOf(need: CollateralNeed, item: CollateralItem, validity: CollateralValidity): CollateralUse {
  const { url, origin, fetchedAt, note } = item;
  const { notBefore, notAfter } = validity;
  return { name: describeNeed(need), url, origin, fetchedAt, note, notBefore, notAfter };
}

/** Objects inside the evidence; one that had to be gathered instead was not used. */
function embeddedUses(evidence: Evidence, gathered: ReadonlySet<CollateralNeed["kind"]>): readonly CollateralUse[] {
  if (evidence.tee === "tdx") {
    const { pck, intermediate } = evidence.tdx.chain;
    return [embeddedUse("PCK certificate", pck), embeddedUse("PCK CA certificate", intermediate)];
  }
  const { vcek, vlek, crl } = evidence.snp.endorsements;
  const { signingKey } = evidence.snp.report.signerInfo;
  const certificate = signingKey === "VLEK" ? vlek : vcek;
  return [
    ...(certificate === undefined || gathered.has("amd-vcek")
      ? []
      : [
          embeddedUse(
            signingKey,
            validityOrNothing(() => parseCertificate(certificate, signingKey)),
          ),
        ]),
    ...(crl === undefined || gathered.has("amd-crl")
      ? []
      : [
          embeddedUse(
            "CRL",
            validityOrNothing(() => crlValidity(crl)),
          ),
        ]),
  ];
}

function embeddedUse(name: string, { notBefore, notAfter }: CollateralValidity): CollateralUse {
  return { name, url: undefined, origin: "evidence", fetchedAt: undefined, note: undefined, notBefore, notAfter };
}

function crlValidity(der: Uint8Array): CollateralValidity {
  const { thisUpdate, nextUpdate } = parseCrl(der, "CRL of the evidence");
  return { notBefore: thisUpdate, notAfter: nextUpdate };
}

/** What cannot be read has no dates; the verdict says what is wrong with it. */
function validityOrNothing(read: () => CollateralValidity): CollateralValidity {
  try {
    const { notBefore, notAfter } = read();
    return { notBefore, notAfter };
  } catch {
    return {};
  }
}
