import type { CommandDefinition, PositionalDefinition } from "../../terminal/command-definition.ts";
import { COLLATERAL_FLAGS } from "../collateral-flags.ts";
import { COORDINATOR_FLAG } from "../coordinator-flags.ts";
import { ACCEPT_EXPIRED_FLAG } from "../expired-collateral.ts";
import { evidenceIssueDefinition } from "./evidence-issue-definition.ts";

const EVIDENCE_FILE: PositionalDefinition = { usage: "file", minimum: 1, maximum: 1, files: [] };

const FORMS =
  "The file may be an SNP report (1184 bytes), a TDX quote, the message of an aTLS certificate extension, or a certificate with such an extension in PEM or DER; all but PEM also as hexadecimal or base64 text. The path - reads standard input.";

const evidenceShowDefinition: CommandDefinition = {
  name: "show",
  summary: "Show every field of a report or quote, without verifying it",
  description: [
    FORMS,
    "Nothing is verified and nothing is fetched: every value may be made up. Use evidence verify to find out.",
  ].join("\n\n"),
  examples: [{ comment: "Show what a saved report says", command: "contrast evidence show report.bin" }],
  positionals: EVIDENCE_FILE,
  load: async () => (await import("./evidence-show.ts")).evidenceShowCommand,
};

const evidenceVerifyDefinition: CommandDefinition = {
  name: "verify",
  summary: "Verify a report or quote of AMD SEV-SNP or Intel TDX",
  description: [
    FORMS,
    "Without --manifest only the authenticity is judged: signatures, certificate chain, dates, revocation, and for TDX the status of the platform; the output lists what was not judged. Certificates and revocation lists come from the evidence, from the files given, from the cache, and then from AMD's and Intel's services.",
    "What is missing is a check that could not be made, not success. The checks that --no-revocation and --no-collateral leave out are listed as waived. Checks that passed are put together by what they are about; --all lists each of them, and so does --format json.",
    "With --format json the exit status is 0 for accepted evidence, 3 if a check failed, and 6 if none failed but some could not be made.",
  ].join("\n\n"),
  examples: [
    {
      comment: "Is this report of a genuine machine?",
      command: "contrast evidence verify report.bin",
    },
    {
      comment: "Without network, with the certificate at hand",
      command: "contrast evidence verify report.bin --certs vcek.pem --crl genoa.crl --offline",
    },
    {
      comment: "Does a quote fit the manifest, and was it valid at the end of June?",
      command: "contrast evidence verify quote.bin --manifest manifest.json --collateral quote.json --at 2025-06-30",
    },
  ],
  positionals: EVIDENCE_FILE,
  exclusive: [["report-data", "nonce"]],
  flags: [
    {
      name: "certs",
      type: "strings",
      value: "FILE",
      files: ["pem", "der", "crt", "cer"],
      summary: "Certificates in PEM or DER, in any order: VCEK or VLEK, ASK, ARK",
    },
    {
      name: "crl",
      type: "strings",
      value: "FILE",
      files: ["crl", "der", "pem"],
      summary: "Revocation lists in DER or PEM, of AMD or Intel",
    },
    {
      name: "manifest",
      short: "m",
      type: "string",
      value: "FILE",
      files: ["json"],
      summary: "Also judge the values by the reference values and policies of this manifest",
    },
    {
      name: "report-data",
      type: "string",
      value: "HEX",
      summary: "The 64 bytes that the evidence must be bound to",
    },
    {
      name: "nonce",
      type: "string",
      value: "HEX",
      summary:
        "The 32 bytes of the connection that a certificate with evidence was made for, in place of --report-data",
    },
    {
      name: "policy-hash",
      type: "string",
      value: "HEX",
      summary: "The policy hash that the guest must have, in place of any policy of the manifest",
    },
    { name: "no-revocation", type: "boolean", summary: "Do without revocation lists; the verdict says so" },
    {
      name: "no-collateral",
      type: "boolean",
      summary: "Do without Intel's TCB info and QE identity; the verdict says so",
    },
    { name: "all", type: "boolean", summary: "List every check, also those that passed" },
    ...COLLATERAL_FLAGS,
    ACCEPT_EXPIRED_FLAG,
  ],
  load: async () => (await import("./evidence-verify.ts")).evidenceVerifyCommand,
};

const evidenceFetchDefinition: CommandDefinition = {
  name: "fetch",
  summary: "Save the evidence of a Coordinator to a file, without verifying it",
  description: [
    "Asks the Coordinator for evidence over a fresh nonce and writes its certificate, which carries the evidence, as PEM. Nothing is verified, nothing is sent beyond the TLS handshake, and evidence that verify refuses is saved like any other: for an audit, for whoever is to help, or for collateral fetch on another computer.",
    "The nonce is printed, because the certificate does not hold it: with it evidence verify also finds out whether the evidence was made for this connection and the key of the certificate.",
  ].join("\n\n"),
  examples: [
    {
      comment: "Keep what the Coordinator presents",
      command: "contrast evidence fetch -c coordinator.example:1313 coordinator.pem",
    },
  ],
  positionals: EVIDENCE_FILE,
  flags: [COORDINATOR_FLAG],
  load: async () => (await import("./evidence-fetch.ts")).evidenceFetchCommand,
};

/** `contrast evidence`: what the vendors' tools do, for both vendors. */
export const evidenceDefinition: CommandDefinition = {
  name: "evidence",
  summary: "Make, save, show and verify hardware evidence in files",
  subcommands: [evidenceFetchDefinition, evidenceIssueDefinition, evidenceShowDefinition, evidenceVerifyDefinition],
};
