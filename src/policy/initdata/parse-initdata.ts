import * as v from "valibot";
import { checkShape } from "../../lib/check-shape.ts";
import { ContrastError } from "../../lib/errors.ts";
import { parseToml } from "../../lib/toml.ts";
import { type Initdata, INITDATA_VERSION, isInitdataAlgorithm, MAX_INITDATA_BYTES } from "./initdata.ts";

// The library's own record leaves names such as "constructor" out without a word.
const texts = v.custom<Readonly<Record<string, string>>>(isTextMap, "want a table of texts");
const schema = v.strictObject({ version: v.string(), algorithm: v.string(), data: texts });

/**
 * Parses an initdata document.
 *
 * @param text at most 16 MiB of TOML
 * @param what named in messages
 * @throws ContrastError `lib/toml-invalid`, `policy/initdata-invalid`, `policy/initdata-version`,
 *   `policy/initdata-algorithm`
 */
export function parseInitdata(text: string, what: string): Initdata {
  const document = parseToml(text, what, MAX_INITDATA_BYTES);
  const { version, algorithm, data } = checkShape(schema, document, "policy/initdata-invalid", what);
  if (version !== INITDATA_VERSION) {
    throw new ContrastError(
      "policy/initdata-version",
      `Cannot read ${what}: got version "${version}", want "${INITDATA_VERSION}"`,
    );
  }
  if (!isInitdataAlgorithm(algorithm)) {
    throw new ContrastError(
      "policy/initdata-algorithm",
      `Cannot read ${what}: got algorithm "${algorithm}", want sha256, sha384 or sha512`,
    );
  }
  return { algorithm, data: new Map(Object.entries(data)) };
}

function isTextMap(value: unknown): boolean {
  // Dates are objects too, of a class of their own.
  const isMap = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isMap && Object.values(value).every((member) => typeof member === "string");
}
