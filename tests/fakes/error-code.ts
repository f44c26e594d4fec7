import { ContrastError } from "../../src/lib/errors.ts";

/** The code of the ContrastError that a call throws; anything else that happens is given as text and fails a comparison. */
export function codeOf(call: () => unknown): string {
  try {
    const value = call();
    return `no error, returned ${typeof value}`;
  } catch (error) {
    return error instanceof ContrastError ? error.code : `not a ContrastError: ${String(error)}`;
  }
}

/** The code of the ContrastError that a promise is rejected with. */
export async function codeOfAsync(call: () => Promise<unknown>): Promise<string> {
  try {
    const value = await call();
    return `no error, returned ${typeof value}`;
  } catch (error) {
    return error instanceof ContrastError ? error.code : `not a ContrastError: ${String(error)}`;
  }
}
