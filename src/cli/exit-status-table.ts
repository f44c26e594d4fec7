import type { ErrorClass } from "../lib/error-codes.ts";

/** Exit statuses where structured output was asked for: "could not check" and "checked and refused" differ. */
export const EXIT_STATUS: Readonly<Record<ErrorClass, number>> = {
  usage: 2,
  rejected: 3,
  mismatch: 4,
  unreachable: 5,
  collateral: 6,
  input: 7,
  recovery: 8,
  internal: 70,
  interrupted: 130,
};
