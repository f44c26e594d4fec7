import type { ErrorCode } from "./error-codes.ts";
import type { ErrorExplanation } from "./error-explanation.ts";

const DO_NOT_TRUST = "Do not trust the machine until the operator of the hardware has explained it.";
const GET_AGAIN = "Get the evidence again; a saved file may be damaged.";
const GIVE_COLLATERAL =
  "Give the documents with --collateral FILE (made by contrast collateral export), or name a mirror with --kds-mirror or --pcs-mirror.";
const RAISE_OR_UPDATE =
  "Update firmware and microcode of the host, or lower the minimum in the manifest if you accept the older version.";

/** A certificate that is not what AMD or Intel issue. */
const FOREIGN_CERTIFICATE: ErrorExplanation = {
  causes: [
    "The host delivers a certificate of another kind in this place, or a damaged one.",
    "The certificate was made up: only genuine ones have the form that the vendor prescribes.",
  ],
  actions: ["Leave the certificate out, so that it is fetched from the vendor.", DO_NOT_TRUST],
};

/** Something that only changed or made-up evidence shows. */
const FORGED: ErrorExplanation = {
  causes: ["The evidence was changed after it was made, by damage or on purpose.", "The evidence is made up."],
  actions: [GET_AGAIN, DO_NOT_TRUST],
};

/** By code: what is known about refused and open checks of SEV-SNP and TDX evidence. */
export const EVIDENCE_EXPLANATIONS = {
  // snp
  "snp/product-unknown": {
    causes: ["The processor is newer than this version of contrast, or older than SEV-SNP."],
    actions: ["Use a newer version of contrast.", "Deploy to Milan or Genoa machines."],
  },
  "snp/product-undetermined": {
    causes: ["A report of version 2 does not say which processor made it, and no certificate was given that does."],
    actions: ["Give the VCEK with --certs, or the manifest with --manifest."],
  },
  "snp/product-mismatch": {
    causes: [
      "The pod was scheduled to a node with another processor generation than the manifest has values for.",
      "The entry for this generation was deleted; generate writes entries for two.",
    ],
    actions: ["Add reference values for the product of the machine, or schedule to the right nodes."],
  },
  "snp/signing-key-none": {
    causes: ["The report was made while no signing key was loaded; genuine hosts of Contrast never do that."],
    actions: [DO_NOT_TRUST],
  },
  "snp/vlek-unsupported": {
    causes: [
      "The cloud provider signs reports with its own key (VLEK), as AWS does; Contrast trusts keys of chips only.",
    ],
    actions: ["Use machines whose reports are signed by the chip's key (VCEK)."],
  },
  "snp/certificate-unreadable": FOREIGN_CERTIFICATE,
  "snp/certificate-form-wrong": FOREIGN_CERTIFICATE,
  "snp/certificate-extensions-invalid": FOREIGN_CERTIFICATE,
  "snp/certificate-product-wrong": {
    causes: ["The host delivers the certificate of another machine, or one from before the processor was replaced."],
    actions: ["Leave the certificate out, so that it is fetched from AMD.", "Let the host refresh its certificates."],
  },
  "snp/certificate-tcb-wrong": {
    causes: ["The host was updated, and delivers the certificate for its earlier TCB."],
    actions: [
      "Let the host fetch its certificate again, or leave it out so that it is fetched from AMD.",
      "Restart the guest after the host's certificates were refreshed.",
    ],
  },
  "snp/certificate-chip-wrong": {
    causes: ["The certificate belongs to another machine: a wrong file, or one that the host copied."],
    actions: ["Give the certificate of this chip, or leave it out so that it is fetched from AMD."],
  },
  "snp/issuer-revoked": {
    causes: ["AMD no longer vouches for certificates below this one, usually after a leak of keys."],
    actions: ["Do not use machines of this product line until AMD has issued a new chain, and contrast knows it."],
  },
  "snp/signature-algorithm-unknown": FORGED,
  "snp/signature-invalid": {
    causes: [
      "The report was changed, or cut together from parts.",
      "The certificate is that of another chip or of another TCB; then these rows fail too.",
    ],
    actions: [GET_AGAIN, "Check that the certificate belongs to this report.", DO_NOT_TRUST],
  },
  "snp/report-data-wrong": {
    causes: [
      "The evidence was made for another connection and is replayed.",
      "The peer presents evidence of another machine in front of which it stands.",
      "The value of --report-data belongs to other evidence.",
    ],
    actions: ["Do not trust the peer; connect again and see whether it stays like this."],
  },
  "snp/host-data-wrong": {
    causes: [
      "The YAML was changed after generate, so the policy is another one.",
      "The Coordinator is of another release than this program expects.",
      "Somebody started a guest with a policy of their own.",
    ],
    actions: [
      "Run generate again and deploy its result.",
      "Give the right hash with --coordinator-policy-hash or --policy-hash.",
    ],
  },
  "snp/measurement-wrong": {
    causes: [
      "The node runs the guest image of another release of Contrast.",
      "The guest has another number of processors or another kernel command line than the measurement was made for.",
      "Somebody replaced the guest image.",
    ],
    actions: [
      "Install the node components of the release that the manifest was generated with, or generate it anew.",
      "Compare the found value with the reference values of the release; never just copy it.",
    ],
  },
  "snp/guest-policy-wrong": {
    causes: [
      "The guest was started with debugging or migration allowed, so that its host can read it.",
      "The platform starts guests with another policy, and the manifest does not say so.",
    ],
    actions: [
      "Never accept debugging in production.",
      "Else write the wanted policy into GuestPolicy of the manifest.",
    ],
  },
  "snp/vmpl-wrong": {
    causes: [
      "Software inside the guest with fewer rights than its kernel asked for the report; clouds with a paravisor do so.",
    ],
    actions: ["Use a platform whose guests run at VMPL 0."],
  },
  "snp/tcb-low": {
    causes: ["Firmware or microcode of the host is older than the manifest demands.", "The minimum was set too high."],
    actions: [RAISE_OR_UPDATE, "Run contrast manifest observe to see what the machine states."],
  },
  "snp/launch-tcb-low": {
    causes: ["The guest was started before the host was updated; its report keeps the version of that time."],
    actions: ["Restart the guest.", RAISE_OR_UPDATE],
  },
  "snp/tcb-order": FORGED,
  "snp/firmware-order": FORGED,
  "snp/platform-info-wrong": {
    causes: ["The BIOS of the host has settings, such as multithreading or ECC, against PlatformInfo of the manifest."],
    actions: ["Change the BIOS settings of the host, or PlatformInfo in the manifest."],
  },
  "snp/chip-not-allowed": {
    causes: ["The machine is not one of those listed in AllowedChipIDs."],
    actions: ["Add the chip id if the machine is yours, or schedule to the listed machines."],
  },
  "snp/mitigation-missing": {
    causes: ["Firmware of the host lacks a mitigation, or had it switched off when the guest was launched."],
    actions: ["Update the firmware of the host and restart the guest."],
  },
  "snp/vcek-missing": {
    causes: [
      "Bare-metal hosts deliver no certificate, and AMD's service could not be asked.",
      "AMD throttles requests.",
    ],
    actions: ["Give the certificate with --certs.", GIVE_COLLATERAL],
  },
  "snp/vlek-missing": {
    causes: ["Only the cloud provider can hand out this certificate, and the evidence came without it."],
    actions: ["Get the certificate from the provider's extended report and give it with --certs."],
  },
  "snp/chip-id-masked": {
    causes: ["The host is configured to hide its chip id (MASK_CHIP_ID)."],
    actions: ["Switch the masking off, or let the host deliver its VCEK with the evidence."],
  },
  "snp/crl-form-wrong": {
    causes: ["The list is not one of AMD's, or was signed with other means than AMD uses."],
    actions: ["Fetch the list from AMD again."],
  },
  "snp/crl-missing": {
    causes: ["The network was switched off or does not reach AMD, and no copy is at hand."],
    actions: [
      GIVE_COLLATERAL,
      "Give the list with --crl.",
      "To do without on purpose, use --no-revocation where the command has it.",
    ],
  },
  "snp/crl-unreadable": {
    causes: ["The file or answer is damaged, or is something else, such as a proxy's web page."],
    actions: ["Fetch the list again.", GIVE_COLLATERAL],
  },
  "snp/not-checked": {
    causes: ["An earlier check of the same verdict failed, or could not be made."],
    actions: ["Look at the rows before this one; what helps them helps here."],
  },
  "snp/collateral-wrong": {
    causes: [
      "A mirror delivers documents of another chip, TCB or product line.",
      "The document was made for synthetic hardware, or is not signed by AMD.",
    ],
    actions: ["Fetch it from AMD itself.", "Check what the mirror serves."],
  },

  // tdx
  "tdx/quote-is-sgx": {
    causes: ["The file comes from an SGX enclave."],
    actions: ["Present a quote of a TDX guest."],
  },
  "tdx/quote-unsupported": {
    causes: [
      "The quote is of a version, key type or certification data that Intel's services for TDX do not issue today.",
    ],
    actions: ["Use a newer version of contrast, or a platform with quotes of version 4 or 5."],
  },
  "tdx/chain-profile": FOREIGN_CERTIFICATE,
  "tdx/root-untrusted": {
    causes: ["The chain in the quote or document ends in a root that somebody else made, as test machines do."],
    actions: [DO_NOT_TRUST, "For tests with synthetic hardware use --insecure-trust-roots."],
  },
  "tdx/certificate-revoked": {
    causes: ["Intel no longer vouches for the platform or its authority, usually because keys may have leaked."],
    actions: ["Do not use the machine.", "Ask its operator to register it with Intel anew."],
  },
  "tdx/attestation-key-invalid": FORGED,
  "tdx/quote-signature-invalid": FORGED,
  "tdx/qe-signature-invalid": FORGED,
  "tdx/qe-binding-invalid": FORGED,
  "tdx/collateral-missing": {
    causes: [
      "The network was switched off or does not reach Intel, and no copy is at hand.",
      "Intel's service is down.",
    ],
    actions: [
      GIVE_COLLATERAL,
      "To do without on purpose, use --no-collateral or --no-revocation where the command has them.",
    ],
  },
  "tdx/collateral-expired": {
    causes: ["The copy at hand is older than a month, and a newer one could not be fetched.", "The clock is wrong."],
    actions: [
      "Fetch the documents again with contrast collateral fetch.",
      "To judge by the rules of an earlier day, give that time with --at.",
      "To go on for a limited time while nothing newer can be had, name its end with --accept-collateral-until.",
    ],
  },
  "tdx/collateral-not-yet-valid": {
    causes: ["The clock is behind, or --at names a time before the documents were issued."],
    actions: ["Correct the clock, or give documents of that time."],
  },
  "tdx/collateral-signature-invalid": {
    causes: ["The document was changed or re-formatted after Intel signed it; every byte counts."],
    actions: ["Fetch the document again, and keep the body byte for byte."],
  },
  "tdx/collateral-wrong": {
    causes: ["The documents were fetched for another platform (FMSPC), or are those of SGX."],
    actions: ["Fetch the documents for this quote: contrast collateral fetch --evidence FILE."],
  },
  "tdx/module-wrong": {
    causes: ["The platform runs a TDX module that Intel did not sign for production."],
    actions: ["Install Intel's released TDX module.", DO_NOT_TRUST],
  },
  "tdx/tcb-level-none": {
    causes: ["Microcode or TDX module of the machine are older than everything that Intel still lists."],
    actions: ["Update BIOS, microcode and TDX module of the host."],
  },
  "tdx/module-level-none": {
    causes: ["The TDX module is newer than the TCB info at hand, or older than everything that Intel still lists."],
    actions: ["Fetch newer TCB info.", "Update the TDX module of the host."],
  },
  "tdx/tcb-status": {
    causes: [
      "Intel published fixes that the machine does not have (OutOfDate).",
      "The BIOS has a setting that Intel advises against (ConfigurationNeeded).",
      "Software is to be hardened against an advisory (SWHardeningNeeded).",
    ],
    actions: ["Look up the advisories that the row names.", "Update BIOS, microcode and TDX module of the host."],
  },
  "tdx/qe-wrong": {
    causes: ["The quote was made by an enclave that is not Intel's quoting enclave for TDX."],
    actions: ["Install Intel's released quoting enclave on the host.", DO_NOT_TRUST],
  },
  "tdx/qe-level-none": {
    causes: ["The quoting enclave of the host is older than everything that Intel still lists."],
    actions: ["Update the attestation packages (DCAP) of the host."],
  },
  "tdx/qe-status": {
    causes: ["Intel published a newer quoting enclave."],
    actions: ["Update the attestation packages (DCAP) of the host."],
  },
  "tdx/report-data-wrong": {
    causes: [
      "The evidence was made for another connection and is replayed.",
      "The value of --report-data belongs to other evidence.",
    ],
    actions: ["Do not trust the peer; connect again and see whether it stays like this."],
  },
  "tdx/host-data-wrong": {
    causes: [
      "The YAML was changed after generate, so the policy is another one.",
      "The Coordinator is of another release than this program expects.",
    ],
    actions: [
      "Run generate again and deploy its result.",
      "Give the right hash with --coordinator-policy-hash or --policy-hash.",
    ],
  },
  "tdx/reference-value-wrong": {
    causes: [
      "The node runs the guest image, firmware or TDX module of another release.",
      "Somebody replaced the guest image.",
    ],
    actions: [
      "Install the node components of the release that the manifest was generated with, or generate it anew.",
      "For MrSeam, compare the found value with the TDX modules that Intel has released.",
    ],
  },
  "tdx/svn-too-low": {
    causes: ["The TDX module or its loader is older than the manifest demands.", "The minimum was set too high."],
    actions: [RAISE_OR_UPDATE, "Run contrast manifest observe to see what the machine states."],
  },
  "tdx/claim-forbidden": {
    causes: ["The guest uses processor features that are not part of the confidential guest's contract."],
    actions: ["Check how the host starts its guests.", DO_NOT_TRUST],
  },
  "tdx/debug-guest": {
    causes: ["The guest was started with the DEBUG attribute, so that its host can read and change it."],
    actions: ["Start the guest without debugging."],
  },
} as const satisfies Partial<Record<ErrorCode, ErrorExplanation>>;
