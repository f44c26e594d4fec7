import * as v from "valibot";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Path } from "../kubernetes/path.ts";
import { workloadOf } from "../kubernetes/workload.ts";
import { ContrastError } from "../lib/errors.ts";
import { quoteText } from "../lib/quote-text.ts";
import type { LintFinding } from "./finding.ts";
import type { Severity } from "../lib/finding.ts";
import { OWN_RULE } from "./own-rule-id.ts";
import { lintRule } from "./rule-catalogue.ts";

/** More findings of one portion of objects tell nobody anything. */
const MAX_FINDINGS = 20_000;
const MAX_TEXT = 2000;
/** Longest text of the user that a message quotes. */
const MAX_QUOTED = 160;

const text = v.pipe(v.string(), v.maxLength(MAX_TEXT));
/** A part of a message as it is, or in a list of its own to be quoted. */
const part = v.union([text, v.pipe(v.array(v.unknown()), v.length(1))]);
const parts = v.union([text, v.pipe(v.array(part), v.maxLength(64))]);
const path = v.pipe(v.array(v.union([v.string(), v.pipe(v.number(), v.integer(), v.minValue(0))])), v.maxLength(64));
const severity = v.picklist(["error", "warning", "info"]);

const findingSchema = v.strictObject({
  rule: v.pipe(v.string(), v.maxLength(64)),
  object: v.pipe(v.number(), v.integer(), v.minValue(0)),
  path,
  message: parts,
  severity: v.optional(severity),
  hint: v.optional(parts),
  fix: v.optional(v.array(v.strictObject({ path, value: v.string() }))),
});

type RawFinding = v.InferOutput<typeof findingSchema>;

/** Whose rules these are, for messages and bounds. */
export interface RuleSource {
  /** Such as `rules file "rules/team.rego"`. */
  readonly label: string;
  /** Rules of this program take severity and hint from the catalogue; those of users bring them along. */
  readonly isOwn: boolean;
}

/**
 * Reads what rules say about objects.
 *
 * @param value the value of `findings`: a set or array of objects; undefined where rules define none
 * @param objects by number
 * @throws ContrastError `lint/result-invalid` for anything else, with the first fault
 */
export function parseFindings(
  value: unknown,
  objects: readonly KubernetesObject[],
  source: RuleSource,
): readonly LintFinding[] {
  const list = value ?? [];
  if (!Array.isArray(list)) throw invalid(source, "findings is no set");
  if (list.length > MAX_FINDINGS) throw invalid(source, `got ${list.length} findings, take at most ${MAX_FINDINGS}`);
  return list.map((item: unknown) => {
    const result = v.safeParse(findingSchema, item);
    if (!result.success) throw invalid(source, faultOf(result.issues[0]));
    return toFinding(result.output, objects, source);
  });
}

function toFinding(raw: RawFinding, objects: readonly KubernetesObject[], source: RuleSource): LintFinding {
  const object = objects[raw.object];
  if (object === undefined) throw invalid(source, `${raw.rule}: there is no object ${raw.object}`);
  const rule = lintRule(raw.rule);
  if (source.isOwn ? rule === undefined : !OWN_RULE.test(raw.rule)) {
    throw invalid(source, `${quoteText(raw.rule)} is no name for a rule, want one such as "x-team-label"`);
  }
  const level: Severity | undefined = raw.severity ?? rule?.severity;
  if (level === undefined) throw invalid(source, `${raw.rule}: a finding needs a severity`);
  if (!source.isOwn && raw.fix !== undefined) throw invalid(source, `${raw.rule}: only rules of contrast repair YAML`);
  const at = resolvePath(raw.path, object);
  const hint = raw.hint === undefined ? "" : joinParts(raw.hint);
  return {
    rule: raw.rule,
    severity: level,
    message: joinParts(raw.message),
    hint: hint === "" ? rule?.fix : hint,
    object,
    path: at,
    place: object.locate(at),
    fix: (raw.fix ?? []).map((step) => ({ path: resolvePath(step.path, object), value: step.value })),
  };
}

function joinParts(message: RawFinding["message"]): string {
  if (typeof message === "string") return message;
  return message.map((each) => (typeof each === "string" ? each : quoted(each[0]))).join("");
}

/** Text in quotes; what stands in the YAML in place of text as JSON. */
function quoted(value: unknown): string {
  return typeof value === "string" ? quoteText(value, MAX_QUOTED) : JSON.stringify(value).slice(0, MAX_QUOTED);
}

/** `$pod` and `$template` at the beginning stand for where the object has its pods' spec and metadata. */
function resolvePath(steps: Path, object: KubernetesObject): Path {
  const [first, ...rest] = steps;
  if (first !== "$pod" && first !== "$template") return steps;
  const workload = workloadOf(object);
  const start = first === "$pod" ? workload?.podSpecPath : workload?.templateMetadataPath;
  return [...(start ?? []), ...rest];
}

function faultOf({ path: at, input, received }: v.BaseIssue<unknown>): string {
  const place = at?.map(({ key }) => String(key)).join(".") ?? "";
  if (place === "") return `a finding is ${received}, want an object`;
  return input === undefined
    ? `a finding has no ${quoteText(place)}`
    : `a finding has ${received} as ${quoteText(place)}`;
}

function invalid({ label }: RuleSource, fact: string): ContrastError {
  return new ContrastError("lint/result-invalid", `Cannot use result of ${label}: ${fact}`, {
    hint: "docs/lint.md says what findings look like.",
  });
}
