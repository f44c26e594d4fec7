import type { FlagDefinition } from "../terminal/command-definition.ts";

/** Names a table of images in place of the embedded one; commands that overlay it say so. */
export const IMAGE_REPLACEMENTS_FLAG: FlagDefinition = {
  name: "image-replacements",
  type: "string",
  value: "FILE",
  files: [],
  summary: "Table of images that replaces the one of this build",
};

/** Names a table of reference values in place of the embedded one. */
export const REFERENCE_VALUES_FILE_FLAG: FlagDefinition = {
  name: "reference-values-file",
  type: "string",
  value: "FILE",
  files: ["json"],
  summary: "Table of reference values that replaces the one of this build",
};
