import { ContrastError, messageOf } from "./errors.ts";

/** A value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** An object that JSON can carry; every key is an own property. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Bounds for JSON that somebody else wrote. */
export interface JsonLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
}

/** Enough for any manifest, settings file, image manifest or request. */
const DEFAULT_JSON_LIMITS: JsonLimits = { maxBytes: 16 * 1024 * 1024, maxDepth: 64 };

/**
 * Parses JSON from an untrusted source. Size and depth are checked before the text is built into values.
 *
 * @param text the complete document; trailing text is refused
 * @param what named in messages, such as `image manifest`
 * @throws ContrastError `lib/json-invalid`
 */
export function parseJson(text: string, what: string, limits: JsonLimits = DEFAULT_JSON_LIMITS): Json {
  if (text.length > limits.maxBytes) {
    throw new ContrastError(
      "lib/json-invalid",
      `Cannot read ${what}: got ${text.length} characters, limit ${limits.maxBytes}`,
    );
  }
  const depth = depthOf(text);
  if (depth > limits.maxDepth) {
    throw new ContrastError(
      "lib/json-invalid",
      `Cannot read ${what}: nested ${depth} levels deep, limit ${limits.maxDepth}`,
    );
  }
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new ContrastError("lib/json-invalid", `Cannot read ${what}: not JSON: ${messageOf(error)}`, { cause: error });
  }
}

/** Deepest nesting of `{` and `[` outside strings; a cheap scan that needs no stack. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (inString) {
      if (character === 0x5c) index++;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) {
      inString = true;
    } else if (character === 0x7b || character === 0x5b) {
      depth++;
      if (depth > deepest) deepest = depth;
    } else if (character === 0x7d || character === 0x5d) {
      depth--;
    }
  }
  return deepest;
}

/** Whether a JSON value is an object (not null, not an array). */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
