import * as v from "valibot";
import type { ErrorCode } from "./error-codes.ts";
import { ContrastError } from "./errors.ts";
import type { Json } from "./json.ts";

/**
 * Checks untrusted JSON against a schema; the first wrong member is named with its path.
 *
 * @param what named in messages, such as `manifest of "nginx"`
 * @throws ContrastError `code`
 */
export function checkShape<Schema extends v.GenericSchema>(
  schema: Schema,
  value: Json,
  code: ErrorCode,
  what: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new ContrastError(code, `Cannot read ${what}: ${path === null ? "" : `${path}: `}${issue.message}`);
}
