import { renderPath } from "../../kubernetes/path.ts";
import { quoteText } from "../../lib/quote-text.ts";
import { visibleText } from "../../lib/visible-text.ts";
import type { Paint } from "../../terminal/colour.ts";
import { renderFinding } from "./render-finding.ts";
import type { ComparedContainer, Fault, RequestExplanation } from "./request-explanation.ts";

/** Elements of a check, containers and printed lines beyond these are only counted. */
const MAX_FINDINGS = 6;
const MAX_CONTAINERS = 8;
const MAX_PRINTS = 5;
const MAX_UNREAD = 8;

const FOREIGN =
  "The rules of this policy are not those of this program: what follows compares its data with the request.";

/** Renders an explanation for people: the verdict, each failing check with both sides, and the other containers. */
export function renderExplanation(explanation: RequestExplanation, paint: Paint): readonly string[] {
  const { verdict, error, prints, isReason, faults, unread } = explanation;
  const lines = [headline(explanation, paint)];
  if (error !== undefined) lines.push(`  no answer: ${visibleText(error)}`);
  if (explanation.cut !== undefined) lines.push(`  ${cutText(explanation)}`);
  if (verdict === "allowed" || verdict === "error") return lines;
  if (!isReason && explanation.nearest !== undefined) lines.push(`  ${paint("doubtful", FOREIGN)}`);
  for (const fault of faults) lines.push(...faultLines(fault, paint).map((line) => `  ${line}`));
  if (faults.length === 0) lines.push(`  ${nothingFound(explanation)}`);
  if (unread.length > 0) lines.push(`  ${unreadText(unread)}`);
  lines.push(...otherContainers(explanation).map((line) => paint("quiet", `  ${line}`)));
  for (const print of prints.slice(-MAX_PRINTS)) lines.push(`  printed: ${visibleText(print)}`);
  return lines;
}

function headline({ kind, verdict, description, nearest, faults }: RequestExplanation, paint: Paint): string {
  const word = paint(
    verdict === "allowed" ? "good" : verdict === "unknown" ? "doubtful" : "bad",
    verdict.toUpperCase(),
  );
  const container = nearest === undefined ? "" : ` for container ${quoteText(nearest.name)}`;
  const checks = faults.map(({ check }) => check);
  const reason = checks.length === 0 ? "" : `: ${checks.join(", ")}`;
  const title = description === undefined ? "" : ` ${visibleText(quoteText(description))}`;
  return `${word} ${kind}${title}${verdict === "allowed" ? "" : `${container}${reason}`}`;
}

function cutText({ cut = [], nearest, faults }: RequestExplanation): string {
  if (nearest !== undefined && faults.some(({ findings }) => findings.some(({ is }) => is === "refused"))) {
    return "the text does not show the whole request; the guest has named the checks";
  }
  return `the request ends ${cut.length === 0 ? "at its beginning" : `in ${renderPath(cut)}`}: what follows is not known`;
}

function faultLines({ check, title, isCertain, findings }: Fault, paint: Paint): readonly string[] {
  const doubt = isCertain ? "" : " (perhaps: it also depends on what was cut off)";
  const more = findings.length - MAX_FINDINGS;
  const shown = findings.slice(0, MAX_FINDINGS);
  const remedies = [...new Set(shown.map(({ remedy }) => remedy))];
  return [
    `${paint("heading", check)}: ${title}${doubt}`,
    ...shown.flatMap((finding) => renderFinding(finding, paint)).map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...remedies.map((remedy) => `  ${remedy}`),
  ];
}

function unreadText(unread: readonly string[]): string {
  const shown = unread.slice(0, MAX_UNREAD).join(", ");
  return `not compared, because it was cut off: ${shown}${unread.length > MAX_UNREAD ? ` and ${unread.length - MAX_UNREAD} more checks` : ""}`;
}

function nothingFound({ isReason, cut, nearest }: RequestExplanation): string {
  if (cut !== undefined && cut.length > 0) return "nothing in the part that is known is against the policy";
  if (nearest === undefined) {
    return isReason
      ? "the text does not show why; paste the request from the agent's log to see it"
      : "neither the text nor the policy's data show why";
  }
  return "the rules of this program would allow this request under the same data";
}

function otherContainers({ containers, nearest }: RequestExplanation): readonly string[] {
  const others = containers.filter(({ index }) => index !== nearest?.index);
  if (others.length === 0) return [];
  const shown = others.slice(0, MAX_CONTAINERS).map(otherText);
  const more = others.length - shown.length;
  return [`other containers: ${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}`];
}

function otherText({ name, failed }: ComparedContainer): string {
  if (failed.length === 0) return `${name} fails no check`;
  const [first = ""] = failed;
  return `${name} fails ${failed.length === 1 ? first : `${failed.length} checks, first ${first}`}`;
}
