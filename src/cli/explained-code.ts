import type { ErrorCode } from "../lib/error-codes.ts";
import type { ErrorChain } from "./error-chain.ts";

/** The innermost code of an error, where `contrast help` has more to say about it than the message. */
export async function explainedCode({ layers }: ErrorChain): Promise<ErrorCode | undefined> {
  const code = layers.findLast((layer) => layer.code !== undefined)?.code;
  // Nothing explains a slip of the finger better than the usage, and loading all explanations takes longer than the rest.
  if (code === undefined || code.startsWith("terminal/")) return undefined;
  const { ERROR_EXPLANATIONS } = await import("../lib/error-explanations.ts");
  return ERROR_EXPLANATIONS[code] === undefined ? undefined : code;
}
