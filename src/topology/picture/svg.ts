import { escapeXml } from "../../lib/escape-xml.ts";
import { VERDICT_WORDS } from "../mesh-words.ts";
import type { PortMode } from "../port-mode.ts";
import type { Topology } from "../topology.ts";
import { EDGE_VERDICTS, type EdgeVerdict } from "../topology-edge.ts";
import { layOut } from "./layout.ts";
import { BOX, type PlacedBox, type PlacedLine, type Point } from "./placed-parts.ts";
import { sceneOf } from "./scene.ts";
import { LINE_STYLES, SVG_STYLE } from "./svg-style.ts";
import { fitText, textWidth } from "./text-width.ts";

const MARGIN = 24;
const LEGEND_HEIGHT = 34;
const LEGEND_LINE = 36;

const MODE_TONES: Readonly<Record<PortMode, string>> = {
  "mutual-tls": "good",
  tls: "server",
  clear: "doubtful",
  refused: "quiet",
};

/**
 * The graph as a picture that needs nothing else: no script, font, image or link, in the colours of the reader's system.
 * Every text from the YAML is escaped.
 *
 * @throws ContrastError `topology/picture-too-large`
 */
export function renderSvg(topology: Topology): string {
  const { boxes, lines, width, height } = layOut(sceneOf(topology));
  const verdicts = EDGE_VERDICTS.filter((verdict) => lines.some(({ edge }) => edge.verdict === verdict));
  const legend = legendItems(
    verdicts,
    boxes.some(({ node }) => node.kind === "open"),
  );
  const legendWidth = legend.reduce((sum, item) => sum + item.width, 0);
  const [right, bottom] = [Math.max(width, Math.min(legendWidth, 900)) + 2 * MARGIN, height + 2 * MARGIN];
  const rows = legendRows(legend, right - 2 * MARGIN);
  const total = bottom + rows.length * LEGEND_HEIGHT;
  const title = `${boxes.length} boxes, ${lines.length} connections`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${right}" height="${total}" viewBox="0 0 ${right} ${total}" role="img">`,
    `<title>Service mesh: ${title}</title><style>${SVG_STYLE}</style>`,
    `<defs>${verdicts.map((verdict) => marker(verdict)).join("")}</defs>`,
    `<rect class="ground" width="${right}" height="${total}"/>`,
    `<g transform="translate(${MARGIN} ${MARGIN})">`,
    ...boxes.map((box) => boxMarkup(box)),
    ...lines.map((line) => lineMarkup(line)),
    "</g>",
    ...rows.map((row, index) => {
      const y = bottom + index * LEGEND_HEIGHT + LEGEND_HEIGHT / 2 - 8;
      return `<g transform="translate(${MARGIN} ${y})">${row}</g>`;
    }),
    "</svg>",
    "",
  ].join("\n");
}

function marker(verdict: EdgeVerdict): string {
  const { tone } = LINE_STYLES[verdict];
  const shape = `<path class="${tone}" d="M0 0L9 4.5L0 9z"/>`;
  return `<marker id="end-${verdict}" markerUnits="userSpaceOnUse" markerWidth="10" markerHeight="10" refX="8.5" refY="4.5" orient="auto">${shape}</marker>`;
}

function boxMarkup({ node, x, y, width, height }: PlacedBox): string {
  const { kind, caption, title, rows, about } = node;
  const room = width - 2 * BOX.padding;
  const radius = kind === "end" ? 20 : 6;
  const classes = kind === "open" ? "box open" : "box";
  const titleY = caption === "" ? 31 : 36;
  return [
    `<g transform="translate(${x} ${y})"><title>${escapeXml(about)}</title>`,
    `<rect class="${classes}" width="${width}" height="${height}" rx="${radius}"/>`,
    caption === "" ? "" : textMarkup("caption quiet", BOX.padding, 18, fitText(caption, room, 11)),
    textMarkup("title text", BOX.padding, titleY, fitText(title, room, 14, true)),
    ...rows.map(({ text, word, mode }, index) => {
      const baseline = BOX.head + index * BOX.row + 14;
      const tone = MODE_TONES[mode];
      const left = fitText(text, room - textWidth(word, 12) - 24, 12);
      return [
        `<circle class="${tone}" cx="${BOX.padding + 4}" cy="${baseline - 4}" r="4"/>`,
        textMarkup("row text", BOX.padding + 14, baseline, left),
        textMarkup(`row end ${tone}`, width - BOX.padding, baseline, word),
      ].join("");
    }),
    "</g>",
  ].join("");
}

function lineMarkup({ edge, points }: PlacedLine): string {
  const stroke = lineAttributes(edge.verdict);
  const end = `marker-end="url(#end-${edge.verdict})"`;
  return `<g><title>${escapeXml(edge.about)}</title><path ${stroke} ${end} d="${pathData(points, edge.from === edge.to)}"/></g>`;
}

function lineAttributes(verdict: EdgeVerdict): string {
  const { tone, dashes } = LINE_STYLES[verdict];
  return `class="link line-${tone}"${dashes === undefined ? "" : ` stroke-dasharray="${dashes}"`}`;
}

/** Curves that begin and end level; a box passes straight. */
function pathData(points: readonly Point[], isLoop: boolean): string {
  const [start = { x: 0, y: 0 }] = points;
  let data = `M${start.x} ${start.y}`;
  for (let index = 0; index + 1 < points.length; index += 2) {
    const [from, to] = [points[index] ?? start, points[index + 1] ?? start];
    const middle = Math.round((from.x + to.x) / 2);
    const [before, after] = isLoop ? [from.x + 50, to.x + 50] : [middle, middle];
    const entered = index === 0 ? "" : `L${from.x} ${from.y}`;
    data += `${entered}C${before} ${from.y} ${after} ${to.y} ${to.x} ${to.y}`;
  }
  return data;
}

function textMarkup(classes: string, x: number, y: number, text: string): string {
  return `<text class="${classes}" x="${x}" y="${y}">${escapeXml(text)}</text>`;
}

interface LegendItem {
  readonly width: number;
  readonly markup: string;
}

function legendItems(verdicts: readonly EdgeVerdict[], hasOpen: boolean): readonly LegendItem[] {
  const item = (sample: string, word: string): LegendItem => ({
    width: LEGEND_LINE + 8 + Math.ceil(textWidth(word, 12)) + 20,
    markup: `${sample}${textMarkup("legend text", LEGEND_LINE + 8, 12, word)}`,
  });
  const items = verdicts.map((verdict) => {
    const sample = `<path ${lineAttributes(verdict)} marker-end="url(#end-${verdict})" d="M0 8H${LEGEND_LINE}"/>`;
    return item(sample, VERDICT_WORDS[verdict]);
  });
  const box = `<rect class="box open" x="4" width="${LEGEND_LINE - 8}" height="16" rx="3"/>`;
  return hasOpen ? [...items, item(box, "pods without sidecar")] : items;
}

function legendRows(items: readonly LegendItem[], width: number): readonly string[] {
  const rows: string[] = [];
  let [x, row] = [0, ""];
  for (const item of items) {
    if (x > 0 && x + item.width > width) {
      rows.push(row);
      [x, row] = [0, ""];
    }
    row += `<g transform="translate(${x} 0)">${item.markup}</g>`;
    x += item.width;
  }
  return row === "" ? rows : [...rows, row];
}
