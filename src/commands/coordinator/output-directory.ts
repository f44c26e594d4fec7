/** Where `verify` writes, below the workspace. */
export const OUTPUT_DIRECTORY = "verify";
