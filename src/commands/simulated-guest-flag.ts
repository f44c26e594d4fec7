import type { FlagDefinition } from "../terminal/command-definition.ts";

/** Flag of every role that proves where it runs; `issuerOptionsOf` makes what it means. */
export const SIMULATED_GUEST_FLAG: FlagDefinition = {
  name: "insecure-simulated-guest",
  type: "string",
  value: "FILE",
  files: ["json"],
  summary: "Take evidence from the simulated machine of this file in place of the hardware; for tests only",
};
