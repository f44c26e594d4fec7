import type { KubernetesObject } from "../kubernetes/object.ts";
import type { YamlStream } from "../kubernetes/yaml-stream.ts";
import { quoteText } from "../lib/quote-text.ts";
import { isValueMap, ownValue, valueAt } from "../kubernetes/value.ts";
import { workloadOf } from "../kubernetes/workload.ts";
import type { LintFinding } from "./finding.ts";
import { OWN_RULE } from "./own-rule-id.ts";
import { lintRule } from "./rule-catalogue.ts";

/** On an object or its pods: `RULE, RULE: reason; RULE: reason`. */
const SILENCE_ANNOTATION = "contrast.edgeless.systems/lint-ignore";

/** `# contrast-lint: ignore RULE, RULE: reason`, or `ignore-file`. */
const COMMENT = /#\s*contrast-lint:\s*(.*)$/;
const MARK = "contrast-lint:";

/** Findings after silences were obeyed. */
export interface SilencedFindings {
  readonly findings: readonly LintFinding[];
  /** How many were silenced. */
  readonly silenced: number;
}

/**
 * Leaves out findings that the YAML silences with a reason, and adds one for each silence that cannot be obeyed.
 *
 * @param objects all of the input, because silences may be faulty where nothing is to be silenced
 */
export function obeySilences(findings: readonly LintFinding[], objects: readonly KubernetesObject[]): SilencedFindings {
  const faults: LintFinding[] = [];
  const comments = new Map<YamlStream, FileSilences>();
  const annotations = new Map<KubernetesObject, ReadonlySet<string>>();
  // Objects of one stream follow each other; most streams silence nothing.
  let last: YamlStream | undefined;
  let isAnnotated = false;
  for (const object of objects) {
    const { stream } = object.document;
    if (stream !== last) {
      last = stream;
      isAnnotated = stream.text.includes(SILENCE_ANNOTATION);
      if (stream.text.includes(MARK)) comments.set(stream, readComments(stream, object, faults));
    }
    if (!isAnnotated) continue;
    const silenced = readAnnotations(object, faults);
    if (silenced.size > 0) annotations.set(object, silenced);
  }
  const kept = findings.filter(({ rule, object, place }) => {
    const file = comments.get(object.document.stream);
    const isSilent =
      annotations.get(object)?.has(rule) === true ||
      file?.everywhere.has(rule) === true ||
      (place.line !== undefined && file?.lines.get(place.line)?.has(rule) === true);
    return !isSilent;
  });
  return { findings: [...kept, ...faults], silenced: findings.length - kept.length };
}

interface FileSilences {
  readonly everywhere: Set<string>;
  /** Rules by the number of the line that they are silent about. */
  readonly lines: Map<number, Set<string>>;
}

function readComments(stream: YamlStream, object: KubernetesObject, faults: LintFinding[]): FileSilences {
  const silences: FileSilences = { everywhere: new Set(), lines: new Map() };
  const lines = stream.text.split("\n");
  for (const [index, line] of lines.entries()) {
    const comment = COMMENT.exec(line.trimEnd());
    if (comment === null) continue;
    const place = { file: stream.file, line: index + 1, column: comment.index + 1, object: undefined };
    const report = (message: string): void => void faults.push(fault(object, message, place));
    const [, scope, text = ""] = /^(ignore|ignore-file)\s+(.*)$/.exec(comment[1] ?? "") ?? [];
    if (scope === undefined) {
      report(`got ${quoteText(comment[1] ?? "")}, want ignore or ignore-file`);
      continue;
    }
    const rules = parseSilence(text, report);
    if (scope === "ignore-file") for (const rule of rules) silences.everywhere.add(rule);
    else {
      const target = line.slice(0, comment.index).trim() === "" ? nextCode(lines, index) : index;
      silences.lines.set(target + 1, new Set([...(silences.lines.get(target + 1) ?? []), ...rules]));
    }
  }
  return silences;
}

/** Index of the next line that is neither empty nor a comment. */
function nextCode(lines: readonly string[], index: number): number {
  let next = index + 1;
  while (next < lines.length && /^\s*(?:#.*)?$/.test(lines[next] ?? "")) next++;
  return next;
}

function readAnnotations(object: KubernetesObject, faults: LintFinding[]): ReadonlySet<string> {
  const silenced = new Set<string>();
  const places = [["metadata"], workloadOf(object)?.templateMetadataPath ?? ["metadata"]];
  for (const metadata of places[1]?.length === 1 ? places.slice(1) : places) {
    const path = [...metadata, "annotations", SILENCE_ANNOTATION];
    const annotations = valueAt(object.value, path.slice(0, -1));
    const text = isValueMap(annotations) ? ownValue(annotations, SILENCE_ANNOTATION) : undefined;
    if (typeof text !== "string") continue;
    const report = (message: string): void => void faults.push(fault(object, message, object.locate(path)));
    for (const part of text.split(";")) {
      for (const rule of part.trim() === "" ? [] : parseSilence(part, report)) silenced.add(rule);
    }
  }
  return silenced;
}

/** The rules in `RULE, RULE: reason`; none after a fault. */
function parseSilence(text: string, report: (message: string) => void): readonly string[] {
  const colon = text.indexOf(":");
  const rules = (colon === -1 ? text : text.slice(0, colon)).split(",").map((rule) => rule.trim());
  for (const rule of rules) {
    if (lintRule(rule) === undefined && !OWN_RULE.test(rule)) report(`there is no rule ${quoteText(rule)}`);
  }
  if (colon === -1 || text.slice(colon + 1).trim() === "") {
    report("the silence gives no reason and is not obeyed");
    return [];
  }
  return rules;
}

function fault(object: KubernetesObject, message: string, place: LintFinding["place"]): LintFinding {
  const rule = lintRule("silence-invalid");
  return {
    rule: "silence-invalid",
    severity: rule?.severity ?? "warning",
    message,
    hint: rule?.fix,
    object,
    path: [],
    place,
    fix: [],
  };
}
