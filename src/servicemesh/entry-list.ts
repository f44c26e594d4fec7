import type { Finding, Report } from "./finding.ts";
import { quoteText } from "../lib/quote-text.ts";

/** One entry of an annotation: its three fields as written. */
export interface RawEntry {
  /** Counted from 1, empty entries included, as the user sees them. */
  readonly number: number;
  readonly fields: readonly [name: string, second: string, third: string];
}

/** More entries than any pod has ports; keeps hostile annotations cheap. */
const MAX_ENTRIES = 1024;

/**
 * Splits an annotation at `##` into entries and each entry at `#` into three fields. Empty entries are skipped, white
 * space is kept.
 *
 * @param report receives `servicemesh/entry-malformed` and notes about separators
 * @see edgelesssys/contrast `service-mesh/config.go`
 */
export function splitEntries(text: string, annotation: string, report: Report): readonly RawEntry[] {
  const entries: RawEntry[] = [];
  if (text === "") return entries;
  const pieces = text.split("##", MAX_ENTRIES + 1);
  const tell = (finding: Pick<Finding, "severity" | "code" | "message" | "hint" | "entry">): void =>
    report({ ...finding, annotation });
  if (pieces.length > MAX_ENTRIES) {
    const message = `got more than ${MAX_ENTRIES} entries, need at most that many`;
    tell({ severity: "error", code: "servicemesh/entry-malformed", entry: undefined, message, hint: undefined });
    return entries;
  }
  if (pieces.includes("")) {
    const message = 'the separator "##" has nothing on one side; such empty entries have no effect';
    tell({ severity: "info", code: "servicemesh/entry-empty", entry: undefined, message, hint: undefined });
  }
  for (const [index, piece] of pieces.entries()) {
    const fields = piece.split("#");
    const [name = "", second = "", third = ""] = fields;
    if (piece === "") continue;
    if (fields.length !== 3) {
      const message = `invalid entry: ${quoteText(piece)} has ${fields.length} fields, need 3`;
      const hint = hintFor(piece);
      tell({ severity: "error", code: "servicemesh/entry-malformed", entry: index + 1, message, hint });
    } else {
      entries.push({ number: index + 1, fields: [name, second, third] });
    }
  }
  return entries;
}

function hintFor(piece: string): string {
  if (piece === "DISABLED") return 'The value "DISABLED" is known to later versions only.';
  const count = piece.split("#").length;
  return count % 3 === 0
    ? 'Separate entries by "##".'
    : 'Write each entry as three fields separated by "#" and entries separated by "##".';
}
