import { countFindings, type Finding } from "../lib/finding.ts";

/**
 * Members `counts` and `findings` of the JSON object of every command that finds something. Each finding has `severity`
 * and `message`, and `code`, `hint`, `file`, `line`, `column`, `object` and `path` where they exist; what else a command
 * says of a finding follows.
 */
export function findingsJson(findings: readonly Finding[]): Readonly<Record<"counts" | "findings", unknown>> {
  const told = findings.map(({ severity, code, message, hint, file, line, column, object, path, ...rest }) => {
    const place = { file, line, column, object: object || undefined, path: path || undefined };
    return { severity, code, message, hint: hint || undefined, ...place, ...rest };
  });
  return { counts: countFindings(findings), findings: told };
}
