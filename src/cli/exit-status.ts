import { ERROR_CODES, type ErrorClass } from "../lib/error-codes.ts";
import { ContrastError } from "../lib/errors.ts";
import type { OutputFormat } from "../terminal/io.ts";

/** Exit statuses where structured output was asked for: "could not check" and "checked and refused" differ. */
export const EXIT_STATUS: Readonly<Record<ErrorClass, number>> = {
  usage: 2,
  rejected: 3,
  mismatch: 4,
  unreachable: 5,
  collateral: 6,
  input: 7,
  recovery: 8,
  internal: 70,
  interrupted: 130,
};

/** The class of anything thrown; what is not a `ContrastError` is a defect of the program. */
export function errorClassOf(error: unknown): ErrorClass {
  return error instanceof ContrastError ? ERROR_CODES[error.code].class : "internal";
}

/** The exit status after an error: 1 in the default mode, as scripts for the original expect. */
export function exitStatusOf(error: unknown, format: OutputFormat): number {
  return format === "json" ? EXIT_STATUS[errorClassOf(error)] : 1;
}
