import type { ReportedFinding } from "../lint-report.ts";

const COMMANDS = { error: "error", warning: "warning", info: "notice" } as const;

/**
 * Findings as workflow commands, which GitHub shows at the lines of a change.
 *
 * @see https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function renderGithubReport(findings: readonly ReportedFinding[]): readonly string[] {
  return findings.map(({ severity, code, message, hint, file, line, column, object }) => {
    const properties = [
      ["file", file],
      ["line", line],
      ["col", column],
      ["title", `contrast lint: ${code}`],
    ].flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${escapeProperty(String(value))}`]));
    const text = [object === undefined ? message : `${object}: ${message}`, hint].filter((part) => part !== undefined);
    return `::${COMMANDS[severity]} ${properties.join(",")}::${escapeData(text.join("\n"))}`;
  });
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
