import { renderPath } from "../../kubernetes/path.ts";
import { quoteText } from "../../lib/quote-text.ts";
import { visibleLine } from "../../lib/visible-text.ts";
import type { Paint } from "../../terminal/colour.ts";
import { renderFinding } from "./render-finding.ts";
import type { ComparedContainer, Fault, RequestExplanation } from "./request-explanation.ts";

/** Elements of a check, containers and printed lines beyond these are only counted. */
const MAX_FINDINGS = 6;
const MAX_CONTAINERS = 8;
const MAX_PRINTS = 5;
const MAX_PRINT_LENGTH = 160;
const MAX_UNREAD = 8;

const FOREIGN =
  "The rules of this policy are not those of this program: what follows compares its data with the request.";

const NOT_IN_TEXT =
  'Only names of checks are in the text, not what was received: the agent\'s log has that, and "contrast generate --check" tells whether the YAML was changed since.';

/**
 * Renders an explanation for people: the verdict, each failing check with both sides, and the other containers. What
 * comes from the request or the policy cannot control a terminal.
 */
export function renderExplanation(explanation: RequestExplanation, paint: Paint): readonly string[] {
  const { verdict, error, prints, isReason, faults, unread } = explanation;
  const lines = [headline(explanation, paint)];
  if (error !== undefined) lines.push(`  no answer: ${visibleLine(error)}`);
  if (explanation.cut !== undefined) lines.push(`  ${cutText(explanation)}`);
  if (verdict === "allowed" || verdict === "error") return lines;
  if (!isReason && explanation.nearest !== undefined) lines.push(`  ${paint("doubtful", FOREIGN)}`);
  for (const fault of faults) lines.push(...faultLines(fault, paint).map((line) => `  ${line}`));
  lines.push(...remedyLines(faults).map((line) => `  ${line}`));
  const isNamedOnly = faults.length > 0 && faults.every(({ findings }) => findings.every(({ is }) => is === "refused"));
  if (isNamedOnly) lines.push(`  ${paint("quiet", NOT_IN_TEXT)}`);
  if (faults.length === 0) lines.push(`  ${nothingFound(explanation)}`);
  if (unread.length > 0) lines.push(`  ${unreadText(unread)}`);
  lines.push(...otherContainers(explanation).map((line) => paint("quiet", `  ${line}`)));
  for (const print of prints.slice(-MAX_PRINTS))
    lines.push(`  printed: ${visibleLine(print.slice(0, MAX_PRINT_LENGTH))}`);
  return lines;
}

function headline({ kind, verdict, description, nearest, faults }: RequestExplanation, paint: Paint): string {
  const word = paint(
    verdict === "allowed" ? "good" : verdict === "unknown" ? "doubtful" : "bad",
    verdict.toUpperCase(),
  );
  const container = nearest === undefined ? "" : ` for container ${visibleLine(quoteText(nearest.name))}`;
  const checks = faults.map(({ check }) => check);
  const reason = checks.length === 0 ? "" : `: ${checks.join(", ")}`;
  const title = description === undefined ? "" : ` ${visibleLine(quoteText(description))}`;
  return `${word} ${visibleLine(kind)}${title}${verdict === "allowed" ? "" : `${container}${reason}`}`;
}

function cutText({ cut = [], nearest, faults }: RequestExplanation): string {
  const isRefused = nearest !== undefined && faults.some(({ findings }) => findings.some(({ is }) => is === "refused"));
  if (isRefused && cut.length === 0) return "the list of checks was cut: there may be more";
  return `the request ends ${cut.length === 0 ? "at its beginning" : `in ${visibleLine(renderPath(cut))}`}: what follows is not known`;
}

function faultLines({ check, title, setting, isCertain, findings }: Fault, paint: Paint): readonly string[] {
  const doubt = isCertain ? "" : " (perhaps: it also depends on what was cut off)";
  const more = findings.length - MAX_FINDINGS;
  const shown = findings.slice(0, MAX_FINDINGS);
  return [
    `${paint("heading", check)}: ${title}${doubt}`,
    ...shown.flatMap((finding) => renderFinding(finding, paint)).map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...(setting === undefined ? [] : [`  settings  ${setting}`]),
  ];
}

/** What to do, each with the checks that it settles. */
function remedyLines(faults: readonly Fault[]): readonly string[] {
  const checks = new Map<string, Set<string>>();
  for (const { check, findings } of faults) {
    for (const { remedy } of findings) checks.set(remedy, (checks.get(remedy) ?? new Set()).add(check));
  }
  const isOnly = checks.size === 1;
  return [...checks].map(([remedy, names]) => (isOnly ? remedy : `${[...names].join(", ")}: ${remedy}`));
}

function unreadText(unread: readonly string[]): string {
  const shown = unread.slice(0, MAX_UNREAD).join(", ");
  return `not compared, because it was cut off: ${shown}${unread.length > MAX_UNREAD ? ` and ${unread.length - MAX_UNREAD} more checks` : ""}`;
}

function nothingFound({ isReason, cut, nearest, containers }: RequestExplanation): string {
  if (cut !== undefined && nearest === undefined && containers.length > 0) {
    return "the request does not show which container it is for: name it with --container";
  }
  if (cut !== undefined && cut.length > 0) return "nothing in the part that is known is against the policy";
  if (nearest === undefined) {
    return isReason
      ? "the text does not show why; paste the request from the agent's log to see it"
      : "neither the text nor the policy's data show why; paste the request from the agent's log, or try it with contrast policy eval";
  }
  return "the rules of this program would allow this request under the same data";
}

function otherContainers({ containers, nearest, cut }: RequestExplanation): readonly string[] {
  const isTold = ({ failed }: ComparedContainer): boolean => cut === undefined || failed.length > 0;
  const others = containers.filter((container) => container.index !== nearest?.index && isTold(container));
  if (others.length === 0) return [];
  const shown = others.slice(0, MAX_CONTAINERS).map(otherText);
  const more = others.length - shown.length;
  return [`other containers: ${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}`];
}

function otherText({ name: text, failed }: ComparedContainer): string {
  const name = visibleLine(text);
  if (failed.length === 0) return `${name} fails no check`;
  const [first = ""] = failed;
  return `${name} fails ${failed.length === 1 ? first : `${failed.length} checks, first ${first}`}`;
}
