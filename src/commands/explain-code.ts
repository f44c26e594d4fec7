import { ERROR_CODES, type ErrorClass, type ErrorCode } from "../lib/error-codes.ts";
import { CLASS_EXPLANATIONS, ERROR_EXPLANATIONS } from "../lib/error-explanations.ts";
import { wrapText } from "../terminal/wrap-text.ts";

/** Everything that is to be said about an error code. */
export interface CodeExplanation {
  readonly code: ErrorCode;
  readonly class: ErrorClass;
  /** One sentence. */
  readonly meaning: string;
  /** What the class of the error says to a script. */
  readonly classMeaning: string;
  /** With structured output; undefined where the program names none. */
  readonly exitStatus: number | undefined;
  /** Likely causes, the likeliest first. */
  readonly causes: readonly string[];
  readonly actions: readonly string[];
}

/** Makes the explanation of a code: what is written about it, else what can be said of its class. */
export function explainCode(
  code: ErrorCode,
  exitStatuses: Readonly<Record<ErrorClass, number>> | undefined,
): CodeExplanation {
  const entry = ERROR_CODES[code];
  const ofClass = CLASS_EXPLANATIONS[entry.class];
  const own = ERROR_EXPLANATIONS[code];
  return {
    code,
    class: entry.class,
    meaning: entry.meaning,
    classMeaning: ofClass.meaning,
    exitStatus: exitStatuses?.[entry.class],
    causes: own?.causes ?? [],
    actions: own?.actions ?? ofClass.actions,
  };
}

const MAX_WIDTH = 100;

/** The explanation for people. */
export function renderExplanation(explanation: CodeExplanation, columns: number | undefined): string {
  const { code, meaning, classMeaning, exitStatus, causes, actions } = explanation;
  const width = Math.min(columns ?? MAX_WIDTH, MAX_WIDTH);
  const list = (items: readonly string[]): readonly string[] =>
    items.flatMap((item) => wrapText(item, width - 4).map((line, index) => `${index === 0 ? "  - " : "    "}${line}`));
  const status = exitStatus === undefined ? "" : ` With --format json the exit status is ${exitStatus}.`;
  const sections = [
    [code, ...wrapText(meaning, width - 2).map((line) => `  ${line}`)],
    wrapText(`Class ${explanation.class}: ${classMeaning}.${status}`, width),
    ...(causes.length === 0 ? [] : [["Likely causes:", ...list(causes)]]),
    ["What to do:", ...list(actions)],
  ];
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}
