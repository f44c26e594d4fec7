import { resolvePlainScalar, type ResolvedScalar } from "./scalar.ts";
import type { ScalarNode } from "./yaml-node.ts";

const LONG_PREFIX = "tag:yaml.org,2002:";
const MAX_INT64 = (1n << 63n) - 1n;

/** The short name of a core tag (`int` for `!!int`), any other tag as it is. */
function coreTag(tag: string): string {
  if (tag.startsWith(LONG_PREFIX)) return tag.slice(LONG_PREFIX.length);
  return tag.startsWith("!!") ? tag.slice(2) : tag;
}

/**
 * The meaning of a scalar node with its style and tag taken into account.
 *
 * @returns undefined when the tag and the text contradict each other, such as `!!int x`
 * @see go.yaml.in/yaml/v2 decode.go `scalar`, resolve.go `resolve`
 */
export function resolveScalar(node: ScalarNode): ResolvedScalar | undefined {
  if (node.tag === undefined) {
    return node.style === "plain" ? resolvePlainScalar(node.text) : { kind: "string", value: node.text };
  }
  const tag = coreTag(node.tag);
  if (tag === "binary") return decodeBinary(node.text);
  if (tag !== "int" && tag !== "float" && tag !== "bool" && tag !== "null") return { kind: "string", value: node.text };
  const resolved = resolvePlainScalar(node.text);
  if (resolved.kind === tag) return resolved;
  const signed = resolved.kind === "int" && BigInt(resolved.value) <= MAX_INT64;
  return tag === "float" && signed ? { kind: "float", value: Number(resolved.value) } : undefined;
}

function decodeBinary(text: string): ResolvedScalar | undefined {
  try {
    const bytes = Uint8Array.fromBase64(text.replaceAll(/[\r\n]/g, ""));
    return { kind: "string", value: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return undefined;
  }
}

/**
 * The string that the Kubernetes tool chain makes of a map key: numbers and booleans in canonical form, floats with the
 * precision of 32 bits.
 *
 * @returns undefined for keys that it refuses: null and integers above the signed 64-bit range
 * @see sigs.k8s.io/yaml yaml.go `convertToJSONableObject`
 */
export function keyText(key: ResolvedScalar): string | undefined {
  if (key.kind === "string") return key.value;
  if (key.kind === "bool") return String(key.value);
  if (key.kind === "float") return floatText(key.value);
  return key.kind === "null" || BigInt(key.value) > MAX_INT64 ? undefined : String(key.value);
}

/** Go's `FormatFloat(value, 'g', -1, 32)`, with YAML's words for what is not finite. */
function floatText(value: number): string {
  const narrow = Math.fround(value);
  if (Number.isNaN(narrow)) return ".nan";
  if (!Number.isFinite(narrow)) return narrow < 0 ? "-.inf" : ".inf";
  if (narrow === 0) return Object.is(narrow, -0) ? "-0" : "0";
  const shortest = shortestDigits(narrow);
  const [mantissa = "", exponentText = "0"] = shortest.split("e");
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return Number(shortest).toString();
  const sign = exponent < 0 ? "-" : "+";
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** The fewest digits that name a 32-bit float, as `d.ddde±x`; halfway between two, the even digit is taken. */
function shortestDigits(narrow: number): string {
  const exact = narrow.toExponential(20);
  for (let digits = 0; digits < 8; digits++) {
    const [mantissa = "", rest = ""] = exact.split("e");
    const cut = mantissa.indexOf(".") + 1 + digits;
    const isTie = /^50*$/.test(mantissa.slice(cut)) && /[02468]\.?$/.test(mantissa.slice(0, cut));
    const even = `${mantissa.slice(0, cut).replace(/\.$/, "")}e${rest}`;
    const candidate = isTie ? even : narrow.toExponential(digits);
    if (Math.fround(Number(candidate)) === narrow) return candidate;
  }
  return narrow.toExponential(8);
}
