import type { InputFile } from "../kubernetes/input-set.ts";
import { renderPath } from "../kubernetes/path.ts";
import { type Finding, findingsOf, SEVERITIES, type Severity } from "../lib/finding.ts";
import type { Problems } from "../lib/problems.ts";
import type { LintFinding } from "./finding.ts";
import type { LintOptions } from "./lint-options.ts";
import { lintObjects } from "./lint-objects.ts";
import { lintWithOwnRules, type RuleFile } from "./own-rules.ts";
import { SourceLines } from "./source-lines.ts";
import { lintRule } from "./rule-catalogue.ts";
import { obeySilences } from "./silences.ts";

/** A line of a report. */
export interface ReportedFinding extends Finding {
  /** Id of a rule, or the code of a fault that made a file unreadable. */
  readonly code: string;
  readonly file: string;
  readonly fixable: boolean;
  /** The line of the file; undefined where it may hold a secret. */
  readonly source?: string | undefined;
}

/** What lint has to say about its input. */
export interface LintReport {
  /** As they were read. */
  readonly files: readonly string[];
  /** By file, then by place. */
  readonly findings: readonly ReportedFinding[];
  readonly silenced: number;
}

/** Which findings are told. */
export interface LintChoice {
  /** The mildest severity that is told. */
  readonly severity: Severity;
  /** Ids of rules that are not asked. */
  readonly ignored: ReadonlySet<string>;
}

/** What the rules have found. */
export interface FoundFindings {
  readonly findings: readonly LintFinding[];
  readonly silenced: number;
  /** Lines that may hold a secret (`file:line`), also where the rule that says so is silent. */
  readonly hiddenLines: ReadonlySet<string>;
}

/**
 * Asks all rules about the files and keeps what the user wants to be told.
 *
 * @throws ContrastError of `lintObjects()` and `lintWithOwnRules()`
 */
export async function findFindings(
  files: readonly InputFile[],
  options: LintOptions,
  ownRules: readonly RuleFile[],
  choice: LintChoice,
): Promise<FoundFindings> {
  const objects = files.flatMap((file) => file.objects);
  const found = await lintObjects(objects, options);
  const own = ownRules.length === 0 ? [] : await lintWithOwnRules(objects, options, ownRules);
  const hiddenLines = new Set(
    found.filter(({ rule }) => lintRule(rule)?.hidesSource === true).map(({ place }) => `${place.file}:${place.line}`),
  );
  const wanted = SEVERITIES.slice(0, SEVERITIES.indexOf(choice.severity) + 1);
  const isWanted = ({ rule, severity }: LintFinding): boolean => wanted.includes(severity) && !choice.ignored.has(rule);
  const { findings, silenced } = obeySilences([...found, ...own].filter(isWanted), objects);
  return { findings: findings.filter(isWanted), silenced, hiddenLines };
}

/** Puts findings and faults of files in the order of the input, with the lines that they are about. */
export function createReport(
  files: readonly InputFile[],
  { findings, silenced, hiddenLines }: FoundFindings,
  problems: Problems,
): LintReport {
  const paths = files.map(({ stream }) => stream.file);
  const lines = new SourceLines(files);
  const reported = [
    ...findingsOf(problems.errors, problems.warnings).map(
      ({ code = "", file = "", path, ...rest }): ReportedFinding => {
        return { ...rest, code, file, path: path || undefined, fixable: false };
      },
    ),
    ...findings.map((finding): ReportedFinding => {
      const { rule, severity, message, hint, place, object, path, fix } = finding;
      const { file = "", line, column } = place;
      const source = line === undefined || hiddenLines.has(`${file}:${line}`) ? undefined : lines.line(file, line);
      const at = path.length === 0 ? undefined : renderPath([...object.prefix, ...path]);
      const label = place.object === undefined && path.length === 0 ? undefined : object.label;
      return {
        code: rule,
        severity,
        message,
        hint,
        file,
        line,
        column,
        object: label,
        path: at,
        fixable: fix.length > 0,
        source,
      };
    }),
  ];
  const ranks = new Map(
    [...new Set([...paths, ...reported.map(({ file }) => file)])].map((file, index) => [file, index]),
  );
  const rank = ({ file }: ReportedFinding): number => ranks.get(file) ?? 0;
  const sorted = reported.toSorted(
    (left, right) =>
      rank(left) - rank(right) ||
      (left.line ?? 0) - (right.line ?? 0) ||
      (left.column ?? 0) - (right.column ?? 0) ||
      (left.code < right.code ? -1 : 1),
  );
  return { files: paths, findings: sorted, silenced };
}
