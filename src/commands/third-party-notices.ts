// Replaced by `--define` in scripts/build/compile-binary.ts; undefined when the program runs from source.
declare const CONTRAST_NOTICES: string | undefined;

/** Licences of the software in the binary, collected while building. */
export const THIRD_PARTY_NOTICES: string =
  typeof CONTRAST_NOTICES === "string" ? CONTRAST_NOTICES : "Run from source: the licences lie in node_modules.\n";
