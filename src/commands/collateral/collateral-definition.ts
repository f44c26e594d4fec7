import type { CommandDefinition, FlagDefinition } from "../../terminal/command-definition.ts";
import { COLLATERAL_FLAGS, TRUST_FLAGS } from "../collateral-flags.ts";

/** Flags that say for which machines collateral is needed. */
const NEED_FLAGS: readonly FlagDefinition[] = [
  {
    name: "manifest",
    short: "m",
    type: "string",
    value: "FILE",
    files: ["json"],
    summary: "For the machines that this manifest trusts",
  },
  {
    name: "evidence",
    type: "strings",
    value: "FILE",
    files: [],
    summary: "For the machine that this report, quote or aTLS certificate is from",
  },
  {
    name: "coordinator",
    short: "c",
    type: "string",
    value: "HOST:PORT",
    summary: "For the machine of this Coordinator, which is asked for its evidence",
  },
  {
    name: "product",
    type: "strings",
    value: "NAME",
    choices: ["Milan", "Genoa", "Turin"],
    summary: "For AMD processors of this line",
  },
  {
    name: "chip-id",
    type: "strings",
    value: "HEX",
    summary: "For the AMD processor with this chip id; needs --product and --tcb",
  },
  {
    name: "tcb",
    type: "string",
    value: "VERSIONS",
    summary: "Its reported TCB: bootloader, TEE, SNP and microcode, such as 3.0.8.209; for Turin with FMC in front",
  },
  {
    name: "fmspc",
    type: "strings",
    value: "HEX",
    summary: "For Intel processors with this FMSPC",
  },
];

const NEEDS =
  "What is needed is derived from a manifest, a saved report or quote, a live Coordinator, or from numbers. A manifest names product lines and allowed chips; the VCEK of a machine with newer firmware, and the TCB info of a TDX machine, are known only from its evidence. Evidence is not verified for this.";

const listDefinition: CommandDefinition = {
  name: "list",
  summary: "Show what collateral is needed, and what the cache and bundles hold",
  description: [
    NEEDS,
    "Nothing is fetched. Each piece is shown with its dates, where it comes from, and whether it is signed by the vendor and valid.",
  ].join("\n\n"),
  examples: [
    { comment: "What does the cache hold, and until when is it valid?", command: "contrast collateral list" },
    {
      comment: "Does a bundle hold all that a deployment needs?",
      command: "contrast collateral list --manifest manifest.json --evidence report.bin --collateral bundle.tar",
    },
  ],
  flags: [...NEED_FLAGS, ...COLLATERAL_FLAGS],
  load: async () => (await import("./collateral-list.ts")).collateralListCommand,
};

const fetchDefinition: CommandDefinition = {
  name: "fetch",
  summary: "Fetch collateral from the vendors into the cache",
  description: [
    NEEDS,
    "Addresses of the vendors, as messages name them, are taken too. Without any of this, what the cache holds is brought up to date.",
    "Certificates that the cache holds are not fetched again, and neither is anything that was fetched less than a day ago and is still valid. Only what the vendor signed is kept. With --format json the exit status is 6 if something could not be had.",
  ].join("\n\n"),
  examples: [
    { comment: "Prepare for verifying a deployment", command: "contrast collateral fetch --manifest manifest.json" },
    {
      comment: "Fetch one piece by its address",
      command: "contrast collateral fetch https://kdsintf.amd.com/vcek/v1/Milan/crl",
    },
    {
      comment: "Ask a mirror",
      command: "contrast collateral fetch --fmspc 50806f000000 --pcs-mirror https://mirror.example/pcs",
    },
  ],
  positionals: { usage: "[addresses...]", minimum: 0, maximum: Number.POSITIVE_INFINITY },
  flags: [...NEED_FLAGS, ...COLLATERAL_FLAGS],
  load: async () => (await import("./collateral-fetch.ts")).collateralFetchCommand,
};

const exportDefinition: CommandDefinition = {
  name: "export",
  summary: "Write collateral to a bundle for machines without network",
  description: [
    NEEDS,
    "What is missing is fetched, as by collateral fetch; if it cannot be had, nothing is written. Without naming any need, all valid collateral of the cache and of --collateral is written.",
    "The bundle is an uncompressed tar. The same collateral gives the same bytes. All commands that verify evidence take it with --collateral.",
  ].join("\n\n"),
  examples: [
    {
      comment: "Carry everything to a machine without network",
      command: "contrast collateral export bundle.tar --manifest manifest.json --coordinator 203.0.113.7:1313",
    },
  ],
  positionals: { usage: "file", minimum: 1, maximum: 1, files: ["tar"] },
  flags: [...NEED_FLAGS, ...COLLATERAL_FLAGS],
  load: async () => (await import("./collateral-export.ts")).collateralExportCommand,
};

const importDefinition: CommandDefinition = {
  name: "import",
  summary: "Take collateral from bundles into the cache",
  description:
    "Takes bundles, directories with the files of one, and JSON files of TDX collateral. Only content that the vendor signed is taken, and nothing replaces something newer. The command fails if anything was refused.",
  examples: [{ comment: "Use a bundle from a connected machine", command: "contrast collateral import bundle.tar" }],
  positionals: { usage: "files...", minimum: 1, maximum: Number.POSITIVE_INFINITY, files: [] },
  flags: TRUST_FLAGS,
  load: async () => (await import("./collateral-import.ts")).collateralImportCommand,
};

const pruneDefinition: CommandDefinition = {
  name: "prune",
  summary: "Remove collateral from the cache that is of no use",
  description:
    "Removes what is expired, what the vendor did not sign, and what a killed process left half written. If needs are named as for collateral list, what serves none of them is removed too.",
  examples: [
    { comment: "See what would be removed", command: "contrast collateral prune --dry-run" },
    {
      comment: "Keep only what a deployment needs",
      command: "contrast collateral prune --manifest manifest.json --evidence report.bin",
    },
  ],
  exclusive: [
    ["all", "manifest"],
    ["all", "evidence"],
    ["all", "coordinator"],
    ["all", "product"],
    ["all", "fmspc"],
  ],
  flags: [
    { name: "all", type: "boolean", summary: "Remove everything" },
    { name: "dry-run", type: "boolean", summary: "Only show what would be removed" },
    ...NEED_FLAGS,
    ...TRUST_FLAGS,
  ],
  load: async () => (await import("./collateral-prune.ts")).collateralPruneCommand,
};

/** `contrast collateral`: certificates, revocation lists and platform data of the vendors. */
export const collateralDefinition: CommandDefinition = {
  name: "collateral",
  summary: "Fetch, carry and clean up what AMD and Intel publish about their hardware",
  subcommands: [listDefinition, fetchDefinition, exportDefinition, importDefinition, pruneDefinition],
};
