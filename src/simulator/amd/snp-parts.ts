import * as v from "valibot";
import type { SnpProduct, TcbVersion } from "../../attestation/collateral-need.ts";
import type { JsonObject } from "../../lib/json.ts";
import { parseCertificate } from "../../pki/x509/certificate.ts";
import { createCertificate } from "../../pki/x509/create-certificate.ts";
import { type CertifiedKey, encodeCertifiedKey, parseCertifiedKey, savedKeySchema } from "../certified-key.ts";
import { daysAfter } from "../document-dates.ts";
import { createEcKeyPair, createRsaKeyPair } from "../key-pair.ts";
import { markedIdentifier } from "../sandbox-mark.ts";
import { pssSigner } from "../signer.ts";
import { type AmdRoles, signAmdAuthority } from "./amd-authority.ts";
import { amdName } from "./amd-name.ts";
import { endorsementTemplate } from "./endorsement-certificate.ts";

/** Product lines that can be simulated: those that manifests know. */
export type SnpMachineProduct = Exclude<SnpProduct, "Turin">;

/** What an SNP machine consists of. */
export interface SnpParts extends AmdRoles<CertifiedKey> {
  /** The key that signs reports. */
  readonly vcek: CertifiedKey;
}

/** What the firmware of new machines has: the versions of 2025. */
export const NEW_MACHINE_TCBS: Readonly<Record<SnpMachineProduct, TcbVersion>> = {
  Milan: { fmc: undefined, bootloader: 4, tee: 0, snp: 24, microcode: 219 },
  Genoa: { fmc: undefined, bootloader: 10, tee: 0, snp: 24, microcode: 84 },
};

const CHIP_ID_BYTES = 64;
const VCEK_DAYS = 7 * 365;

/** How an SNP machine is saved. */
export const savedSnpSchema = v.strictObject({
  ark: savedKeySchema,
  ask: savedKeySchema,
  asvk: savedKeySchema,
  vcek: savedKeySchema,
});

/** New keys and certificates. @param rsaBits of the authority's keys */
export async function createSnpParts(product: SnpMachineProduct, now: Date, rsaBits: number): Promise<SnpParts> {
  const [ark, ask, asvk] = await Promise.all([
    createRsaKeyPair(rsaBits),
    createRsaKeyPair(rsaBits),
    createRsaKeyPair(rsaBits),
  ]);
  const ders = signAmdAuthority(product, { ark, ask, asvk });
  const key = createEcKeyPair("P-384");
  const notBefore = daysAfter(now, -1);
  const template = endorsementTemplate({
    product,
    signingKey: "VCEK",
    spkiDer: key.spkiDer,
    tcb: NEW_MACHINE_TCBS[product],
    hwId: markedIdentifier(CHIP_ID_BYTES),
    notBefore,
    notAfter: daysAfter(notBefore, VCEK_DAYS),
  });
  return {
    ark: { key: ark, certificate: parseCertificate(ders.ark, "ARK") },
    ask: { key: ask, certificate: parseCertificate(ders.ask, "ASK") },
    asvk: { key: asvk, certificate: parseCertificate(ders.asvk, "ASVK") },
    vcek: { key, certificate: parseCertificate(createCertificate(template, pssSigner(ask)), "VCEK") },
  };
}

/** The inverse of `parseSnpParts`; secret. */
export function encodeSnpParts({ ark, ask, asvk, vcek }: SnpParts): JsonObject {
  return {
    ark: encodeCertifiedKey(ark),
    ask: encodeCertifiedKey(ask),
    asvk: encodeCertifiedKey(asvk),
    vcek: encodeCertifiedKey(vcek),
  };
}

/**
 * Reads the parts of a saved machine; each certificate must be signed by the one above it.
 *
 * @throws ContrastError `simulator/machine-invalid`, `pki/…`
 */
export function parseSnpParts(saved: v.InferOutput<typeof savedSnpSchema>, product: SnpMachineProduct): SnpParts {
  const ark = parseCertifiedKey(saved.ark, { what: "ARK", subject: amdName(`ARK-${product}`), issuer: undefined });
  const ask = parseCertifiedKey(saved.ask, { what: "ASK", subject: amdName(`SEV-${product}`), issuer: ark });
  const asvk = parseCertifiedKey(saved.asvk, { what: "ASVK", subject: amdName(`SEV-VLEK-${product}`), issuer: ark });
  const vcek = parseCertifiedKey(saved.vcek, { what: "VCEK", subject: amdName("SEV-VCEK"), issuer: ask });
  return { ark, ask, asvk, vcek };
}
