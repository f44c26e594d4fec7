import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CollateralItem, CollateralNeed } from "../../src/attestation/collateral-need.ts";
import { type TdxEvidence, tdxEvidenceFromQuote } from "../../src/attestation/tdx/tdx-evidence.ts";
import { parsePemBlock } from "../../src/pki/pem-block.ts";
import { type Certificate, parseCertificate } from "../../src/pki/x509/certificate.ts";
import { vectorsFolder } from "./vectors.ts";

/** The shared TDX vectors. */
export interface TdxVectors {
  readonly root: Certificate;
  /** Raw bytes of a quote, such as of `v4-b`. */
  quote(name: string): Uint8Array;
  evidence(name: string): TdxEvidence;
  /** Collateral of `<name>.collateral.json`. */
  collateral(name: string): readonly CollateralItem[];
  /** The collateral of 2023, as bodies and headers of Intel's service. */
  collateral2023(): readonly CollateralItem[];
  /** TCB info of 2026 for `v5-a`, with the renewed certificate over the same signing key. */
  tcbInfo2026(): CollateralItem;
}

/** @returns undefined, after one line that says so, where they are absent */
export function tdxVectors(): TdxVectors | undefined {
  const folder = vectorsFolder("tdx");
  if (folder === undefined) return undefined;
  const bytes = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name)));
  const text = (name: string): string => readFileSync(join(folder, name), "utf8");
  const header = (name: string): string => decodeURIComponent(text(name).trim());
  const json = (name: string): Record<string, string> =>
    JSON.parse(text(`${name}.collateral.json`)) as Record<string, string>;
  return {
    root: parseCertificate(parsePemBlock(text("intel-sgx-root-ca.pem"), "root").der, "root"),
    quote: (name) => bytes(`${name}.quote.bin`),
    evidence: (name) => tdxEvidenceFromQuote(bytes(`${name}.quote.bin`)),
    collateral(name) {
      const all = json(name);
      const signed = (member: string, key: string): Uint8Array =>
        new TextEncoder().encode(`{"${member}":${all[key]},"signature":"${all[`${key}_signature`]}"}`);
      const { fmspc } = JSON.parse(all["tcb_info"] ?? "") as { fmspc: string };
      return [
        itemOf(
          { kind: "intel-tcb-info", fmspc: fmspc.toLowerCase() },
          signed("tcbInfo", "tcb_info"),
          all["tcb_info_issuer_chain"],
        ),
        itemOf(
          { kind: "intel-qe-identity" },
          signed("enclaveIdentity", "qe_identity"),
          all["qe_identity_issuer_chain"],
        ),
        itemOf(
          { kind: "intel-pck-crl", ca: "platform" },
          Uint8Array.fromHex(all["pck_crl"] ?? ""),
          all["pck_crl_issuer_chain"],
        ),
        itemOf({ kind: "intel-root-crl" }, Uint8Array.fromHex(all["root_ca_crl"] ?? "")),
      ];
    },
    collateral2023: () => [
      itemOf(
        { kind: "intel-tcb-info", fmspc: "50806f000000" },
        bytes("tcbinfo-50806f000000-2023.json"),
        header("tcb-info-issuer-chain-2023.header.txt"),
      ),
      itemOf(
        { kind: "intel-qe-identity" },
        bytes("qeidentity-2023.json"),
        header("sgx-enclave-identity-issuer-chain-2023.header.txt"),
      ),
      itemOf(
        { kind: "intel-pck-crl", ca: "platform" },
        bytes("pckcrl-platform-2023.der"),
        header("sgx-pck-crl-issuer-chain-2023.header.txt"),
      ),
      itemOf({ kind: "intel-root-crl" }, bytes("rootcrl-2023.der")),
    ],
    tcbInfo2026: () =>
      itemOf(
        { kind: "intel-tcb-info", fmspc: "90c06f000000" },
        bytes("tcbinfo-90c06f000000-2026.json"),
        json("v4-b")["tcb_info_issuer_chain"],
      ),
  };
}

function itemOf(need: CollateralNeed, body: Uint8Array, issuerChainPem?: string): CollateralItem {
  return { need, url: "", body, issuerChainPem, origin: "file", fetchedAt: undefined, note: undefined };
}
