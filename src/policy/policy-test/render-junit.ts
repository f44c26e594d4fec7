import { escapeXml } from "../../lib/escape-xml.ts";
import { countCases, type CaseResult, type PolicyTestResult } from "./run-policy-test.ts";
import { verdictText } from "./verdict-text.ts";

/**
 * Renders results in the XML format that continuous integration systems read (JUnit): one suite for each directory.
 *
 * @returns the document, ending in a newline
 */
export function renderJunit(results: readonly PolicyTestResult[]): string {
  const suites = results.map((result) => {
    const { passed, failed } = countCases([result]);
    const name = escapeXml(result.directory);
    const cases = result.cases.map((testCase) => renderCase(testCase, name));
    return [`  <testsuite name="${name}" tests="${passed + failed}" failures="${failed}">`, ...cases, "  </testsuite>"];
  });
  const { passed, failed } = countCases(results);
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites name="contrast policy test" tests="${passed + failed}" failures="${failed}">`,
    ...suites.flat(),
    "</testsuites>",
    "",
  ].join("\n");
}

function renderCase(testCase: CaseResult, suite: string): string {
  const name = escapeXml(`${testCase.kind}: ${testCase.description}`);
  const open = `    <testcase classname="${suite}" name="${name}"`;
  if (testCase.ok) return `${open}/>`;
  return `${open}><failure message="${escapeXml(verdictText(testCase))}"/></testcase>`;
}
