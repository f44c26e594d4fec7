import { ContrastError } from "../../lib/errors.ts";

const QUANTITY = /^([-+]?)([0-9]*)(?:\.([0-9]*))?(n|u|m|k|M|G|T|P|E|[KMGTPE]i|[eE][-+]?[0-9]{1,9})?$/;
const MAX_CHARACTERS = 1000;
const DECIMAL_SUFFIXES = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY_SUFFIXES = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const MAX_INT64 = (1n << 63n) - 1n;
const MAX_INT64_DIGITS = 19;
const NANO = -9;

/** `unscaled` × 10^`scale`; the form decides which suffixes the canonical text uses. */
interface Quantity {
  readonly unscaled: bigint;
  readonly scale: number;
  readonly form: "decimal" | "binary" | "exponent";
}

/**
 * A resource quantity in canonical form: no fraction, the largest suffix that keeps it whole, the family of suffixes it
 * was written with. `0.5` becomes `500m`, `1024Mi` `1Gi`, `1000m` `1`.
 *
 * @throws ContrastError `kubernetes/quantity-invalid`
 * @see k8s.io/apimachinery pkg/api/resource `Quantity.CanonicalizeBytes`
 */
export function canonicalQuantity(quantity: string | number | bigint): string {
  const { unscaled, scale, form } = parseQuantity(String(quantity));
  if (unscaled === 0n) return "0";
  if (form === "binary") {
    const whole = wholeNumber(unscaled, scale);
    if (whole !== undefined && (whole >= 1024n || whole <= -1024n)) {
      const [amount, times] = removeFactors(whole, 1024n);
      return `${amount}${BINARY_SUFFIXES[times] ?? ""}`;
    }
  }
  let [amount, times] = removeFactors(unscaled, 10n);
  for (times += scale; times % 3 !== 0; times--) amount *= 10n;
  const suffix = form === "exponent" ? undefined : DECIMAL_SUFFIXES[times / 3 + 3];
  return `${amount}${suffix ?? (times === 0 ? "" : `e${times}`)}`;
}

/**
 * The whole number that a quantity is, as resources that come in pieces must be.
 *
 * @returns undefined for a fraction, and for more than 64 bits hold
 * @throws ContrastError `kubernetes/quantity-invalid`
 * @see kubernetes `pkg/apis/core/validation`, `ValidateResourceQuantityValue`
 */
export function wholeQuantity(quantity: string | number | bigint): bigint | undefined {
  const { unscaled, scale } = parseQuantity(String(quantity));
  if (scale > MAX_INT64_DIGITS) return unscaled === 0n ? 0n : undefined;
  const whole = scale > 0 ? unscaled * 10n ** BigInt(scale) : wholeNumber(unscaled, scale);
  return whole === undefined || whole > MAX_INT64 || whole < -MAX_INT64 ? undefined : whole;
}

function parseQuantity(text: string): Quantity {
  const match = text === "" || text.length > MAX_CHARACTERS ? null : QUANTITY.exec(text.trim());
  if (match === null || !/[0-9]/.test(`${match[2]}${match[3]}`)) {
    throw new ContrastError("kubernetes/quantity-invalid", `Cannot read quantity: got "${text.slice(0, 60)}"`, {
      hint: "Write a number with a suffix such as m, k, M, G, Ki, Mi or Gi.",
    });
  }
  const [, sign, whole = "", fraction = "", suffix = ""] = match;
  const digits = BigInt(`${whole}${fraction}` || "0");
  const binary = BINARY_SUFFIXES.indexOf(suffix);
  const isExponent = suffix.length > 1 && binary === -1;
  const exponent = isExponent ? Number(suffix.slice(1)) : 3 * (DECIMAL_SUFFIXES.indexOf(suffix) - 3);
  const scale = (binary > 0 ? 0 : exponent) - fraction.length;
  const unscaled = binary > 0 ? digits << BigInt(10 * binary) : digits;
  const rounded = roundUpToNano(unscaled, scale);
  const negate = (value: bigint): bigint => (sign === "-" ? -value : value);
  if (binary <= 0) return { ...rounded, unscaled: negate(rounded.unscaled), form: isExponent ? "exponent" : "decimal" };
  const isCapped = rounded.unscaled > MAX_INT64 * 10n ** BigInt(-rounded.scale);
  const bounded = isCapped ? { unscaled: MAX_INT64, scale: 0 } : rounded;
  return { ...bounded, unscaled: negate(bounded.unscaled), form: "binary" };
}

/** Nothing smaller than a billionth is kept; what is there rounds away from zero. */
function roundUpToNano(unscaled: bigint, scale: number): { readonly unscaled: bigint; readonly scale: number } {
  if (scale >= NANO || unscaled === 0n) return { unscaled, scale: unscaled === 0n ? 0 : scale };
  const dropped = NANO - scale;
  if (dropped > MAX_CHARACTERS) return { unscaled: 1n, scale: NANO };
  const divisor = 10n ** BigInt(dropped);
  return { unscaled: (unscaled + divisor - 1n) / divisor, scale: NANO };
}

/** The integer that the quantity is, or undefined when it has a fraction. */
function wholeNumber(unscaled: bigint, scale: number): bigint | undefined {
  const divisor = 10n ** BigInt(-scale);
  return unscaled % divisor === 0n ? unscaled / divisor : undefined;
}

function removeFactors(value: bigint, factor: bigint): [bigint, number] {
  let rest = value;
  let times = 0;
  while (rest !== 0n && rest % factor === 0n) {
    rest /= factor;
    times++;
  }
  return [rest, times];
}
