import { EXIT_STATUS } from "../../src/cli/exit-status.ts";
import { ERROR_CODES, type ErrorClass } from "../../src/lib/error-codes.ts";

const CLASS_MEANINGS: Readonly<Record<ErrorClass, string>> = {
  usage: "the command line cannot be understood",
  rejected: "evidence was checked and refused",
  mismatch: "a manifest or policy is not the expected one",
  unreachable: "a peer could not be reached, or answered too late",
  collateral: "certificates or revocation lists for the check could not be had",
  input: "an input is invalid, or an output could not be written",
  recovery: "the Coordinator needs recovery",
  internal: "a defect of the program",
  interrupted: "the user stopped the program",
};

/** Exit statuses and error codes in Markdown. */
export function renderErrorsPage(): string {
  const statuses = Object.entries(EXIT_STATUS).map(
    ([name, status]) => `| ${status} | ${name} | ${CLASS_MEANINGS[name as ErrorClass]} |`,
  );
  const codes = Object.entries(ERROR_CODES)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([code, entry]) => `| \`${code}\` | ${entry.class} | ${entry.meaning.replaceAll("|", "\\|")} |`);
  return [
    "# Exit statuses and error codes",
    "By default the exit status is 0 after success and 1 after any error. With `--format json` the class of the error decides, and the error is one JSON object on standard output with the fields `code`, `class`, `message`, `chain`, `hints` and `problems` (schema `contrast/error/v1`).",
    ["| Exit status | Class | Meaning |", "| --- | --- | --- |", "| 0 | | success |", ...statuses].join("\n"),
    "Codes are never renamed or reused.",
    ["| Code | Class | Meaning |", "| --- | --- | --- |", ...codes].join("\n"),
    "",
  ].join("\n\n");
}
