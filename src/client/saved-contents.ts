import * as v from "valibot";
import { ContrastError } from "../lib/errors.ts";
import { parseInstant } from "../lib/instant.ts";
import { parseJson } from "../lib/json.ts";
import { SAVED_FILES, SAVED_SCHEMA } from "./saved-verification.ts";

const MAX_COLLATERAL = 64;
const MAX_POLICY_HASHES = 1000;

const hex = (sizeBytes: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${2 * sizeBytes}}$`)));
const instant = v.pipe(
  v.string(),
  v.transform((text) => parseInstant(text)),
  v.date(),
);
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = v.pipe(v.string(), v.maxLength(64 * 1024));

const TWICE = "something is there twice";

/** Whether each text is there once. */
function areUnique(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}

/** What the index of a saved verification may say. */
const INDEX = v.strictObject({
  schema: v.literal(SAVED_SCHEMA),
  coordinator: text,
  checkedAt: instant,
  at: instant,
  nonce: hex(32),
  evidenceOid: text,
  policyHashes: v.pipe(v.array(hex(32)), v.minLength(1), v.maxLength(MAX_POLICY_HASHES)),
  collateral: v.pipe(
    v.array(
      v.strictObject({
        url: text,
        origin: v.picklist(["evidence", "file", "bundle", "cache", "network"]),
        fetchedAt: v.nullable(instant),
        note: v.nullable(text),
        issuerChainPem: v.nullable(text),
      }),
    ),
    v.maxLength(MAX_COLLATERAL),
    v.check((items) => areUnique(items.map(({ url }) => url)), TWICE),
  ),
  manifests: count,
  policies: v.pipe(
    v.array(hex(32)),
    v.check((hashes) => areUnique(hashes), TWICE),
  ),
  latestTransition: v.nullable(hex(32)),
});

/** The index of a saved verification: what its files are, and what is too small for a file. */
export type SavedContents = v.InferOutput<typeof INDEX>;

/**
 * Parses the index of a saved verification; unknown members are refused.
 *
 * @param what names the archive in messages
 * @throws ContrastError `client/saved-invalid`, `lib/json-invalid`
 */
export function parseSavedContents(text: string, what: string): SavedContents {
  const result = v.safeParse(INDEX, parseJson(text, SAVED_FILES.index), { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const fact = `${SAVED_FILES.index}: ${v.getDotPath(issue) ?? "the object"}: ${issue.message}`;
  throw new ContrastError("client/saved-invalid", `Cannot use ${what}: ${fact}`);
}
