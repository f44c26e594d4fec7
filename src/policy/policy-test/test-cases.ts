import * as v from "valibot";
import { isJsonObject, type Json, parseJson } from "../../lib/json.ts";
import { type Problem, ProblemsError } from "../../lib/problems.ts";

/** One request and the wanted verdict. */
export interface TestCase {
  readonly description: string;
  /** Entry point, such as `CreateContainerRequest`. */
  readonly kind: string;
  /** Any member may be missing. */
  readonly request: Json;
  readonly allowed: boolean;
}

const MAX_QUOTED = 60;

const WANTED: Readonly<Record<string, string>> = { Array: "an array", boolean: "true or false", string: "a string" };

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
 * @throws ProblemsError `policy/test-cases-invalid` with everything that is wrong
 * @throws ContrastError `lib/json-invalid`
 */
export function parseTestCases(text: string, file: string): readonly TestCase[] {
  const value = parseJson(text, `test cases "${file}"`);
  const result = v.safeParse(casesSchema, value);
  if (result.success) return result.output;
  const [first, ...rest] = result.issues;
  const problem = (issue: v.BaseIssue<unknown>): Problem => problemOf(issue, value, file);
  throw new ProblemsError("Cannot read test cases", [problem(first), ...rest.map((issue) => problem(issue))]);
}

/** Where in the file, in which case, and what is wrong. */
function problemOf({ path, input, expected }: v.BaseIssue<unknown>, value: Json, file: string): Problem {
  const keys = (path ?? []).map(({ key }) => String(key));
  const [index, member] = keys;
  const title = Array.isArray(value) && index !== undefined ? titleOf(value[Number(index)]) : undefined;
  const place = [index === undefined ? "" : `[${index}]`, member].filter((part) => part !== undefined).join(".");
  const message =
    input === undefined
      ? `member ${member} is missing`
      : `got ${JSON.stringify(input).slice(0, MAX_QUOTED)}, want ${WANTED[expected ?? ""] ?? "an object"}`;
  return { code: "policy/test-cases-invalid", message, file, path: place, object: title };
}

function titleOf(value: Json | undefined): string | undefined {
  const title = isJsonObject(value) ? value["description"] : undefined;
  return typeof title === "string" ? JSON.stringify(title) : undefined;
}
