import { ContrastError } from "../../lib/errors.ts";

/** Longest message of the engine that is quoted. */
const MAX_QUOTED = 1000;

/** A place in the policy text, counted from 1. */
export interface PolicyPlace {
  readonly line: number;
  readonly column: number;
}

/** An error of the engine about the policy text. */
export class EngineRefusal extends ContrastError {
  readonly place: PolicyPlace | undefined;
  /** The fact without action and place. */
  readonly fact: string;

  constructor(action: "load" | "evaluate", fact: string, place: PolicyPlace | undefined) {
    const where = place === undefined ? "" : `line ${place.line}, column ${place.column}: `;
    super(
      action === "load" ? "rego/syntax-invalid" : "rego/evaluation-failed",
      `Cannot ${action} policy: ${where}${fact}`,
      place === undefined ? {} : { details: { line: place.line, column: place.column } },
    );
    this.fact = fact;
    this.place = place;
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
  const fact = (said ?? message).trim().slice(0, MAX_QUOTED);
  const place = line === undefined ? undefined : { line: Number(line), column: Number(column) };
  return new EngineRefusal(action, fact, place);
}
