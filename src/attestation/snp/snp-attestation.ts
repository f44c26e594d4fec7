import { create, toBinary } from "@bufbuild/protobuf";
import { ContrastError } from "../../lib/errors.ts";
import { readMessage } from "../../proto/read-message.ts";
import { type Attestation, AttestationSchema, type CertificateChain } from "../../proto/sevsnp_pb.ts";
import type { SnpProduct } from "../collateral-need.ts";
import { parseSnpReport } from "./parse-report.ts";
import { productOfCpuid } from "./product.ts";
import { reportFromMessage, reportToMessage } from "./report-message.ts";
import type { SnpEndorsements, SnpEvidence } from "./snp-evidence.ts";

/** A report, three certificates and a revocation list are below 16 KiB. */
const MAX_ATTESTATION_BYTES = 256 * 1024;

/** Key of the revocation list among the extras, as Contrast writes it since version 1.5. */
const CRL_EXTRA = "00569ee4-e480-4fba-bbf4-45b629901180";

const PRODUCT_NUMBERS: Readonly<Record<SnpProduct, number>> = { Milan: 1, Genoa: 2, Turin: 3 };
const PRODUCTS: readonly SnpProduct[] = ["Milan", "Genoa", "Turin"];

/**
 * Reads evidence as it stands in a certificate extension: the protobuf message `sevsnp.Attestation`.
 *
 * @param bytes at most 256 KiB; copied
 * @throws ContrastError `snp/attestation-invalid`, and what `parseSnpReport` throws
 * @see google/go-sev-guest proto/sevsnp.proto; edgelesssys/contrast internal/attestation/snp
 */
export function parseSnpAttestation(bytes: Uint8Array): SnpEvidence {
  checkSize(bytes);
  const message = decode(bytes.slice());
  if (message.report === undefined) throw invalid("it has no report");
  const reportBytes = reportFromMessage(message.report);
  const report = parseSnpReport(reportBytes);
  const claimed = PRODUCTS.find((product) => PRODUCT_NUMBERS[product] === message.product?.name);
  return {
    report,
    reportBytes,
    // The report's own bytes are signed by the processor, the name in the message is not.
    product: report.cpuid === undefined ? claimed : productOfCpuid(report.cpuid),
    endorsements: endorsementsOf(message.certificateChain),
  };
}

/** The inverse of `parseSnpAttestation`; the stepping of the product is written as 0, as Contrast does. */
export function encodeSnpAttestation(evidence: SnpEvidence): Uint8Array {
  const { report, reportBytes, product, endorsements } = evidence;
  const hasChain = Object.values(endorsements).some((part) => part !== undefined);
  return toBinary(
    AttestationSchema,
    create(AttestationSchema, {
      report: reportToMessage(report, reportBytes),
      ...(hasChain && { certificateChain: chainOf(endorsements) }),
      ...(product !== undefined && { product: { name: PRODUCT_NUMBERS[product], machineStepping: 0 } }),
    }),
  );
}

function checkSize(bytes: Uint8Array): void {
  if (bytes.length > MAX_ATTESTATION_BYTES) {
    throw invalid(`got ${bytes.length} bytes, want at most ${MAX_ATTESTATION_BYTES}`);
  }
}

function decode(bytes: Uint8Array): Attestation {
  try {
    return readMessage(AttestationSchema, bytes);
  } catch (error) {
    throw invalid("it is no protobuf message of that form", error);
  }
}

function endorsementsOf(chain: CertificateChain | undefined): SnpEndorsements {
  const present = (bytes: Uint8Array | undefined): Uint8Array | undefined =>
    bytes === undefined || bytes.length === 0 ? undefined : bytes;
  return {
    vcek: present(chain?.vcekCert),
    vlek: present(chain?.vlekCert),
    ask: present(chain?.askCert),
    ark: present(chain?.arkCert),
    crl: present(chain?.extras[CRL_EXTRA]),
  };
}

function chainOf({ vcek, vlek, ask, ark, crl }: SnpEndorsements): Omit<CertificateChain, "$typeName" | "$unknown"> {
  const none = new Uint8Array();
  return {
    vcekCert: vcek ?? none,
    vlekCert: vlek ?? none,
    askCert: ask ?? none,
    arkCert: ark ?? none,
    firmwareCert: none,
    extras: crl === undefined ? {} : { [CRL_EXTRA]: crl },
  };
}

function invalid(fact: string, cause?: unknown): ContrastError {
  return new ContrastError("snp/attestation-invalid", `Cannot read SNP evidence: ${fact}`, { cause });
}
