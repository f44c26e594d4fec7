import { createHash, type Hash } from "node:crypto";
import { encodeBase64 } from "../lib/base64.ts";
import { joinBytes } from "../lib/byte-stream.ts";
import type { PolicyData } from "./policy-data.ts";
import { renderPrettyJson } from "./pretty-json.ts";

/** A policy in the three forms that `generate` needs. */
export interface RenderedPolicy {
  /** The document that the guest loads. */
  readonly text: string;
  /** SHA-256 of the text, the identity of the workload: 64 lower-case hexadecimal digits. */
  readonly hashHex: string;
  /** The text in standard base64, the value of the annotation. */
  readonly annotation: string;
}

/** Kubernetes refuses objects whose annotations take more than 256 KiB together; from here on the user is warned. */
export const MAX_COMFORTABLE_ANNOTATION_BYTES = 200 * 1024;

/**
 * Joins rules and data.
 *
 *     <rules> "\n" "policy_data := " <data>
 *
 * @param rules text of the rules file, verbatim
 * @see kata-containers `src/tools/genpolicy/src/policy.rs`
 */
export function renderPolicy(rules: string, data: PolicyData): RenderedPolicy {
  if (lastPrefix?.rules !== rules) lastPrefix = preparePrefix(rules);
  const { text, hash, base64, rest } = lastPrefix;
  const dataText = renderPolicyData(data);
  const bytes = new TextEncoder().encode(dataText);
  return {
    text: text + dataText,
    hashHex: hash.copy().update(bytes).digest("hex"),
    annotation: base64 + encodeBase64(joinBytes([rest, bytes])),
  };
}

/** The part of all policies with the same rules, hashed and encoded once. */
interface Prefix {
  readonly rules: string;
  readonly text: string;
  readonly hash: Hash;
  /** Of as many bytes as make whole groups of base64. */
  readonly base64: string;
  /** The bytes behind those, at most two. */
  readonly rest: Uint8Array;
}

let lastPrefix: Prefix | undefined;

function preparePrefix(rules: string): Prefix {
  const text = `${rules}\npolicy_data := `;
  const bytes = new TextEncoder().encode(text);
  const whole = bytes.length - (bytes.length % 3);
  return {
    rules,
    text,
    hash: createHash("sha256").update(bytes),
    base64: encodeBase64(bytes.subarray(0, whole)),
    rest: bytes.subarray(whole),
  };
}

type SettingsPart = Omit<PolicyData, "containers">;

/** The last part that came from the settings; it is the same for every workload of a run. */
let lastTail: { readonly part: SettingsPart; readonly text: string } | undefined;

/** JSON of the data, two spaces per level, without a final newline. */
export function renderPolicyData(data: PolicyData): string {
  const { containers, ...part } = data;
  if (lastTail === undefined || !isSamePart(lastTail.part, part)) {
    lastTail = { part, text: renderPrettyJson(part).slice(1) };
  }
  return `{\n  "containers": ${renderPrettyJson(containers, 1)},${lastTail.text}`;
}

function isSamePart(a: SettingsPart, b: SettingsPart): boolean {
  return (
    a.common === b.common &&
    a.sandbox === b.sandbox &&
    a.request_defaults === b.request_defaults &&
    a.devices === b.devices &&
    a.cluster_config === b.cluster_config
  );
}
