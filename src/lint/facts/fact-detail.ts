/**
 * How much of an object rules are told: what the rules of this program read, so that the engine is handed less, or
 * everything, for the rules of others.
 */
export type FactDetail = "read" | "all";
