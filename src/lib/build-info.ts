// Replaced by `--define` in scripts/build/compile-binary.ts; undefined when the program runs from source.
declare const CONTRAST_VERSION: string | undefined;
declare const CONTRAST_COMMIT: string | undefined;
declare const CONTRAST_VERSION_DETAILS: string | undefined;

/** Version of this build with a leading `v`, such as `v0.1.0`; `v0.0.0-dev` when run from source. */
export const VERSION: string = typeof CONTRAST_VERSION === "string" ? CONTRAST_VERSION : "v0.0.0-dev";

/** Commit that a release job named for this build, or an empty string. */
export const COMMIT: string = typeof CONTRAST_COMMIT === "string" ? CONTRAST_COMMIT : "";

/** What `--version` prints after its first line, rendered while building; undefined when run from source. */
export const VERSION_DETAILS: string | undefined =
  typeof CONTRAST_VERSION_DETAILS === "string" ? CONTRAST_VERSION_DETAILS : undefined;
