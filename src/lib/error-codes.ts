/**
 * Why a command ended, seen by a script. Each class has one exit status where structured output was asked for
 * (`src/cli/exit-status.ts`); "could not check" and "checked and refused" are different classes.
 */
export type ErrorClass =
  "usage" | "rejected" | "mismatch" | "unreachable" | "collateral" | "input" | "recovery" | "internal" | "interrupted";

interface ErrorCodeEntry {
  readonly class: ErrorClass;
  readonly meaning: string;
}

/** Every error code of the program. A code is never renamed or reused; the documentation is made from this table. */
export const ERROR_CODES = {
  // lib
  "lib/internal": { class: "internal", meaning: "A rule of the program itself was broken; this is a defect." },
  "lib/interrupted": { class: "interrupted", meaning: "The user asked the program to stop." },
  "lib/file-unreadable": { class: "input", meaning: "A file or directory could not be read." },
  "lib/file-unwritable": { class: "input", meaning: "A file could not be written; the previous content is kept." },
  "lib/file-too-large": { class: "input", meaning: "A file is larger than the program is willing to read." },
  "lib/text-not-utf8": { class: "input", meaning: "A text file contains bytes that are not UTF-8." },
  "lib/json-invalid": { class: "input", meaning: "A text is not JSON, or is nested or sized beyond the limits." },
  "lib/input-problems": { class: "input", meaning: "The input has the problems that are listed one by one." },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;
