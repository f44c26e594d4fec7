import type { ErrorCode } from "../lib/error-codes.ts";
import type { Report } from "./finding.ts";
import { quoteText } from "../lib/quote-text.ts";

/** Reports findings about one entry of one annotation. */
export interface EntryReport {
  error(code: ErrorCode, message: string, hint?: string): void;
  warn(code: ErrorCode, message: string, hint?: string): void;
}

/** A report for one entry of an annotation; `entry` is undefined for the annotation as a whole. */
export function entryReport(report: Report, annotation: string, entry: number | undefined): EntryReport {
  return {
    error: (code, message, hint) => report({ severity: "error", code, annotation, entry, message, hint }),
    warn: (code, message, hint) => report({ severity: "warning", code, annotation, entry, message, hint }),
  };
}

/**
 * Reads a port: 1 to 5 digits, 1 to 65535. Signs, which the original takes, and numbers out of range, which it cuts to
 * 16 bits, are refused.
 *
 * @param what the field's name in messages, such as `listen port`
 * @returns undefined after reporting `servicemesh/port-invalid` or `servicemesh/field-space`
 */
export function parsePort(text: string, what: string, report: EntryReport): number | undefined {
  if (refuseSpace(text, what, report)) return undefined;
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 1 && port <= 65_535) return port;
  const need = "a decimal number from 1 to 65535";
  report.error("servicemesh/port-invalid", `invalid ${what}: got ${quoteText(text)}, need ${need}`);
  return undefined;
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "TRUE", "true", "True"].map((literal) => [literal, true] as const),
  ...["0", "f", "F", "FALSE", "false", "False"].map((literal) => [literal, false] as const),
]);

/** Reads one of the twelve literals of Go's `strconv.ParseBool`; reports `servicemesh/boolean-invalid` for others. */
export function parseGoBoolean(text: string, what: string, report: EntryReport): boolean | undefined {
  if (refuseSpace(text, what, report)) return undefined;
  const value = BOOLEANS.get(text);
  if (value === undefined) {
    report.error("servicemesh/boolean-invalid", `invalid ${what}: got ${quoteText(text)}, need "true" or "false"`);
  }
  return value;
}

/** Refuses white space around a field and says what was probably meant. */
export function refuseSpace(text: string, what: string, report: EntryReport): boolean {
  const trimmed = text.trim();
  if (trimmed === text) return false;
  const message = `invalid ${what}: got ${quoteText(text)} with white space around it`;
  report.error("servicemesh/field-space", message, `Did you mean ${quoteText(trimmed)}?`);
  return true;
}
