import type { ErrorClass } from "../lib/error-codes.ts";
import { findingsOf } from "../lib/finding.ts";
import { findingsJson } from "../terminal/findings-json.ts";
import { resultJson } from "../terminal/json-result.ts";
import type { ErrorChain } from "./error-chain.ts";

/** An error for programs: one object with schema `contrast/error/v1`. */
export function renderErrorJson(chain: ErrorChain, errorClass: ErrorClass): string {
  const code = chain.layers.find((layer) => layer.code !== undefined)?.code ?? "lib/internal";
  return resultJson("error", {
    ok: false,
    code,
    class: errorClass,
    message: chain.layers.map((layer) => layer.message).join(": "),
    chain: chain.layers,
    hints: chain.hints,
    ...findingsJson(findingsOf(chain.problems, chain.warnings)),
    ...chain.report?.json,
  });
}
