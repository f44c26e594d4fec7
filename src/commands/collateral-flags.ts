import type { FlagDefinition } from "../terminal/command-definition.ts";

/** Flags of every command that judges collateral; `trustOptionsOf` makes what they mean. */
export const TRUST_FLAGS: readonly FlagDefinition[] = [
  {
    name: "at",
    type: "string",
    value: "TIME",
    summary: "Judge validity at this time, such as 2026-01-31T12:00:00Z, in place of now",
  },
  {
    name: "insecure-trust-roots",
    type: "string",
    value: "FILE",
    files: ["pem", "crt"],
    summary: "Trust the vendor roots in this PEM file in place of the embedded ones; for tests only",
  },
];

/** Flags of every command that needs collateral; `collateralOptionsOf` makes what they mean. */
export const COLLATERAL_FLAGS: readonly FlagDefinition[] = [
  {
    name: "offline",
    type: "boolean",
    summary: "Ask no vendor service; use the evidence, --collateral and the cache",
  },
  {
    name: "collateral",
    type: "strings",
    value: "FILE",
    files: [],
    summary: "Take collateral from a bundle, its directory, or a JSON file of TDX collateral",
  },
  {
    name: "kds-mirror",
    type: "string",
    value: "URL",
    summary: "Ask this address in place of AMD's key distribution service",
  },
  {
    name: "pcs-mirror",
    type: "string",
    value: "URL",
    summary: "Ask this address in place of Intel's provisioning and certificate services",
  },
  {
    name: "mirror-ca",
    type: "string",
    value: "FILE",
    files: ["pem", "crt"],
    summary: "Trust the certificate authorities in this PEM file for mirrors and proxies",
  },
  ...TRUST_FLAGS,
];
