import type { FlagDefinition } from "../terminal/command-definition.ts";

/** Rules that policies begin with; each command says what it does with them. */
export const RULES_FLAG: Omit<FlagDefinition, "summary"> = {
  name: "policy",
  short: "p",
  type: "string",
  value: "FILE",
  default: "rules.rego",
  files: ["rego"],
  inWorkspace: true,
};

/** Settings that policies are made with; each command says what it does with them. */
export const SETTINGS_FLAG: Omit<FlagDefinition, "summary"> = {
  name: "settings",
  short: "s",
  type: "string",
  value: "FILE",
  default: "settings.json",
  files: ["json"],
  inWorkspace: true,
};
