import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import { sha256Hex } from "../../lib/digest.ts";
import type { LintReport, ReportedFinding } from "../lint-report.ts";
import { LINT_RULES, lintRule } from "../rule-catalogue.ts";
import type { LintRule } from "../lint-rule.ts";

const LEVELS = { error: "error", warning: "warning", info: "note" } as const;

/**
 * Findings in the exchange format of analysis tools (SARIF 2.1.0), which code hosts show at lines.
 *
 * @param version of this program
 * @see OASIS, Static Analysis Results Interchange Format 2.1.0
 */
export function renderSarifReport({ findings }: LintReport, version: string): string {
  const others = [...new Set(findings.map(({ code }) => code))].filter((code) => lintRule(code) === undefined);
  const rules = [...LINT_RULES.map(describeRule), ...others.map((id) => ({ id }))];
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  const log = {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "contrast lint", version, rules } },
        columnKind: "unicodeCodePoints",
        results: findings.map((finding) => renderResult(finding, indexes.get(finding.code) ?? 0)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function describeRule({ id, title, why, fix, severity }: LintRule) {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: { text: fix },
    defaultConfiguration: { level: LEVELS[severity] },
  };
}

function renderResult(finding: ReportedFinding, ruleIndex: number) {
  const { code, severity, message, hint, file, line, column, object, path } = finding;
  const region = line === undefined ? {} : { region: { startLine: line, startColumn: column ?? 1 } };
  const name = [object, path].filter((part) => part !== undefined).join(", ");
  return {
    ruleId: code,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: hint === undefined ? message : `${message}. ${hint}` },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(file) }, ...region },
        ...(name !== "" && { logicalLocations: [{ fullyQualifiedName: name }] }),
      },
    ],
    partialFingerprints: { "contrastLint/v1": sha256Hex(JSON.stringify([code, file, object, path])) },
  };
}

/** Relative paths stay relative, so that code hosts find the files in the repository. */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.replace(/^\.\//, "").split("/").map(encodeURIComponent).join("/");
}
