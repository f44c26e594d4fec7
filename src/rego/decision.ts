import { ContrastError } from "../lib/errors.ts";
import { isJsonObject, type Json } from "../lib/json.ts";

/** A change of the state that the rules ask for, in the terms of JSON Patch (RFC 6902). */
export type StateChange =
  { readonly op: "add"; readonly key: string; readonly value: Json } | { readonly op: "remove"; readonly key: string };

/** The answer to a request. A refusal is an answer, not an error. */
export interface Decision {
  readonly allowed: boolean;
  /** To be made when the request is allowed; empty for refusals. */
  readonly ops: readonly StateChange[];
}

/**
 * Reads the value of an entry point as the agent does: a boolean, or an object with `allowed` and perhaps `ops`.
 *
 * @param value undefined where the rule has no value, which the agent answers with an internal error
 * @throws ContrastError `rego/result-invalid`
 * @see kata-containers src/agent/policy
 */
export function parseDecision(value: unknown): Decision {
  if (typeof value === "boolean") return { allowed: value, ops: [] };
  if (typeof value !== "object" || value === null || !("allowed" in value)) {
    throw invalid(`got ${value === undefined ? "no value" : JSON.stringify(value)}, want a boolean or an object`);
  }
  const { allowed } = value;
  if (typeof allowed !== "boolean") throw invalid(`got ${JSON.stringify(allowed)} as "allowed", want a boolean`);
  const ops = "ops" in value ? value.ops : [];
  if (!Array.isArray(ops)) throw invalid(`got ${JSON.stringify(ops)} as "ops", want an array`);
  return { allowed, ops: allowed ? ops.map(parseChange) : [] };
}

/** Only members of the state itself may change: `/pstate/<key>`. */
function parseChange(operation: Json): StateChange {
  const { op, path, value } = isJsonObject(operation) ? operation : {};
  const [, pointer] = (typeof path === "string" ? /^\/pstate\/([^/]+)$/.exec(path) : undefined) ?? [];
  if (pointer !== undefined && !/~(?![01])/.test(pointer)) {
    const key = pointer.replaceAll("~1", "/").replaceAll("~0", "~");
    if (op === "add" && value !== undefined) return { op, key, value };
    if (op === "remove") return { op, key };
  }
  throw invalid(`got ${JSON.stringify(operation)}, want to add or remove a member of /pstate`);
}

function invalid(fact: string): ContrastError {
  return new ContrastError("rego/result-invalid", `Cannot use result of policy: ${fact}`);
}
