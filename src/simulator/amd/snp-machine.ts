import type { CollateralItem, CollateralNeed, SnpSigningKey } from "../../attestation/collateral-need.ts";
import { parseAmdExtensions } from "../../attestation/snp/amd-extensions.ts";
import { parseTcb } from "../../attestation/snp/tcb.ts";
import { sha256Hex } from "../../lib/digest.ts";
import { ContrastError } from "../../lib/errors.ts";
import { documentDates } from "../document-dates.ts";
import { publishedItem } from "../published-item.ts";
import { createRevocationList } from "../revocation-list.ts";
import { pssSigner } from "../signer.ts";
import type { SimulatedMachine } from "../simulated-machine.ts";
import { amdChainPem, amdCrlTemplate, type AmdRoles, amdRootsPem } from "./amd-authority.ts";
import { createSnpIssuer } from "./snp-issuer.ts";
import { encodeSnpParts, type SnpMachineProduct, type SnpParts } from "./snp-parts.ts";
import { snpReferenceValues } from "./snp-reference-values.ts";
import type { ReportingChip } from "./snp-report.ts";

const SIGNING_KEYS: readonly SnpSigningKey[] = ["VCEK", "VLEK"];

/**
 * A machine with a processor that signs attestation reports, and AMD's service for it.
 *
 * @throws ContrastError `simulator/machine-invalid` where the VCEK is that of another product line or of no chip
 */
export function createSnpMachine(
  platform: SimulatedMachine["platform"],
  product: SnpMachineProduct,
  parts: SnpParts,
): SimulatedMachine {
  const { ark, vcek } = parts;
  const chip = chipOf(product, parts);
  const ders: AmdRoles<Uint8Array> = {
    ark: ark.certificate.der,
    ask: parts.ask.certificate.der,
    asvk: parts.asvk.certificate.der,
  };
  const crlOf = (now: Date): Uint8Array => {
    const { thisUpdate, nextUpdate } = documentDates(now);
    return createRevocationList(amdCrlTemplate(product, ark.key, thisUpdate, nextUpdate), pssSigner(ark.key));
  };
  const collateral = (now: Date): readonly CollateralItem[] => {
    const crl = crlOf(now);
    const item = (need: CollateralNeed, body: Uint8Array): CollateralItem => publishedItem(need, body, undefined, now);
    const chipIdHex = chip.chipId.toHex();
    return [
      item({ kind: "amd-vcek", product, chipIdHex, tcb: chip.tcb }, vcek.certificate.der),
      ...SIGNING_KEYS.flatMap((signingKey) => [
        item({ kind: "amd-chain", product, signingKey }, new TextEncoder().encode(amdChainPem(ders, signingKey))),
        item({ kind: "amd-crl", product, signingKey }, crl),
      ]),
    ];
  };
  return {
    platform,
    tee: "snp",
    rootsPem: amdRootsPem(ders),
    rootFingerprint: sha256Hex(ders.ark),
    collateral,
    issuer: (guest, now) =>
      createSnpIssuer({ chip, chipKey: vcek.key, vcek: vcek.certificate.der, authority: ders, crlOf, guest, now }),
    referenceValues: (launchDigest) => ({ snp: [snpReferenceValues(product, chip.tcb, launchDigest)] }),
    saved: encodeSnpParts(parts),
  };
}

/** The chip that a VCEK is about. */
function chipOf(product: SnpMachineProduct, { vcek }: SnpParts): ReportingChip {
  const { tcb, hwId } = parseAmdExtensions(vcek.certificate, "VCEK", product);
  if (hwId === undefined) {
    throw new ContrastError("simulator/machine-invalid", "Cannot read simulated machine: its VCEK names no chip");
  }
  return { product, tcb: parseTcb(tcb, product), chipId: hwId };
}
