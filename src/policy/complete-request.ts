import { ContrastError } from "../lib/errors.ts";
import { isJsonObject, type Json } from "../lib/json.ts";
import { COPY_FILE_WITH_DATA, type FieldShape, type MessageShape, REQUEST_SHAPES } from "./request-schema.ts";

/**
 * Fills in what a shortened request leaves out, so that the rules see what the agent would hand them: every member of
 * every message, unset ones with the default of their type. Members that a message does not have are dropped.
 *
 * A `CopyFileRequest` has the form of current agents (`file_type`, `symlink_target`, no data); one that brings `data` and
 * no `file_type` has that of older agents.
 *
 * @param kind entry point, such as `CreateContainerRequest`
 * @throws ContrastError `policy/request-kind-unknown`, `policy/request-invalid` for a value of another type
 * @see kata-containers `src/libs/protocols/protos`, the messages that the agent hands to its policy
 */
export function completeRequest(kind: string, request: Json): Json {
  const shape = Object.hasOwn(REQUEST_SHAPES, kind) ? REQUEST_SHAPES[kind] : undefined;
  if (shape === undefined) {
    throw new ContrastError("policy/request-kind-unknown", `Cannot complete request: no request is named "${kind}"`, {
      hint: "Use the name of the message, such as CreateContainerRequest.",
    });
  }
  const isOldCopy =
    kind === "CopyFileRequest" && isJsonObject(request) && "data" in request && !("file_type" in request);
  return complete(isOldCopy ? { type: "message", fields: COPY_FILE_WITH_DATA } : shape, request, kind);
}

/** The depth of the recursion is that of the shape, whatever the value holds. */
function complete(shape: FieldShape, value: Json | undefined, path: string): Json {
  if (value === undefined) return initialOf(shape, path);
  switch (shape.type) {
    case "text":
      return checked(typeof value === "string", value, path, "a text");
    case "number":
      return checked(typeof value === "number", value, path, "a number");
    case "flag":
      return checked(typeof value === "boolean", value, path, "true or false");
    case "bytes":
      return checked(isByteList(value), value, path, "an array of bytes");
    case "textMap":
      return checked(isTextMap(value), value, path, "an object of texts");
    case "optional":
      return value === null ? null : complete(shape.of, value, path);
    case "list":
      checked(Array.isArray(value), value, path, "an array");
      return elements(value).map((element, index) => complete(shape.of, element, `${path}[${index}]`));
    case "message":
      checked(isJsonObject(value), value, path, "an object");
      return completeMessage(shape.fields, value, path);
    default:
      return shape satisfies never;
  }
}

function completeMessage(fields: MessageShape, value: Json, path: string): Json {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const member = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
      return [name, complete(field, member, `${path}.${name}`)];
    }),
  );
}

function initialOf(shape: FieldShape, path: string): Json {
  switch (shape.type) {
    case "text":
      return shape.initial;
    case "number":
      return 0;
    case "flag":
      return false;
    case "bytes":
    case "list":
      return [];
    case "textMap":
      return {};
    case "optional":
      return null;
    case "message":
      return completeMessage(shape.fields, {}, path);
    default:
      return shape satisfies never;
  }
}

function elements(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function isByteList(value: Json): boolean {
  return Array.isArray(value) && elements(value).every(isByte);
}

function isByte(value: Json): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 256;
}

function isTextMap(value: Json): boolean {
  return isJsonObject(value) && Object.values(value).every((member) => typeof member === "string");
}

function checked(fits: boolean, value: Json, path: string, wanted: string): Json {
  if (fits) return value;
  const actual = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
  throw new ContrastError("policy/request-invalid", `Cannot complete request: ${path} is ${actual}, want ${wanted}`, {
    details: { path },
  });
}
