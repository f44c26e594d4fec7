import { visibleLine } from "../../lib/visible-text.ts";
import type { Paint, Tone } from "../../terminal/colour.ts";
import { wrapText } from "../../terminal/wrap-text.ts";
import type { ContainerDescription, Gap, PolicyDescription, Room, Row, Section, Weight } from "./description.ts";
import { inReadingOrder } from "./reading-order.ts";
import { originText, placeText, roleText, rulesText, trustText } from "./description-words.ts";

/** How text is laid out. */
export interface TextLayout {
  /** Characters on a line; at least 60 are used. */
  readonly width: number;
  readonly paint: Paint;
  /** Show also what every container has. */
  readonly all: boolean;
}

const MIN_WIDTH = 60;
const MAX_SUBJECT = 30;
/** The indentation and the word about the room in front of a row. */
const ROOM_WIDTH = 8;
const INDENT = 4;
const MIN_VALUE = 24;
/** Where the origin of a short value begins, so that origins stand below each other. */
const ABOUT_COLUMN = 32;

const ROOM_TONES: Readonly<Record<Room, Tone>> = { fixed: "quiet", pattern: "doubtful", any: "bad" };
const WEIGHT_TONES: Readonly<Record<Weight, Tone>> = { high: "bad", medium: "doubtful", note: "quiet" };

/** A policy as lines for a terminal; nothing in it that a terminal would obey comes from the policy. */
export function renderPolicyText(policy: PolicyDescription, layout: TextLayout): readonly string[] {
  const width = Math.max(MIN_WIDTH, layout.width);
  const { paint } = layout;
  const namespace = policy.namespace === "" ? "" : ` in namespace ${visibleLine(policy.namespace)}`;
  const fact = (name: string, value: string, tone?: Tone): readonly string[] =>
    wrapText(visibleLine(value), width - 12).map((line, index) => {
      const text = tone === undefined ? line : paint(tone, line);
      return `  ${(index === 0 ? name : "").padEnd(10)}${text}`;
    });
  return [
    paint("heading", `${visibleLine(policy.label)}${namespace}`),
    ...fact("Policy", policy.hashHex),
    ...fact(
      "From",
      `${placeText(policy.place)}, ${policy.sizeBytes} bytes${policy.carrier === "initdata" ? ", in initdata" : ""}`,
    ),
    ...fact("Manifest", trustText(policy), policy.trust === "missing" ? "bad" : undefined),
    ...fact("Rules", rulesText(policy), policy.rules.embedded ? undefined : "bad"),
    "",
    paint("heading", "Not protected"),
    ...(policy.gaps.length === 0
      ? ["  Nothing that this program knows of."]
      : policy.gaps.flatMap((gap) => gapLines(gap, width, paint))),
    ...inReadingOrder(policy.containers).flatMap((container, index, [first]) =>
      containerLines(container, index === 0 ? undefined : first, { ...layout, width }),
    ),
    "",
    paint("heading", "Pod"),
    ...policy.pod.flatMap((section) => sectionLines(section, { ...layout, width })),
  ];
}

function gapLines({ id, weight, title, why, action, concerns }: Gap, width: number, paint: Paint): readonly string[] {
  const block = (text: string): readonly string[] =>
    wrapText(visibleLine(text), width - 11).map((line) => `${" ".repeat(11)}${line}`);
  const concerned = concerns.length > 12 ? [...concerns.slice(0, 12), `and ${concerns.length - 12} more`] : concerns;
  return [
    ...wrapText(`${visibleLine(title)} [${id}]`, width - 11).map((line, index) => {
      const word = index === 0 ? weight : "";
      return `  ${paint(WEIGHT_TONES[weight], word.padEnd(9))}${line}`;
    }),
    ...concerned.flatMap((concern) =>
      wrapText(visibleLine(concern), width - 13).map(
        (line, index) => `${" ".repeat(11)}${index === 0 ? "- " : "  "}${line}`,
      ),
    ),
    ...block(why).map((line) => paint("quiet", line)),
    ...block(`To do: ${action}`),
  ];
}

/** @param first the container that was shown first; undefined for itself */
function containerLines(
  container: ContainerDescription,
  first: ContainerDescription | undefined,
  layout: TextLayout,
): readonly string[] {
  const { paint } = layout;
  const place = container.place === undefined ? "" : `, ${placeText(container.place)}`;
  return [
    "",
    paint("heading", `Container ${visibleLine(container.name)}`),
    ...wrapText(visibleLine(`${roleText(container)}${place}`), layout.width - 2).map(
      (line) => `  ${paint("quiet", line)}`,
    ),
    ...container.sections.flatMap((section) =>
      section.id === "annotations" ? sectionLines(section, layout, first) : sectionLines(section, layout),
    ),
  ];
}

/** @param like a container whose rows in the same section are not shown again: annotations are those of the pod */
function sectionLines(
  { id, title, note, rows: allRows }: Section,
  { width, paint, all }: TextLayout,
  like?: ContainerDescription,
): readonly string[] {
  const textOf = ({ subject, value, room }: Row): string => JSON.stringify([subject, value, room]);
  const told = new Set(like?.sections.find((section) => section.id === id)?.rows.map(textOf));
  const special = all ? allRows : allRows.filter(({ routine }) => routine === undefined);
  const rows = all ? special : special.filter((row) => !told.has(textOf(row)));
  const hidden = [
    ...(special.length === rows.length
      ? []
      : [`${special.length - rows.length} as in container ${visibleLine(like?.name ?? "")}`]),
    ...(allRows.length === special.length ? [] : [`${allRows.length - special.length} that every pod has`]),
  ];
  if (special.length === 0 && note === undefined) return [];
  const longest = rows.reduce((length, { subject }) => Math.max(length, visibleLine(subject).length), 0);
  const subjectWidth = Math.min(MAX_SUBJECT, longest, Math.floor((width - INDENT - ROOM_WIDTH) * 0.35));
  const valueWidth = Math.max(MIN_VALUE, width - INDENT - ROOM_WIDTH - subjectWidth - 2);
  return [
    `  ${paint("heading", title)}`,
    ...(note === undefined ? [] : wrapText(note, width - INDENT).map((line) => `    ${paint("quiet", line)}`)),
    ...rows.flatMap((row) => rowLines(row, { subjectWidth, valueWidth, paint })),
    ...(hidden.length === 0
      ? []
      : wrapText(`${rows.length === 0 ? "" : "and "}${hidden.join(", and ")}`, width - INDENT).map(
          (line) => `    ${paint("quiet", line)}`,
        )),
  ];
}

interface RowLayout {
  readonly subjectWidth: number;
  readonly valueWidth: number;
  readonly paint: Paint;
}

function rowLines(row: Row, { subjectWidth, valueWidth, paint }: RowLayout): readonly string[] {
  const room = paint(ROOM_TONES[row.room], row.room.padEnd(ROOM_WIDTH));
  const subject = visibleLine(row.subject);
  const margin = " ".repeat(INDENT + ROOM_WIDTH + subjectWidth + 2);
  const [first = "", ...rest] = pieces(row.value === "" ? '""' : visibleLine(row.value), valueWidth);
  const about = [row.note, originText(row.origin)].filter((part) => part !== undefined).join("; ");
  const head = `${" ".repeat(INDENT)}${room}`;
  const lines =
    subject.length > subjectWidth
      ? [`${head}${subject}`, `${margin}${first}`]
      : [`${head}${subject.padEnd(subjectWidth)}  ${first}`];
  if (rest.length === 0 && first.length + about.length + 4 <= valueWidth && lines.length === 1) {
    const gap = " ".repeat(Math.max(2, ABOUT_COLUMN - first.length));
    const fits = first.length + gap.length + about.length <= valueWidth;
    return [`${lines[0] ?? ""}${fits ? gap : "  "}${paint("quiet", visibleLine(about))}`];
  }
  return [
    ...lines,
    ...rest.map((piece) => `${margin}${piece}`),
    ...wrapText(visibleLine(about), valueWidth - 2).map((line) => `${margin}${paint("quiet", `  ${line}`)}`),
  ];
}

/** Text in pieces of at most a width, broken at spaces where that wastes little. */
function pieces(text: string, width: number): readonly string[] {
  const found: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(" ", width);
    const at = space > width * 0.6 ? space : width;
    found.push(rest.slice(0, at));
    rest = rest.slice(at).trimStart();
  }
  found.push(rest);
  return found;
}
