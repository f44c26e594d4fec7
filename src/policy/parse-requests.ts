import { ContrastError, messageOf } from "../lib/errors.ts";
import { isJsonObject, type Json, parseJson } from "../lib/json.ts";

/** A request that somebody wrote down. */
export interface WrittenRequest {
  /** Entry point, such as `CreateContainerRequest`. */
  readonly kind: string;
  readonly request: Json;
  /** What it is there for, if anybody said so. */
  readonly description: string | undefined;
}

const MAX_REQUESTS = 100_000;

/**
 * Reads requests in any of the forms in which they are kept.
 *
 *     {"kind": "CreateContainerRequest", "request": {…}}      one of them, one on each line (as agents log them)
 *     [{"description": "…", "kind": …, "request": {…}}, …]    several, such as a testcases.json
 *     ["ep":"CreateContainerRequest",{…}],                    one on each line, as agents up to Kata 3.19 log them
 *     {…}                                                     a request alone, or one on each line, with `kind`
 *
 * @param what named in messages, such as `requests "a.json"`
 * @param kind entry point of requests that name none
 * @throws ContrastError `policy/requests-invalid`
 */
export function parseRequests(text: string, what: string, kind: string | undefined): readonly WrittenRequest[] {
  const values = parseValues(text, what);
  if (values.length === 0 || values.length > MAX_REQUESTS) {
    throw invalid(what, `got ${values.length} requests, want 1 to ${MAX_REQUESTS}`);
  }
  return values.map(({ value, place }) => requestOf(value, `${what}${place}`, kind));
}

interface PlacedValue {
  readonly value: Json;
  /** Such as `, line 3`; empty for the only value. */
  readonly place: string;
}

function parseValues(text: string, what: string): readonly PlacedValue[] {
  const whole = parsed(text, what);
  if (!(whole instanceof ContrastError)) {
    if (!Array.isArray(whole)) return [{ value: whole, place: "" }];
    return whole.map((value: Json, index) => ({ value, place: `, [${index}]` }));
  }
  const lines = text.split("\n").map((line, index) => ({ line: asJson(line.trim()), place: `, line ${index + 1}` }));
  const full = lines.filter(({ line }) => line !== "");
  const [first] = full;
  // Text whose first line is not JSON either was not meant as lines: the message about the whole says more.
  if (first === undefined || parsed(first.line, what) instanceof ContrastError) throw whole;
  return full.map(({ line, place }) => {
    const value = parsed(line, `${what}${place}`);
    if (value instanceof ContrastError) throw value;
    return { value, place };
  });
}

/** Lines of older agents look like JSON and are none. */
function asJson(line: string): string {
  const [, kind, request] = /^\["ep":("\w+"),(\{.*\})\],?$/.exec(line) ?? [];
  return kind === undefined ? line : `{"kind":${kind},"request":${request}}`;
}

function parsed(text: string, what: string): Json | ContrastError {
  try {
    return parseJson(text, what);
  } catch (error) {
    return new ContrastError("policy/requests-invalid", messageOf(error), { cause: error });
  }
}

function requestOf(value: Json, what: string, kind: string | undefined): WrittenRequest {
  if (!isJsonObject(value)) throw invalid(what, "want an object");
  const { kind: named, request, description } = value;
  if (typeof named === "string" && isJsonObject(request)) {
    return { kind: named, request, description: typeof description === "string" ? description : undefined };
  }
  if (kind === undefined)
    throw invalid(what, 'want "kind" and "request"', "Name the kind of bare requests with --kind.");
  return { kind, request: value, description: undefined };
}

function invalid(what: string, fact: string, hint?: string): ContrastError {
  return new ContrastError(
    "policy/requests-invalid",
    `Cannot read ${what}: ${fact}`,
    hint === undefined ? {} : { hint },
  );
}
