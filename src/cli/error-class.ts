import { ERROR_CODES, type ErrorClass } from "../lib/error-codes.ts";
import { ContrastError } from "../lib/errors.ts";

/** The class of anything thrown; what is not a `ContrastError` is a defect of the program. */
export function errorClassOf(error: unknown): ErrorClass {
  return error instanceof ContrastError ? ERROR_CODES[error.code].class : "internal";
}
