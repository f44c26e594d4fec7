import { sha256Hex } from "../lib/digest.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../lib/json.ts";
import { diffPolicies } from "./diff-policies.ts";
import { diffReferenceValues } from "./diff-reference-values.ts";
import { leafDifferences } from "./leaf-differences.ts";
import type { ChangeArea, ManifestChange } from "./manifest-change.ts";
import { encodeManifest } from "./manifest-json.ts";
import type { Manifest } from "./schema.ts";

const KNOWN_MEMBERS = new Set(["Policies", "ReferenceValues", "WorkloadOwnerKeyDigests", "SeedshareOwnerPubKeys"]);
const KNOWN_LISTS = new Set(["snp", "tdx"]);

/**
 * Compares two manifests by what they mean: who gets which identity, what is trusted, who may change it. Fields that
 * this version does not know are compared too.
 *
 * @returns nothing for manifests that differ at most in their formatting
 */
export function diffManifests(before: Manifest, after: Manifest): readonly ManifestChange[] {
  const [old, now] = [plainOf(before), plainOf(after)];
  return [
    ...diffPolicies(before.policies, after.policies),
    ...diffReferenceValues("snp", entriesOf(old, "snp"), entriesOf(now, "snp")),
    ...diffReferenceValues("tdx", entriesOf(old, "tdx"), entriesOf(now, "tdx")),
    ...diffSet("workload-owners", before.workloadOwnerKeyDigests, after.workloadOwnerKeyDigests, (digest) => digest),
    ...diffSet("seedshare-owners", before.seedshareOwnerPubKeys, after.seedshareOwnerPubKeys, keyName),
    ...diffUnknown(old, now),
  ];
}

/** A seed share owner by the digest of its key, which is too long to be read. */
export function keyName(publicKeyHex: string): string {
  return `SHA-256 ${sha256Hex(/^(?:[0-9a-f]{2})+$/.test(publicKeyHex) ? Uint8Array.fromHex(publicKeyHex) : publicKeyHex)}`;
}

function plainOf(manifest: Manifest): Json {
  return parseJson(encodeManifest(manifest), "manifest");
}

function entriesOf(manifest: Json, list: "snp" | "tdx"): readonly Json[] {
  const values = isJsonObject(manifest) ? manifest["ReferenceValues"] : undefined;
  const entries = isJsonObject(values) ? values[list] : undefined;
  return Array.isArray(entries) ? entries : [];
}

function diffSet(
  area: ChangeArea,
  before: readonly string[] | null,
  after: readonly string[] | null,
  name: (key: string) => string,
): readonly ManifestChange[] {
  const old = new Set((before ?? []).map((key) => key.toLowerCase()));
  const now = new Set((after ?? []).map((key) => key.toLowerCase()));
  return [
    ...[...old.difference(now)].map((key) => ({ area, kind: "removed", subject: name(key) }) as const),
    ...[...now.difference(old)].map((key) => ({ area, kind: "added", subject: name(key) }) as const),
  ];
}

function diffUnknown(before: Json, after: Json): readonly ManifestChange[] {
  return leafDifferences(unknownOf(before), unknownOf(after)).map(({ path, before: old, after: now }) => ({
    area: "other",
    kind: old === undefined ? "added" : now === undefined ? "removed" : "changed",
    subject: path,
    before: old === undefined ? undefined : JSON.stringify(old),
    after: now === undefined ? undefined : JSON.stringify(now),
  }));
}

function unknownOf(manifest: Json): Json {
  if (!isJsonObject(manifest)) return {};
  const values = manifest["ReferenceValues"];
  const lists = isJsonObject(values) ? without(values, KNOWN_LISTS) : {};
  const rest = without(manifest, KNOWN_MEMBERS);
  return Object.keys(lists).length === 0 ? rest : { ...rest, ReferenceValues: lists };
}

function without(object: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.has(name)));
}
