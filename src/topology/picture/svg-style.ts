import type { EdgeVerdict } from "../topology-edge.ts";

/** Colours of one scheme. Contrast of text is at least 4.5 to 1. */
interface Scheme {
  readonly ground: string;
  readonly panel: string;
  readonly line: string;
  readonly text: string;
  readonly quiet: string;
  readonly good: string;
  readonly server: string;
  readonly doubtful: string;
  readonly bad: string;
}

const LIGHT: Scheme = {
  ground: "#ffffff",
  panel: "#f6f8fa",
  line: "#afb8c1",
  text: "#1c2128",
  quiet: "#57606a",
  good: "#116329",
  server: "#0550ae",
  doubtful: "#8a4600",
  bad: "#b3261e",
};

const DARK: Scheme = {
  ground: "#12171d",
  panel: "#1d252e",
  line: "#4a5663",
  text: "#e6edf3",
  quiet: "#a5b0bb",
  good: "#7ddc96",
  server: "#82b8ff",
  doubtful: "#f2c078",
  bad: "#ffa198",
};

/** Which colour and which dashes lines of a verdict have; dashes tell them apart without colours. */
export const LINE_STYLES: Readonly<Record<EdgeVerdict, { readonly tone: keyof Scheme; readonly dashes?: string }>> = {
  mtls: { tone: "good" },
  tls: { tone: "server" },
  attested: { tone: "good", dashes: "12 3" },
  plain: { tone: "doubtful", dashes: "7 4" },
  refused: { tone: "bad", dashes: "2 4" },
  "no-mesh": { tone: "doubtful", dashes: "10 3 2 3" },
  nowhere: { tone: "bad", dashes: "5 5" },
  outside: { tone: "quiet", dashes: "5 5" },
};

const TONES = ["text", "quiet", "good", "server", "doubtful", "bad"] as const;

function rulesOf(scheme: Scheme): string {
  const tones = TONES.map((tone) => `.${tone}{fill:${scheme[tone]}}.line-${tone}{stroke:${scheme[tone]}}`);
  return `.ground{fill:${scheme.ground}}.box{fill:${scheme.panel};stroke:${scheme.line}}${tones.join("")}`;
}

/** The style of the picture: it names nothing to be fetched, and takes the colours of the reader's system. */
export const SVG_STYLE = [
  'text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","DejaVu Sans",sans-serif}',
  ".title{font-size:14px;font-weight:600}.caption{font-size:11px}.row,.legend{font-size:12px}",
  ".end{text-anchor:end}.link{fill:none;stroke-width:1.6}.open{stroke-dasharray:5 4}",
  rulesOf(LIGHT),
  `@media screen and (prefers-color-scheme:dark){${rulesOf(DARK)}}`,
].join("");
