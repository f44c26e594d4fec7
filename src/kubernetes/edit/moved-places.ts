import type { Position } from "../line-positions.ts";
import type { YamlStream } from "../yaml-stream.ts";
import type { TextPatch } from "./text-patch.ts";

/** A place of a text after it was patched. */
export interface MovedPosition extends Position {
  /** Whether what stood there was replaced; the position is then where the new text begins. */
  readonly isReplaced: boolean;
}

interface Move {
  /** The range that is gone; empty for an insertion. */
  readonly start: Position;
  readonly end: Position;
  /** Where what took its place begins and ends. */
  readonly newStart: Position;
  readonly newEnd: Position;
}

/** Tells where the places of a text are in the patched text, without keeping either of them. */
export class MovedPlaces {
  readonly #stream: YamlStream;
  readonly #moves: Move[] = [];

  constructor(stream: YamlStream) {
    this.#stream = stream;
  }

  /** Notes the next patch; all patches of a text in the order in which they are applied. */
  add({ start, end, pieces }: TextPatch): void {
    const from = this.#stream.position(start);
    const newStart = shifted(from, this.#moves.at(-1));
    const newEnd = pieces.reduce(behind, newStart);
    this.#moves.push({ start: from, end: this.#stream.position(end), newStart, newEnd });
  }

  /** @param position in the text before, from 1 */
  moved(position: Position): MovedPosition {
    const move = this.#lastMoveAt(position);
    if (move !== undefined && isBefore(position, move.end)) return { ...move.newStart, isReplaced: true };
    return { ...shifted(position, move), isReplaced: false };
  }

  /** The last move that begins at a position or before it. */
  #lastMoveAt(position: Position): Move | undefined {
    let low = 0;
    let high = this.#moves.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const move = this.#moves[middle];
      if (move === undefined || isBefore(position, move.start)) high = middle;
      else low = middle + 1;
    }
    return this.#moves[low - 1];
  }
}

function isBefore(left: Position, right: Position): boolean {
  return left.line < right.line || (left.line === right.line && left.column < right.column);
}

/** A position behind a move, which shifts columns in the line of its end only. */
function shifted({ line, column }: Position, move: Move | undefined): Position {
  if (move === undefined) return { line, column };
  const { end, newEnd } = move;
  const newColumn = line === end.line ? column - end.column + newEnd.column : column;
  return { line: line - end.line + newEnd.line, column: newColumn };
}

/** Where a text ends that begins at a position. */
function behind({ line, column }: Position, text: string): Position {
  let lines = 0;
  let start = 0;
  for (let next = text.indexOf("\n"); next !== -1; next = text.indexOf("\n", start)) {
    lines++;
    start = next + 1;
  }
  const characters = charactersIn(text.slice(start));
  return { line: line + lines, column: lines === 0 ? column + characters : characters + 1 };
}

function charactersIn(text: string): number {
  return text.length - (text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)?.length ?? 0);
}
