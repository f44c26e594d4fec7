import { renderPath } from "../../kubernetes/path.ts";
import { isJsonObject, type Json } from "../../lib/json.ts";
import { visibleLine } from "../../lib/visible-text.ts";
import type { Paint } from "../../terminal/colour.ts";
import type { Finding } from "./request-explanation.ts";
import { differingTexts, isPattern, valueText } from "./value-text.ts";
import type { YamlPlace } from "./yaml-place.ts";

/** Elements of a list beyond these are only counted. */
const MAX_ITEMS = 24;

/** Renders one element that makes a check fail, in a few lines: where, what was received, what is expected, what governs it. */
export function renderFinding(finding: Finding, paint: Paint): readonly string[] {
  const yaml = finding.yaml === undefined ? [] : [`  change    ${placeText(finding.yaml)}`];
  return [...bodyLines(finding, paint), ...yaml];
}

/** `deploy.yaml:21:20 spec.template.spec.containers[0].env[1].value`. */
function placeText({ file, line, column, path }: YamlPlace): string {
  const place = [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(":");
  return visibleLine(place === "" ? path : `${place} ${path}`);
}

function bodyLines({ is, path, received, expected }: Finding, paint: Paint): readonly string[] {
  const where = path.length === 0 ? "request" : visibleLine(renderPath(path));
  const bad = (text: string): string => `  received  ${paint("bad", text)}`;
  const good = (text: string, label = "expected"): string => `  ${label}  ${paint("good", text)}`;
  switch (is) {
    case "differs":
      return [where, ...differenceLines(received, expected, bad, good)];
    case "forbidden":
      return [
        where,
        ...(received === undefined ? [] : [bad(valueText(received))]),
        `  forbidden ${listText(expected ?? "")}`,
      ];
    case "added":
      return Array.isArray(expected) && path.includes("Capabilities")
        ? [where, bad(`added: ${visibleLine(expected.join(", "))}`)]
        : [
            where,
            ...(received === undefined ? [] : [bad(valueText(received))]),
            `  expected  ${nothingLike(expected)}`,
          ];
    case "missing":
      return [where, "  received  nothing like it", ...(expected === undefined ? [] : [good(listText(expected))])];
    case "doubled":
      return [where, ...(received === undefined ? [] : [bad(`${valueText(received)} a second time`)])];
    case "counted":
      return [where, `  counted   ${countText(expected)}`];
    case "depends":
      return [where, "  cannot be right before the path of the root file system is"];
    case "refused":
      return [where, "  received  not in the text", ...expectedLines(expected).map((line) => good(line))];
    default:
      return is satisfies never;
  }
}

function differenceLines(
  received: Json | undefined,
  expected: Json | undefined,
  bad: (text: string) => string,
  good: (text: string, label?: string) => string,
): readonly string[] {
  const one: Json | undefined = Array.isArray(expected) && expected.length === 1 ? expected[0] : expected;
  const wanted = typeof received === "string" ? one : expected;
  if (received === undefined) return wanted === undefined ? [] : ["  received  nothing", good(valueText(wanted))];
  if (wanted === undefined) return [bad(valueText(received))];
  // Only a command has nothing to be compared with: its container was not created.
  if (wanted === null) return [bad(valueText(received)), good("what an allowed request has created")];
  const [left, right] = isPattern(wanted) ? [valueText(received), valueText(wanted)] : differingTexts(received, wanted);
  return [bad(left), good(right, isPattern(wanted) ? "pattern " : undefined)];
}

/** A list with one element on a line. */
function expectedLines(expected: Json | undefined): readonly string[] {
  if (expected === undefined) return [];
  const items: readonly Json[] = Array.isArray(expected) && expected.length > 0 ? expected : [expected];
  const more = items.length - MAX_ITEMS;
  return [...items.slice(0, MAX_ITEMS).map(valueText), ...(more > 0 ? [`and ${more} more`] : [])];
}

function nothingLike(expected: Json | undefined): string {
  const has = Array.isArray(expected)
    ? ` (the policy has ${expected.length === 0 ? "none" : valueText(expected)})`
    : "";
  return `nothing like it${has}`;
}

function listText(value: Json): string {
  return Array.isArray(value) ? visibleLine(value.join(", ")) : valueText(value);
}

function countText(value: Json | undefined): string {
  const counts = isJsonObject(value) ? Object.entries(value) : [];
  return counts.map(([name, count]) => `${visibleLine(name)} ${valueText(count)}`).join(", ");
}
