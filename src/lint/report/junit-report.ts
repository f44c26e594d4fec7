import { escapeXml } from "../../lib/escape-xml.ts";
import type { LintReport, ReportedFinding } from "../lint-report.ts";

/**
 * Findings in the XML format that continuous integration systems read (JUnit): one suite for each file, one case for
 * each finding; an `info` passes, and so does a file without findings.
 *
 * @returns the document, ending in a newline
 */
export function renderJunitReport({ files, findings }: LintReport): string {
  const byFile = Map.groupBy(findings, ({ file }) => file);
  const suites = [...new Set([...files, ...byFile.keys()])].map((file) => {
    const found = byFile.get(file) ?? [];
    const name = escapeXml(file);
    const cases = found.length === 0 ? [`    <testcase classname="${name}" name="lint"/>`] : found.map(renderCase);
    const counts = `tests="${Math.max(1, found.length)}" failures="${countFailures(found)}"`;
    return [`  <testsuite name="${name}" ${counts}>`, ...cases, "  </testsuite>"].join("\n");
  });
  const tests = [...new Set([...files, ...byFile.keys()])].reduce(
    (sum, file) => sum + Math.max(1, byFile.get(file)?.length ?? 0),
    0,
  );
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites name="contrast lint" tests="${tests}" failures="${countFailures(findings)}">`,
    ...suites,
    "</testsuites>",
    "",
  ].join("\n");
}

function countFailures(findings: readonly ReportedFinding[]): number {
  return findings.filter(({ severity }) => severity !== "info").length;
}

function renderCase({ code, severity, message, hint, file, line, object, path }: ReportedFinding): string {
  const name = [code, object, path].filter((part) => part !== undefined).join(" ");
  const place = line === undefined ? file : `${file}:${line}`;
  const open = `    <testcase classname="${escapeXml(file)}" name="${escapeXml(name)}"`;
  const text = escapeXml([`${place}: ${message}`, hint].filter((part) => part !== undefined).join("\n"));
  if (severity === "info") return `${open}><system-out>${text}</system-out></testcase>`;
  return `${open}><failure type="${severity}" message="${escapeXml(message)}">${text}</failure></testcase>`;
}
