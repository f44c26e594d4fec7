import { EXIT_STATUS } from "../../src/cli/exit-status-table.ts";
import { explainCode, type CodeExplanation } from "../../src/commands/explain-code.ts";
import { ERROR_CODES, type ErrorClass, type ErrorCode } from "../../src/lib/error-codes.ts";
import { CLASS_EXPLANATIONS } from "../../src/lib/error-explanations.ts";

/** Exit statuses and error codes in Markdown. */
export function renderErrorsPage(): string {
  const statuses = Object.entries(EXIT_STATUS).map(
    ([name, status]) => `| ${status} | ${name} | ${CLASS_EXPLANATIONS[name as ErrorClass].meaning} |`,
  );
  const codes = Object.entries(ERROR_CODES)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([code, entry]) => `| \`${code}\` | ${entry.class} | ${entry.meaning.replaceAll("|", "\\|")} |`);
  return [
    "# Exit statuses and error codes",
    "By default the exit status is 0 after success and 1 after any error. With `--format json` the class of the error decides, and the error is one JSON object on standard output with the fields `code`, `class`, `message`, `chain`, `hints`, `counts` and `findings` (schema `contrast/error/v1`).",
    ["| Exit status | Class | Meaning |", "| --- | --- | --- |", "| 0 | | success |", ...statuses].join("\n"),
    "Codes are never renamed or reused.",
    ["| Code | Class | Meaning |", "| --- | --- | --- |", ...codes].join("\n"),
    "# Causes and remedies",
    "`contrast help CODE` shows the same on a terminal.",
    ...explained().map(explanationSection),
    "",
  ].join("\n\n");
}

/** The codes about which more is known than their meaning. */
function explained(): readonly CodeExplanation[] {
  return Object.keys(ERROR_CODES)
    .toSorted()
    .map((code) => explainCode(code as ErrorCode, EXIT_STATUS))
    .filter(({ causes }) => causes.length > 0);
}

function explanationSection({ code, meaning, causes, actions }: CodeExplanation): string {
  const list = (items: readonly string[]): string => items.map((item) => `- ${item}`).join("\n");
  return [`## ${code}`, meaning, "Likely causes:", list(causes), "What to do:", list(actions)].join("\n\n");
}
