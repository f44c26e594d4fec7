import type { Path } from "../../kubernetes/path.ts";
import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import { REQUEST_SHAPES } from "../request-schema.ts";
import { parsePartialJson } from "./partial-json.ts";

/** A request that somebody pasted, perhaps without its end. */
export interface PastedRequest {
  /** Entry point, such as `CreateContainerRequest`; undefined where neither text nor members tell. */
  readonly kind: string | undefined;
  readonly request: JsonObject;
  /** Way to what was being read where the text ended; undefined for a complete request. */
  readonly cut: Path | undefined;
  /** What a file of test cases says about it. */
  readonly description: string | undefined;
}

/** Beginning of an object. */
const OBJECT = /\{\s*["}]/g;

/** How older agents write a request into their log: `["ep":"CreateContainerRequest",{…}],`. */
const LOGGED_KIND = /\["ep":"(\w{1,80})",\s*$/;

/** What is looked for at most, and in how many nested values. */
const MAX_REQUESTS = 100_000;
const MAX_NESTING = 12;

/** Members that no other request has, in the order in which they are looked for. */
const TELLING: readonly (readonly [string, string])[] = [
  ["OCI", "CreateContainerRequest"],
  ["process", "ExecProcessRequest"],
  ["sandbox_id", "CreateSandboxRequest"],
  ["guest_hook_path", "CreateSandboxRequest"],
  ["kernel_modules", "CreateSandboxRequest"],
  ["interface", "UpdateInterfaceRequest"],
  ["routes", "UpdateRoutesRequest"],
  ["neighbors", "AddARPNeighborsRequest"],
  ["file_mode", "CopyFileRequest"],
  ["file_type", "CopyFileRequest"],
];

/** Requests in a text that escapes nothing, and the parts of the text that are none. */
export interface FoundRequests {
  readonly requests: readonly PastedRequest[];
  readonly rest: readonly string[];
}

/** Finds requests in a text: each by itself, inside other objects, or with its kind before it. */
export function findRequests(text: string): FoundRequests {
  const requests: PastedRequest[] = [];
  const rest: string[] = [];
  let restStart = 0;
  OBJECT.lastIndex = 0;
  for (let match = OBJECT.exec(text); match !== null && requests.length < MAX_REQUESTS; match = OBJECT.exec(text)) {
    const { value, cut, end } = parsePartialJson(text, match.index);
    const kind = LOGGED_KIND.exec(text.slice(Math.max(0, match.index - 120), match.index))?.[1];
    const found = requestsIn(value, cut, kind, 0);
    OBJECT.lastIndex = Math.max(end, match.index + 1);
    if (found.length === 0) continue;
    requests.push(...found);
    rest.push(text.slice(restStart, match.index));
    restStart = Math.max(end, match.index + 1);
  }
  rest.push(text.slice(restStart));
  return { requests, rest };
}

function requestsIn(
  value: Json | undefined,
  cut: Path | undefined,
  kind: string | undefined,
  nesting: number,
): readonly PastedRequest[] {
  if (nesting > MAX_NESTING) return [];
  if (Array.isArray(value)) {
    return value.flatMap((item: Json, index) => requestsIn(item, cutBelow(cut, index), undefined, nesting + 1));
  }
  if (!isJsonObject(value)) return [];
  const { kind: named, request, description } = value;
  if (typeof named === "string" && isJsonObject(request)) {
    const text = typeof description === "string" ? description : undefined;
    return [{ kind: named, request, cut: cutBelow(cut, "request"), description: text }];
  }
  const evident = kind ?? kindOfRequest(value);
  if (evident !== undefined) return [{ kind: evident, request: value, cut, description: undefined }];
  const inner = Object.entries(value).flatMap(([key, member]) =>
    requestsIn(member, cutBelow(cut, key), undefined, nesting + 1),
  );
  if (inner.length > 0 || nesting > 0) return inner;
  return isSomeRequest(value) ? [{ kind: undefined, request: value, cut, description: undefined }] : [];
}

function cutBelow(cut: Path | undefined, step: string | number): Path | undefined {
  return cut?.[0] === step ? cut.slice(1) : undefined;
}

/**
 * The kind of a request whose members tell it.
 *
 * @returns undefined where several kinds have these members
 */
function kindOfRequest(request: JsonObject): string | undefined {
  const telling = TELLING.find(([member]) => Object.hasOwn(request, member));
  if (telling !== undefined) return telling[1];
  const [only, second] = kindsWith(request);
  return second === undefined ? only : undefined;
}

/** Kinds of requests that have all members of an object. */
export function kindsWith(request: JsonObject): readonly string[] {
  const keys = Object.keys(request);
  if (keys.length === 0) return [];
  return Object.entries(REQUEST_SHAPES)
    .filter(([, shape]) => shape.type === "message" && keys.every((key) => Object.hasOwn(shape.fields, key)))
    .map(([kind]) => kind);
}

function isSomeRequest(value: JsonObject): boolean {
  return kindsWith(value).length > 0;
}
