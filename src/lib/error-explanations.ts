import type { ErrorClass, ErrorCode } from "./error-codes.ts";
import type { ErrorExplanation } from "./error-explanation.ts";
import { CALL_EXPLANATIONS } from "./call-explanations.ts";
import { COORDINATOR_EXPLANATIONS } from "./coordinator-explanations.ts";
import { DEPLOYMENT_EXPLANATIONS } from "./deployment-explanations.ts";
import { EVIDENCE_EXPLANATIONS } from "./evidence-explanations.ts";
import { ISSUER_EXPLANATIONS } from "./issuer-explanations.ts";
import { MEASURE_EXPLANATIONS } from "./measure-explanations.ts";
import { MESH_EXPLANATIONS } from "./mesh-explanations.ts";
import { PKI_EXPLANATIONS } from "./pki-explanations.ts";
import { REFUSAL_EXPLANATIONS } from "./refusal-explanations.ts";
import { SANDBOX_EXPLANATIONS } from "./sandbox-explanations.ts";
import { WORKLOAD_EXPLANATIONS } from "./workload-explanations.ts";

/** What a class of errors says, and what helps where nothing more special is known. */
export interface ClassExplanation {
  /** Continues "Class x: ", no final period. */
  readonly meaning: string;
  readonly actions: readonly string[];
}

/** By class. */
export const CLASS_EXPLANATIONS: Readonly<Record<ErrorClass, ClassExplanation>> = {
  usage: {
    meaning: "the command line cannot be understood",
    actions: ["Read the help of the command (contrast COMMAND --help) and correct the command line."],
  },
  rejected: {
    meaning: "evidence or data was checked and refused",
    actions: [
      "Do not trust the peer or the data. Read which check failed, with the value found and the value expected.",
      "If the expectation is outdated, update the manifest or the release that it comes from, then try again.",
    ],
  },
  mismatch: {
    meaning: "a manifest or policy is not the expected one",
    actions: ["Compare what is there with what was expected, and find out which of the two is out of date."],
  },
  unreachable: {
    meaning: "a peer could not be reached, answered too late, or answered outside of the protocol",
    actions: ["Check the address, the network between here and there, and proxies; then try again."],
  },
  collateral: {
    meaning: "something could not be checked, because vendor documents or time were missing; nothing was refused",
    actions: [
      "Make the vendor's documents available: allow the network, name a mirror, or give a bundle with --collateral.",
      "Try again later if the vendor's service throttles or is down.",
    ],
  },
  input: {
    meaning: "an input is invalid, or an output could not be written",
    actions: ["Correct the file that the message names, at the place that it names."],
  },
  recovery: {
    meaning: "the Coordinator was restarted and needs recovery",
    actions: ["Run contrast recover with the seed shares and a seed share owner key."],
  },
  internal: {
    meaning: "a defect of the program",
    actions: ["Report the message, the version (contrast --version) and the command that you ran."],
  },
  interrupted: { meaning: "the user stopped the program", actions: ["Run the command again."] },
};

const BAD_FILE: ErrorExplanation = {
  causes: ["The file is damaged, cut off, or of another kind than the flag takes.", "A download ended early."],
  actions: ["Get the file again from its source.", "Look at it with openssl or contrast evidence show."],
};

const BAD_IMAGE: ErrorExplanation = {
  causes: ["A registry, mirror or proxy delivers other data than it promised.", "A local copy was cut off or changed."],
  actions: [
    "Fetch the image again, without the mirror if there is one.",
    "If it stays like this, do not use the registry.",
  ],
};

const SERVICE_TROUBLE = [
  "Give the documents with --collateral FILE; contrast collateral export makes such a bundle where there is network.",
  "Name a mirror with --kds-mirror or --pcs-mirror.",
];

/** By code; codes without an entry are explained by their class. */
export const ERROR_EXPLANATIONS: Readonly<Partial<Record<ErrorCode, ErrorExplanation>>> = {
  ...EVIDENCE_EXPLANATIONS,
  ...DEPLOYMENT_EXPLANATIONS,
  ...WORKLOAD_EXPLANATIONS,
  ...CALL_EXPLANATIONS,
  ...COORDINATOR_EXPLANATIONS,
  ...SANDBOX_EXPLANATIONS,
  ...REFUSAL_EXPLANATIONS,

  // pki
  ...MEASURE_EXPLANATIONS,
  ...MESH_EXPLANATIONS,
  ...PKI_EXPLANATIONS,
  ...ISSUER_EXPLANATIONS,
  "pki/der-invalid": BAD_FILE,
  "pki/certificate-invalid": BAD_FILE,
  "pki/crl-invalid": BAD_FILE,
  "pki/pem-missing": {
    causes: [
      "The file is not in PEM form, or is another file.",
      "The lines with BEGIN and END are missing or changed.",
    ],
    actions: ["Check that the file begins with a line such as -----BEGIN CERTIFICATE-----."],
  },
  "pki/signature-invalid": {
    causes: [
      "The signed bytes were changed after they were signed, by damage or on purpose.",
      "The certificate that should have signed is not the one that did: another chip, product line or vendor.",
    ],
    actions: [
      "Get evidence and certificates again from their sources.",
      "If it stays like this, treat the machine as not trustworthy.",
    ],
  },
  "pki/algorithm-unsupported": {
    causes: ["The object was signed with an algorithm that neither vendor uses for it; genuine ones never are."],
    actions: ["Get the object from its vendor; do not trust this one."],
  },

  // oci
  "oci/digest-mismatch": BAD_IMAGE,
  "oci/size-mismatch": BAD_IMAGE,
  "oci/media-type-mismatch": BAD_IMAGE,

  // attestation
  "attestation/rejected": {
    causes: [
      "The manifest expects another guest image, policy or TCB than the machine has; the verdict names each field.",
      "The host was updated or replaced after the manifest was written.",
      "The evidence is forged, replayed, or of a guest that was started with debugging.",
    ],
    actions: [
      "Read the rows with ✗: value found, value expected, and where the expectation comes from.",
      "If the machine is right and the manifest is old, run generate with the current release, or raise the minima.",
      "If HOST_DATA or MR_CONFIG_ID differs, the policy differs: run generate again, or give --coordinator-policy-hash.",
      "If a signature, chain or revocation check failed, do not use the machine.",
    ],
  },
  "attestation/unchecked": {
    causes: [
      "A revocation list, TCB info or certificate could not be fetched: offline, throttled, or a firewall in between.",
      "The copy at hand is past its own date.",
      "The time given with --at lies outside of the documents' validity, or the clock is wrong.",
    ],
    actions: [
      "Read the rows with ?: each says what was missing and why.",
      ...SERVICE_TROUBLE,
      "To do without on purpose, use --no-revocation or --no-collateral where the command has them; the verdict will say so.",
    ],
  },
  "attestation/no-reference-values": {
    causes: [
      "The manifest was generated for another platform, such as TDX, while the machine has SEV-SNP.",
      "The Coordinator was deployed to another kind of node than planned.",
    ],
    actions: [
      "Run generate with --reference-values for the platform of the machine, or use the manifest made for it.",
      "Check that the Coordinator was scheduled to the right nodes.",
    ],
  },
  "attestation/evidence-unknown": {
    causes: [
      "The file is not evidence: a certificate without evidence extension, or a report with something before it.",
      "The report was cut off or saved together with its certificate table.",
    ],
    actions: [
      "Give an SNP report of exactly 1184 bytes, a TDX quote, the extension of an aTLS certificate, or the certificate.",
    ],
  },
  "attestation/trust-roots-invalid": {
    causes: ["The file holds a certificate whose common name is not that of a vendor's root or intermediate."],
    actions: [
      "Put only certificates named ARK-…, SEV-…, SEV-VLEK-… or Intel SGX Root CA into the file of --insecure-trust-roots.",
      "For real hardware leave the flag away: the vendors' roots are part of the program.",
    ],
  },
  "attestation/collateral-not-found": {
    causes: [
      "The chip id or TCB in the report does not exist at AMD: the report is made up, or the host masks the chip id.",
      "Intel does not know the platform (FMSPC), as with pre-production hardware.",
    ],
    actions: ["Ask the operator of the host for the certificate and give it with --certs.", ...SERVICE_TROUBLE],
  },
  "attestation/collateral-service-busy": {
    causes: ["AMD's service throttles repeated requests for one certificate.", "The vendor's service is in trouble."],
    actions: ["Wait a minute and try again.", ...SERVICE_TROUBLE],
  },
  "attestation/collateral-answer-invalid": {
    causes: ["A proxy or mirror answers in the vendor's place, such as with a login page.", "The mirror is broken."],
    actions: [
      "Open the address that the message names in a browser or with curl, from the same machine.",
      ...SERVICE_TROUBLE,
    ],
  },
  "attestation/collateral-missing": {
    causes: [
      "The program was told to stay offline, or the network does not reach the vendors.",
      "The copy at hand has expired.",
    ],
    actions: SERVICE_TROUBLE,
  },
  "attestation/collateral-file-invalid": BAD_FILE,
  "attestation/bundle-invalid": {
    causes: ["The bundle was changed after contrast collateral export made it, or was cut off."],
    actions: ["Export the bundle again."],
  },
  "attestation/import-refused": {
    causes: [
      "The file holds documents of synthetic hardware, or somebody changed them.",
      "A document is filed under a wrong name.",
    ],
    actions: ["Export the documents again where they came from, and compare."],
  },

  // atls
  "atls/unreachable": {
    causes: [
      "The address or port is wrong; the user API normally listens on port 1313.",
      "No port-forwarding, load balancer or firewall rule leads to the Coordinator, or it is not running.",
    ],
    actions: [
      "Check with kubectl that the Coordinator's pod runs, and that its service has the address that you gave.",
    ],
  },
  "atls/handshake-closed": {
    causes: [
      "A load balancer or proxy in between closed the connection, because nothing answers behind it.",
      "The Coordinator could not make evidence and gave up.",
    ],
    actions: ["Look at the Coordinator's log.", "Use a load balancer that passes TCP on; it must not end TLS itself."],
  },
  "atls/timeout": {
    causes: ["A firewall drops packets silently.", "The machine is overloaded, or its report device is slow."],
    actions: ["Check the address and the network in between; then try again."],
  },
  "atls/not-tls": {
    causes: ["Another service listens on this port.", "A proxy answers in plain HTTP."],
    actions: ["Check the port; the user API of the Coordinator normally listens on 1313."],
  },
  "atls/handshake-refused": {
    causes: [
      "A workload asks for a certificate, and the Coordinator has no manifest yet or waits for its seed.",
      "The port is that of the mesh API (7777), not that of the user API (1313).",
      "A proxy in between ends TLS itself.",
      "The server is no Coordinator, or is of a version without aTLS.",
    ],
    actions: [
      "Workloads: run contrast set, or contrast recover; they try again by themselves.",
      "Give the address of the user API to set, verify and recover, and connect without a proxy that ends TLS.",
      "Look into the log of the Coordinator, which names the reason.",
    ],
  },
  "atls/attestation-timeout": {
    causes: ["The vendor's service answers slowly, so the verification did not end in time."],
    actions: ["Fetch the documents beforehand with contrast collateral fetch.", ...SERVICE_TROUBLE],
  },
  "atls/certificate-expired": {
    causes: ["The clock of this computer or of the Coordinator is off by more than two hours."],
    actions: ["Correct the clocks; the certificate of a Coordinator is valid for two hours around its own time."],
  },
  "atls/certificate-invalid": {
    causes: ["The server is no Coordinator.", "A proxy in between ends TLS with a certificate of its own."],
    actions: ["Connect to the Coordinator without a proxy that ends TLS."],
  },
  "atls/key-unproven": {
    causes: ["The peer presents a certificate that is not its own: evidence of another connection was replayed."],
    actions: ["Do not trust the peer. Check whose machine answers at this address."],
  },
  "atls/no-evidence": {
    causes: [
      "The server is not the Coordinator's user API; its mesh API, for one, presents no evidence.",
      "A proxy in between ends TLS with a certificate of its own.",
    ],
    actions: ["Check the port: 1313 is the user API, 7777 the mesh API.", "Connect without a proxy that ends TLS."],
  },
  "atls/client-key-unsupported": {
    causes: ["The key file holds a key of another kind, such as Ed25519."],
    actions: [
      "Use an owner key as contrast generate makes them: P-384 for workload owners, RSA for seed share owners.",
    ],
  },
};
