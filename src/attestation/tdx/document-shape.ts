import * as v from "valibot";
import { checkShape } from "../../lib/check-shape.ts";
import type { Json } from "../../lib/json.ts";

/** Hexadecimal digits of either case for `size` bytes, as bytes. */
export function hexBytes(
  size: number,
): v.SchemaWithPipe<
  readonly [v.StringSchema<undefined>, v.RegexAction<string, undefined>, v.TransformAction<string, Uint8Array>]
> {
  return v.pipe(
    v.string(),
    v.regex(new RegExp(`^[0-9a-fA-F]{${2 * size}}$`)),
    v.transform((digits) => Uint8Array.fromHex(digits)),
  );
}

/** A security version number from 0 to `max`. */
export function svnUpTo(
  max: number,
): v.SchemaWithPipe<
  readonly [
    v.NumberSchema<undefined>,
    v.IntegerAction<number, undefined>,
    v.MinValueAction<number, 0, undefined>,
    v.MaxValueAction<number, number, undefined>,
  ]
> {
  return v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(max));
}

/** Members with which both kinds of document say when they count. */
export const DOCUMENT_MEMBERS = {
  id: v.pipe(v.string(), v.maxLength(16)),
  version: v.pipe(v.number(), v.integer()),
  issueDate: v.pipe(v.string(), v.isoTimestamp(), v.toDate()),
  nextUpdate: v.pipe(v.string(), v.isoTimestamp(), v.toDate()),
  tcbEvaluationDataNumber: v.pipe(v.number(), v.integer(), v.minValue(0)),
};

/**
 * Checks a document of Intel's service against a schema; the first wrong member is named with its path. Members that the
 * schema does not name are ignored.
 *
 * @throws ContrastError `tdx/collateral-invalid`
 */
export function checkDocument<Schema extends v.GenericSchema>(
  schema: Schema,
  document: Json,
  what: string,
): v.InferOutput<Schema> {
  return checkShape(schema, document, "tdx/collateral-invalid", what);
}
