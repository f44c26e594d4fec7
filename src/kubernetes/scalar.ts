const WORDS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((word) => [word, true] as const),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((word) => [word, false] as const),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
]);

const NOT_FINITE = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const DOT_FLOAT = /^\.[0-9]+(?:[eE][-+]?[0-9]+)?$/;
const SIGNED_BINARY = /^0b([-+])([01]+)$/;
const MAX_INT64 = (1n << 63n) - 1n;
const MIN_INT64 = -(1n << 63n);
const MAX_UINT64 = (1n << 64n) - 1n;

/** What a plain scalar means; `float` tells a number written as a float (`1.0`) from an integer with the same value. */
export type ResolvedScalar =
  | { readonly kind: "null"; readonly value: null }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "int"; readonly value: number | bigint }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "string"; readonly value: string };

/**
 * Reads a plain scalar as go-yaml v2 does, which the Kubernetes tool chain uses: YAML 1.1 words, octals with `0` and
 * `0o`, underscores in numbers, no base 60, dates as strings. Integers outside ±2^53 are `bigint`; beyond 64 bits they
 * become floats. `float` may be infinite or not a number.
 *
 * @see go.yaml.in/yaml/v2 resolve.go; measured through sigs.k8s.io/yaml by tests/interop/kubernetes-yaml.test.ts
 */
export function resolvePlainScalar(text: string): ResolvedScalar {
  const first = text.charCodeAt(0);
  // Digits, signs and dots start numbers; only a few letters start words.
  const numeric = (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d || first === 0x2e;
  if (!numeric) return text.length > 5 ? { kind: "string", value: text } : resolveWord(text);
  if (NOT_FINITE.test(text)) return { kind: "float", value: notFinite(text) };
  if (first === 0x2e) return (DOT_FLOAT.test(text) ? floatOf(text) : undefined) ?? { kind: "string", value: text };
  const digits = text.includes("_") ? text.replaceAll("_", "") : text;
  return integerOf(digits) ?? (FLOAT.test(digits) ? floatOf(digits) : undefined) ?? { kind: "string", value: text };
}

function resolveWord(text: string): ResolvedScalar {
  const word = WORDS.get(text);
  if (word === undefined) return { kind: "string", value: text };
  return word === null ? { kind: "null", value: null } : { kind: "bool", value: word };
}

function notFinite(text: string): number {
  if (/n/i.test(text.charAt(1)) && !/i/i.test(text.charAt(1))) return Number.NaN;
  return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function floatOf(text: string): ResolvedScalar | undefined {
  const value = Number(text);
  return Number.isFinite(value) ? { kind: "float", value } : undefined;
}

function integerOf(text: string): ResolvedScalar | undefined {
  const match = INTEGER.exec(text);
  if (match === null) return signedBinary(text);
  const [, sign, hex, binary, octal, decimal] = match;
  if (decimal !== undefined && decimal.length <= 15) {
    return { kind: "int", value: sign === "-" && decimal !== "0" ? -Number(decimal) : Number(decimal) };
  }
  const magnitude = BigInt(
    hex !== undefined
      ? `0x${hex}`
      : binary !== undefined
        ? `0b${binary}`
        : octal !== undefined
          ? `0o${octal}`
          : text.replace(/^[-+]/, ""),
  );
  const value = sign === "-" ? -magnitude : magnitude;
  // Above the signed range only an integer without a sign is read.
  if (value < MIN_INT64 || value > (sign === "" ? MAX_UINT64 : MAX_INT64)) return undefined;
  return { kind: "int", value: narrowInteger(value) };
}

/** go-yaml reads `0b+1` and `0b-1` through a second look at the binary prefix. */
function signedBinary(text: string): ResolvedScalar | undefined {
  const match = SIGNED_BINARY.exec(text);
  if (match === null) return undefined;
  const magnitude = BigInt(`0b${match[2] ?? "0"}`);
  const value = match[1] === "-" ? -magnitude : magnitude;
  if (value < MIN_INT64 || value > MAX_INT64) return undefined;
  return { kind: "int", value: narrowInteger(value) };
}

function narrowInteger(value: bigint): number | bigint {
  const narrow = Number(value);
  return Number.isSafeInteger(narrow) ? narrow : value;
}
