import { renderInstant } from "../lib/instant.ts";
import { NO_PAINT, type Paint } from "../terminal/colour.ts";
import { checksLines, markOf, oneLine, sortChecks } from "./check-lines.ts";
import { renderAge } from "./collateral/copy-state.ts";
import { earliestExpiryText } from "./earliest-expiry.ts";
import { type PassedEntry, passedEntries } from "./passed-topics.ts";
import { pasteableValues } from "./pasteable-values.ts";
import {
  type Check,
  type CheckGroup,
  type CheckOutcome,
  type CollateralUse,
  groupOutcome,
  isProven,
  type Verdict,
} from "./verdict.ts";

/** How much of a verdict is told, and in which dress. */
export interface VerdictStyle {
  readonly paint?: Paint;
  /** `topics` puts passed checks about one thing on one line; `count` tells only how many passed: for error messages. */
  readonly passed?: PassedStyle;
}

type PassedStyle = "all" | "topics" | "count";

/**
 * A verdict for people: the answer, then every group with what was refused first. Of several entries of reference
 * values the one that fits best is shown whole, and of the others what they disagree with.
 *
 * @returns lines, safe to show on a terminal; coloured ones are to be written as they are
 */
export function renderVerdict(verdict: Verdict<unknown>, style: VerdictStyle = {}): readonly string[] {
  const paint = style.paint ?? NO_PAINT;
  const { required, alternatives } = verdict;
  const [best, ...others] = (alternatives ?? []).toSorted((left, right) => distance(left) - distance(right));
  const shown = [...required, ...(best === undefined ? [] : [best])];
  return [
    answerLine(verdict, shown, paint),
    ...shown.flatMap((group) => {
      const advice = isProven(required) ? pasteableValues(group) : [];
      return groupLines(group, group === best ? others.length : 0, advice, paint, style.passed ?? "all");
    }),
    ...others.map((group) => summaryLine(group, verdict.outcome === "accepted", paint)),
    ...(style.passed === "count" ? noteLines(verdict) : provenanceLines(verdict, paint)),
  ];
}

/** What makes a guest or a machine another one, where all else only makes it out of date. */
const IDENTITY = /^(product|measurement|mr-td|rtmr\.\d)$/;

/** How far an entry is from accepting the evidence: first whether it is about this guest, then how much was refused. */
function distance({ checks }: CheckGroup): number {
  const isOther = checks.some(({ id, outcome }) => outcome === "failed" && IDENTITY.test(id));
  return (isOther ? 1_000_000 : 0) + 1000 * countOf(checks, "failed") + countOf(checks, "unknown");
}

function countOf(checks: readonly Check[], outcome: CheckOutcome): number {
  return checks.filter((check) => check.outcome === outcome).length;
}

function answerLine(verdict: Verdict<unknown>, shown: readonly CheckGroup[], paint: Paint): string {
  const checks = shown.flatMap((group) => group.checks);
  const count = (outcome: CheckOutcome): number => countOf(checks, outcome);
  const all = checksText(checks.length);
  if (verdict.outcome === "rejected") return `${paint("bad", "Rejected")}: ${count("failed")} of ${all} failed`;
  const waived = count("waived") === 0 ? "" : `, ${count("waived")} waived`;
  if (verdict.outcome === "unknown") {
    const answer = paint("doubtful", "Could not check");
    return `${answer}: ${count("unknown")} of ${all} could not be made, none failed${waived}`;
  }
  // Without reference values nothing was said about which guest runs there.
  const answer = verdict.alternatives === undefined ? "Genuine" : "Accepted";
  return `${paint("good", answer)}: ${checksText(count("passed"))} passed${waived}`;
}

function checksText(count: number): string {
  return count === 1 ? "1 check" : `${count} checks`;
}

const GROUP_TITLES: Readonly<Record<string, string>> = {
  authenticity: "Authenticity",
  request: "Binding to what was asked for",
  evidence: "Evidence",
};

/** @param advice lines that are added below what was refused */
function groupLines(
  group: CheckGroup,
  others: number,
  advice: readonly string[],
  paint: Paint,
  passed: PassedStyle,
): readonly string[] {
  const title = GROUP_TITLES[group.name] ?? `Reference values ${group.name}`;
  const closest = others === 0 || groupOutcome(group) === "passed" ? "" : ` (closest of ${others + 1} entries)`;
  const lines = checksLines(checksInFull(group, passed), paint);
  return [
    paint("heading", `${title}${closest}`),
    ...[...lines, ...advice, ...passedLines(group, paint, passed)].map((line) => `  ${line}`),
  ];
}

function checksInFull({ checks }: CheckGroup, passed: PassedStyle): readonly Check[] {
  const sorted = sortChecks(checks);
  if (passed === "all") return sorted;
  const isTold = ({ outcome }: Check): boolean =>
    outcome !== "passed" && (passed === "topics" || outcome !== "not-judged");
  return sorted.filter(isTold);
}

function passedLines(group: CheckGroup, paint: Paint, passed: PassedStyle): readonly string[] {
  if (passed === "all") return [];
  if (passed === "topics") return passedEntries(group).flatMap((entry) => entryLines(entry, paint));
  const good = countOf(group.checks, "passed");
  return good === 0 ? [] : [`${markOf("passed", paint)} ${checksText(good)} passed`];
}

function entryLines(entry: PassedEntry, paint: Paint): readonly string[] {
  if (entry.kind === "check") return checksLines([entry.check], paint);
  const { title, value, passed, total } = entry;
  const count = passed === total ? String(total) : `${passed} of ${total}`;
  const words = value === undefined ? "" : `: ${oneLine(value)}`;
  return [`${markOf("passed", paint)} ${title}${words} ${paint("quiet", `(${count} checks)`)}`];
}

function summaryLine(group: CheckGroup, accepted: boolean, paint: Paint): string {
  const outcome = groupOutcome(group);
  const open = group.checks.filter((check) => check.outcome === outcome).map(({ subject }) => oneLine(subject));
  if (outcome === "passed") return `${markOf("passed", paint)} Reference values ${group.name} fit too`;
  const mark = accepted ? markOf("not-judged", paint) : markOf(outcome, paint);
  const verb = outcome === "failed" ? "differ in" : "could not be checked for";
  return `${mark} Reference values ${group.name} ${verb} ${open.join(", ")}${accepted ? "; not needed" : ""}`;
}

function noteLines({ collateral = [] }: Verdict<unknown>): readonly string[] {
  return collateral.flatMap(({ name, note }) => (note === undefined ? [] : [`! ${name}: ${oneLine(note)}`]));
}

function provenanceLines(verdict: Verdict<unknown>, paint: Paint): readonly string[] {
  const { collateral = [], at } = verdict;
  if (collateral.length === 0) return [];
  const expiry = earliestExpiryText(verdict);
  return [
    paint("heading", "Vendor's documents"),
    ...collateral.map((use) => `  ${useText(use, at)}`),
    ...(expiry === undefined ? [] : [`  ${expiry}`]),
  ];
}

/** Younger copies are as good as new. */
const MINUTE_MS = 60_000;

const ORIGINS: Readonly<Record<CollateralUse["origin"], string>> = {
  evidence: "given with the evidence",
  file: "from a given file",
  bundle: "from a bundle",
  cache: "from the cache",
  network: "from its vendor",
};

function useText({ name, origin, fetchedAt, notAfter, note }: CollateralUse, at: Date | undefined): string {
  const parts = [
    ORIGINS[origin],
    ...(fetchedAt === undefined ? [] : [`fetched ${renderInstant(fetchedAt)}${ageText(fetchedAt, at)}`]),
    ...(notAfter === undefined ? [] : [`valid until ${renderInstant(notAfter)}`]),
    ...(note === undefined ? [] : [oneLine(note)]),
  ];
  return `${name}: ${parts.join(", ")}`;
}

function ageText(fetchedAt: Date, at: Date | undefined): string {
  const ageMs = at === undefined ? 0 : at.getTime() - fetchedAt.getTime();
  return ageMs < MINUTE_MS ? "" : ` (${renderAge(ageMs)} old)`;
}
