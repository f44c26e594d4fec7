import { visibleLine } from "../../lib/visible-text.ts";
import type { Paint, Tone } from "../../terminal/colour.ts";
import { wrapText } from "../../terminal/wrap-text.ts";
import type { Effect, PolicyChange, PolicyDifference } from "./policy-change.ts";

const TONES: Readonly<Record<Effect, Tone>> = { wider: "bad", narrower: "good", other: "doubtful" };
const ORDER: Readonly<Record<Effect, number>> = { wider: 0, other: 1, narrower: 2 };
const SIGNS: Readonly<Record<PolicyChange["kind"], string>> = { added: "+", removed: "-", changed: "~", moved: "↕" };

/** Longest text of a value in a line; the rest is told by `--format json`. */
const MAX_VALUE = 400;
/** Lines of a rules diff that are shown. */
const MAX_RULE_LINES = 400;

/** The differences of a workload as lines for a terminal; what lets the host do more comes first. */
export function renderDifference(difference: PolicyDifference, paint: Paint, width: number): readonly string[] {
  const { label, namespace, status, before, after, changes, rules } = difference;
  const title = paint(
    "heading",
    `${visibleLine(label)}${namespace === "" ? "" : ` in namespace ${visibleLine(namespace)}`}`,
  );
  if (status === "same") return [`${title}: the same`];
  const hashes = [`  before ${sideText(before)}`, `  after  ${sideText(after)}`];
  if (status === "added") return [`${title}: ${paint("bad", "new, so wider")}`, ...hashes];
  if (status === "removed") return [`${title}: ${paint("good", "gone, so narrower")}`, ...hashes];
  const counts = (["wider", "other", "narrower"] as const)
    .map((effect) => ({ effect, count: changes.filter((change) => change.effect === effect).length }))
    .filter(({ count }) => count > 0)
    .map(({ effect, count }) => `${count} ${effect}`);
  const lines = changes
    .toSorted((left, right) => ORDER[left.effect] - ORDER[right.effect])
    .flatMap((change) => changeLines(change, paint, width));
  return [
    `${title}: ${counts.length === 0 ? "rules changed" : counts.join(", ")}`,
    ...hashes,
    ...lines,
    ...ruleLines(rules, paint),
  ];
}

function sideText(side: PolicyDifference["before"]): string {
  if (side === undefined) return "no policy";
  return `${side.hashHex} (${visibleLine(side.file)}${side.embeddedRules ? "" : ", rules not of this program"})`;
}

function changeLines(
  { effect, kind, container, part, subject, before, after }: PolicyChange,
  paint: Paint,
  width: number,
): readonly string[] {
  const where = [container, part, subject]
    .filter((word) => word !== "")
    .map((word) => visibleLine(word))
    .join(": ");
  const head = `  ${paint(TONES[effect], effect.padEnd(9))}${SIGNS[kind]} ${where}`;
  const value = (name: string, text: string | undefined): readonly string[] => {
    if (text === undefined) return [];
    const cut = text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}… (${text.length} characters)` : text;
    const lines = wrapText(cut === "" ? '""' : visibleLine(cut), Math.max(40, width - 17));
    return lines.map((line, index) => `             ${(index === 0 ? name : "").padEnd(4)}${line}`);
  };
  return [head, ...value("was", before), ...value("now", after)];
}

function ruleLines(rules: readonly string[], paint: Paint): readonly string[] {
  if (rules.length === 0) return [];
  const lines = rules.slice(0, MAX_RULE_LINES).map((line) => {
    const tone: Tone = line.startsWith("+") ? "good" : line.startsWith("-") ? "bad" : "quiet";
    return `    ${paint(tone, visibleLine(line))}`;
  });
  const hidden = rules.length - lines.length;
  return [
    `  ${paint("doubtful", "other")}    ~ rules`,
    ...lines,
    ...(hidden === 0 ? [] : [`    … ${hidden} more lines`]),
  ];
}
