import { collateralSetOf } from "../../../src/attestation/collateral/collateral-set.ts";
import type { CollateralItem } from "../../../src/attestation/collateral-need.ts";
import { parseTdxAttestation } from "../../../src/attestation/tdx/tdx-attestation.ts";
import { tdxEvidenceFromQuote } from "../../../src/attestation/tdx/tdx-evidence.ts";
import type { TdReport } from "../../../src/attestation/tdx/quote.ts";
import { verifyTdx } from "../../../src/attestation/tdx/verify-tdx.ts";
import { embeddedTrustRoots } from "../../../src/attestation/trust-roots.ts";
import type { Certificate } from "../../../src/pki/x509/certificate.ts";
import { INTEL_QE_VENDOR } from "../../fakes/intel-quote.ts";
import { base64, type PeerAnswer } from "./ask-peers.ts";
import type { JudgedCase } from "./judged-case.ts";

/** TDX evidence with everything that it is judged by. */
export interface TdxInput {
  readonly label: string;
  readonly at: Date;
  /** Intel's own where it is left out. */
  readonly root?: { readonly certificate: Certificate; readonly pem: string };
  readonly raw?: Uint8Array;
  readonly extension?: Uint8Array;
  /** Revocation and collateral are waived without it. */
  readonly collateral?: readonly CollateralItem[];
  /** Only authenticity is judged without it. */
  readonly expected?: TdReport | undefined;
}

/** What tells the addresses of Intel's services apart, and in which header the issuer chain stands. */
const PARTS: Readonly<Record<string, { readonly part: string; readonly header: string }>> = {
  "intel-tcb-info": { part: "/tcb?", header: "Tcb-Info-Issuer-Chain" },
  "intel-qe-identity": { part: "/qe/identity", header: "Sgx-Enclave-Identity-Issuer-Chain" },
  "intel-pck-crl": { part: "/pckcrl?", header: "Sgx-Pck-Crl-Issuer-Chain" },
  "intel-root-crl": { part: "IntelSGXRootCA.der", header: "" },
};

/** The same question for both sides. */
export function tdxCase(input: TdxInput): JudgedCase {
  const { label, at, root, raw, extension, collateral, expected } = input;
  const waived = collateral === undefined ? "waived" : "required";
  return {
    label,
    peer: {
      tee: "tdx",
      at,
      roots: root?.pem,
      revocation: collateral !== undefined,
      ...(raw === undefined ? {} : { raw: base64(raw) }),
      ...(extension === undefined ? {} : { extension: base64(extension) }),
      tdx: {
        useCollateral: collateral !== undefined,
        collateral: (collateral ?? []).flatMap(peerAnswer),
        expected: expected && peerExpectations(expected),
      },
    },
    judge: () => {
      const evidence =
        extension === undefined ? tdxEvidenceFromQuote(raw ?? new Uint8Array()) : parseTdxAttestation(extension);
      return verifyTdx(evidence, collateralSetOf(collateral ?? []), {
        at,
        root: root?.certificate ?? embeddedTrustRoots().intel,
        revocation: waived,
        collateral: waived,
        expectations: expected && [
          {
            ...expected,
            name: "tdx-0",
            source: "ReferenceValues.tdx[0]",
            rtmrsKey: "Rtrms",
            minimumTeeTcbSvn: expected.teeTcbSvn,
            minimumQeSvn: 0,
            minimumPceSvn: 0,
          },
        ],
        expected: expected === undefined ? {} : { reportData: expected.reportData, hostData: policyHashOf(expected) },
      });
    },
  };
}

/** What Contrast puts into MR_CONFIG_ID; undefined for guests of others, who put something longer there. */
function policyHashOf({ mrConfigId }: TdReport): Uint8Array | undefined {
  return mrConfigId.subarray(32).every((byte) => byte === 0) ? mrConfigId.subarray(0, 32) : undefined;
}

function peerAnswer({ need, body, issuerChainPem }: CollateralItem): readonly PeerAnswer[] {
  const known = PARTS[need.kind];
  return known === undefined ? [] : [{ ...known, body: base64(body), chain: issuerChainPem ?? "" }];
}

function peerExpectations(expected: TdReport): Readonly<Record<string, unknown>> {
  return {
    reportData: base64(expected.reportData),
    mrConfigId: policyHashOf(expected) && base64(expected.mrConfigId),
    mrTd: base64(expected.mrTd),
    mrSeam: base64(expected.mrSeam),
    rtmrs: expected.rtmrs.map(base64),
    tdAttributes: base64(expected.tdAttributes),
    xfam: base64(expected.xfam),
    minimumTeeTcbSvn: base64(expected.teeTcbSvn),
    qeVendorId: base64(INTEL_QE_VENDOR),
  };
}
