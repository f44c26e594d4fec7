import { Code } from "@connectrpc/connect";
import { statusOf } from "../../src/coordinator/status-of.ts";
import { ContrastError } from "../../src/lib/errors.ts";
import { ProblemsError } from "../../src/lib/problems.ts";

/** How a Coordinator refused a call. */
export interface Refusal {
  readonly code: string;
  /** Of gRPC, in CamelCase. */
  readonly status: string;
  /** What the client reads. */
  readonly text: string;
  /** Codes of the causes, or of the findings of a validation. */
  readonly causes: readonly string[];
}

/** The refusal of a call that must not succeed. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    const { code, rawMessage } = statusOf(error, Code.Unknown);
    return { code: error.code, status: Code[code], text: rawMessage, causes: codesBelow(error.cause) };
  }
  throw new Error("nothing was refused");
}

function codesBelow(cause: unknown): readonly string[] {
  if (cause instanceof ProblemsError) return cause.problems.map(({ code }) => code);
  return cause instanceof ContrastError ? [cause.code, ...codesBelow(cause.cause)] : [];
}
