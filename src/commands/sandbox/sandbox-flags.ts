import type { FlagDefinition } from "../../terminal/command-definition.ts";

/** `--directory`: where the sandbox is. */
export const DIRECTORY_FLAG: FlagDefinition = {
  name: "directory",
  type: "string",
  value: "DIR",
  default: "contrast-sandbox",
  directories: true,
  inWorkspace: true,
  summary: "Directory of the sandbox",
};
