import * as v from "valibot";
import { ContrastError } from "../../lib/errors.ts";
import { isJsonObject, type Json, parseJson } from "../../lib/json.ts";

/** One request and the wanted verdict. */
export interface TestCase {
  readonly description: string;
  /** Entry point, such as `CreateContainerRequest`. */
  readonly kind: string;
  /** Any member may be missing. */
  readonly request: Json;
  readonly allowed: boolean;
}

const casesSchema = v.array(
  v.object({
    description: v.string(),
    kind: v.string(),
    request: v.custom<Json>((value) => typeof value === "object" && value !== null && !Array.isArray(value)),
    allowed: v.boolean(),
  }),
);

/**
 * Reads a `testcases.json`, as upstream's tests of policies have them.
 *
 *     [{"description": "…", "kind": "CreateContainerRequest", "request": {…}, "allowed": true}, …]
 *
 * @throws ContrastError `policy/test-cases-invalid`, `lib/json-invalid`
 */
export function parseTestCases(text: string, file: string): readonly TestCase[] {
  const value = parseJson(text, `test cases "${file}"`);
  const result = v.safeParse(casesSchema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const [index, member] = (issue.path ?? []).map(({ key }) => String(key));
  const title = Array.isArray(value) && index !== undefined ? titleOf(value[Number(index)]) : undefined;
  const place = [index === undefined ? undefined : `case ${index}`, title, member].filter((part) => part !== undefined);
  throw new ContrastError(
    "policy/test-cases-invalid",
    `Cannot read test cases "${file}": ${[...place, issue.message].join(": ")}`,
    { details: { path: file } },
  );
}

function titleOf(value: Json | undefined): string | undefined {
  const title = isJsonObject(value) ? value["description"] : undefined;
  return typeof title === "string" ? JSON.stringify(title) : undefined;
}
