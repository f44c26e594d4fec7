import type { ErrorCode } from "../../lib/error-codes.ts";
import { ContrastError } from "../../lib/errors.ts";

/** Longest message of the engine that is quoted. */
const MAX_QUOTED = 1000;

/** How the crate begins what it says about operations that cannot be applied. */
const STATE_CHANGE = "state change: ";

/** An error of the engine about a policy text. */
export class EngineRefusal extends ContrastError {
  /** Line and column, counted from 1. */
  readonly place: { readonly line: number; readonly column: number } | undefined;
  /** What is wrong, without action and place. */
  readonly fact: string;

  constructor(code: ErrorCode, action: "load" | "evaluate", fact: string, place: EngineRefusal["place"]) {
    const where = place === undefined ? "" : `line ${place.line}, column ${place.column}: `;
    super(code, `Cannot ${action} policy: ${where}${fact}`, place === undefined ? {} : { details: place });
    this.place = place;
    this.fact = fact;
  }
}

/**
 * Reads a message of regorus, which names the place and draws the line of the text:
 *
 *     --> agent_policy:3:9
 *       |
 *     3 | allow {
 *       |       ^
 *     error: expecting `if`
 */
export function engineRefusal(action: "load" | "evaluate", message: string): EngineRefusal {
  const [, line, column] = /-->[ ]*agent_policy:(\d+):(\d+)/.exec(message) ?? [];
  const [, said] = /(?:^|\n)\s*error:\s*([^\n]+)/.exec(message) ?? [];
  const code = codeOf(action, message);
  const fact = code === "rego/limit-exceeded" ? "it takes too long" : (said ?? message).trim().slice(0, MAX_QUOTED);
  const place = line === undefined ? undefined : { line: Number(line), column: Number(column) };
  return new EngineRefusal(code, action, fact, place);
}

/** The engine tells kinds of errors apart by their words only. */
function codeOf(action: "load" | "evaluate", message: string): ErrorCode {
  if (message.includes("execution exceeded time limit")) return "rego/limit-exceeded";
  if (message.startsWith(STATE_CHANGE)) return "rego/state-change-failed";
  return action === "load" ? "rego/syntax-invalid" : "rego/evaluation-failed";
}
