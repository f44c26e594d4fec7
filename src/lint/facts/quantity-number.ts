import type { Value } from "../../kubernetes/value.ts";

const FACTORS: Readonly<Record<string, number>> = {
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * About how much a quantity of Kubernetes is, for comparing; undefined for anything that is none, and for the rare forms
 * with a sign, an exponent or billionths.
 */
export function quantityNumber(quantity: Value | undefined): number | undefined {
  if (typeof quantity === "number") return quantity;
  if (typeof quantity === "bigint") return Number(quantity);
  if (typeof quantity !== "string") return undefined;
  const [, digits, suffix = ""] = /^([0-9]{1,20}(?:\.[0-9]{0,20})?)([KMGTPE]i|[mkMGTPE])?$/.exec(quantity) ?? [];
  return digits === undefined ? undefined : Number(digits) * (FACTORS[suffix] ?? 1);
}
