import { collateralSetOf } from "../../../src/attestation/collateral/collateral-set.ts";
import type { SnpProduct, TcbVersion } from "../../../src/attestation/collateral-need.ts";
import { vcekNeed } from "../../../src/attestation/snp/find-collateral.ts";
import { DEFAULT_GUEST_POLICY } from "../../../src/attestation/snp/guest-policy.ts";
import { parseSnpAttestation } from "../../../src/attestation/snp/snp-attestation.ts";
import { snpEvidenceFromReport } from "../../../src/attestation/snp/snp-evidence.ts";
import { verifySnp } from "../../../src/attestation/snp/verify-snp.ts";
import { embeddedTrustRoots } from "../../../src/attestation/trust-roots.ts";
import { parseCertificate } from "../../../src/pki/x509/certificate.ts";
import { type AmdAuthority, collateralItem } from "../../fakes/amd-chip.ts";
import { base64 } from "./ask-peers.ts";
import type { JudgedCase } from "./judged-case.ts";

/** SNP evidence with everything that it is judged by. */
export interface SnpInput {
  readonly label: string;
  readonly at: Date;
  readonly product: SnpProduct;
  /** AMD's own where it is left out. */
  readonly authority?: Pick<AmdAuthority, "roots" | "rootsPem">;
  /** 1184 bytes with the certificate of the key beside it, or the value of a certificate extension. */
  readonly raw?: Uint8Array;
  readonly extension?: Uint8Array;
  readonly vcek?: Uint8Array | undefined;
  readonly vlek?: Uint8Array | undefined;
  /** Revocation is waived without it. */
  readonly crl?: Uint8Array;
  /** Only authenticity is judged without it. */
  readonly expected?: SnpExpected | undefined;
}

/** What both sides are told to expect. */
export interface SnpExpected {
  readonly measurement: Uint8Array;
  readonly reportData: Uint8Array;
  readonly hostData: Uint8Array;
  readonly minimumTcb: TcbVersion;
  readonly debug: boolean;
}

/** The same question for both sides. */
export function snpCase(input: SnpInput): JudgedCase {
  const { label, at, product, authority, raw, extension, vcek, vlek, crl, expected } = input;
  return {
    label,
    peer: {
      tee: "snp",
      at,
      roots: authority?.rootsPem,
      revocation: crl !== undefined,
      ...(raw === undefined ? {} : { raw: base64(raw) }),
      ...(extension === undefined ? {} : { extension: base64(extension) }),
      snp: {
        product,
        vcek: vcek && base64(vcek),
        vlek: vlek && base64(vlek),
        crl: crl && base64(crl),
        expected: expected && peerExpectations(expected),
      },
    },
    judge: () => {
      const certificates = [vcek, vlek].flatMap((der) =>
        der === undefined ? [] : [parseCertificate(der, "certificate")],
      );
      const evidence =
        extension === undefined
          ? snpEvidenceFromReport(raw ?? new Uint8Array(), certificates)
          : parseSnpAttestation(extension);
      const items = [
        ...(crl === undefined ? [] : [collateralItem({ kind: "amd-crl", product, signingKey: "VCEK" }, crl)]),
        // A certificate beside a message is what AMD's service would have delivered.
        ...(vcek === undefined || extension === undefined ? [] : [collateralItem(vcekNeed(evidence, product), vcek)]),
      ];
      return verifySnp(evidence, collateralSetOf(items), {
        at,
        roots: authority?.roots ?? embeddedTrustRoots().amd,
        revocation: crl === undefined ? "waived" : "required",
        expectations: expected && [
          {
            name: "snp-0",
            source: "ReferenceValues.snp[0]",
            product,
            measurement: expected.measurement,
            minimumTcb: expected.minimumTcb,
            guestPolicy: { ...DEFAULT_GUEST_POLICY, debug: expected.debug },
            platformInfo: undefined,
            allowedChipIds: undefined,
            minimumMitigationVector: undefined,
          },
        ],
        expected: expected === undefined ? {} : { reportData: expected.reportData, hostData: expected.hostData },
      });
    },
  };
}

function peerExpectations(expected: SnpExpected): Readonly<Record<string, unknown>> {
  const { measurement, reportData, hostData, minimumTcb, debug } = expected;
  return {
    measurement: base64(measurement),
    reportData: base64(reportData),
    hostData: base64(hostData),
    minimumTcb: [minimumTcb.bootloader, minimumTcb.tee, minimumTcb.snp, minimumTcb.microcode],
    guestPolicy: { smt: true, debug },
  };
}
