import engineLicences from "../../wasm/regorus.licences.txt" with { type: "text" };

// Replaced by `--define` in scripts/build/compile-binary.ts; undefined when the program runs from source.
declare const CONTRAST_NOTICES: string | undefined;

const packages =
  typeof CONTRAST_NOTICES === "string" ? CONTRAST_NOTICES : "Run from source: the licences lie in node_modules.\n";

/**
 * Licences of the software in the binary: of packages, collected while building, and of the policy engine. The latter
 * come as a file, because the system bounds the length of what a build is told.
 */
export const THIRD_PARTY_NOTICES: string = [
  packages,
  `The policy engine for any rules, a WebAssembly module:\n\n${engineLicences}`,
].join(`\n${"=".repeat(80)}\n\n`);
