import type { BlockStyle } from "./value-renderer.ts";
import type { YamlNode } from "../yaml-node.ts";

/** Lines and columns of a document's text, and the style in which it is written. */
export class TextLayout {
  readonly text: string;
  readonly #start: number;
  readonly #end: number;

  /**
   * @param start offset of the document in the text
   * @param end offset where it ends
   */
  constructor(text: string, start: number, end: number) {
    this.text = text;
    this.#start = start;
    this.#end = end;
  }

  /** Offset where the line of an offset begins. */
  lineStart(offset: number): number {
    return Math.max(this.text.lastIndexOf("\n", offset - 1) + 1, this.#start);
  }

  /** Column of an offset, from 0. */
  column(offset: number): number {
    return offset - this.lineStart(offset);
  }

  /** Whether only spaces stand before the offset on its line. */
  isFirstOnLine(offset: number): boolean {
    return this.text.slice(this.lineStart(offset), offset).trim() === "";
  }

  /** Offset of the line break (of `\r` in `\r\n`) that ends the line of an offset, or the end of the document. */
  lineEnd(offset: number): number {
    const newline = this.text.indexOf("\n", offset);
    return newline === -1 || newline >= this.#end ? this.#end : this.#beforeBreak(newline);
  }

  /** Offset where the last line of a node ends, before its line break; block scalars include their line break. */
  lastLineEnd(node: YamlNode): number {
    const { end } = node;
    if (end > node.start && this.text[end - 1] === "\n") return this.#beforeBreak(end - 1);
    return this.lineEnd(end);
  }

  /** Whether a line end is the end of the document because no line break follows. */
  isUnfinished(lineEnd: number): boolean {
    return lineEnd === this.#end && this.text[lineEnd - 1] !== "\n";
  }

  /** Offset where the line after a line end begins. */
  nextLine(lineEnd: number): number {
    if (this.text[lineEnd] === "\r") return Math.min(lineEnd + 2, this.#end);
    return Math.min(lineEnd + 1, this.#end);
  }

  /** Offset where the line above the one that begins at an offset ends; undefined for the first line. */
  lineEndAbove(lineStart: number): number | undefined {
    return lineStart > this.#start ? this.#beforeBreak(lineStart - 1) : undefined;
  }

  /** Offset of the first line among the comment lines directly above the line of an offset. */
  aboveComments(offset: number): number {
    let start = this.lineStart(offset);
    while (start > this.#start) {
      const above = this.lineStart(start - 1);
      if (!/^ *#/.test(this.text.slice(above, start))) break;
      start = above;
    }
    return start;
  }

  /** Whether a comment follows on the line of an offset. */
  hasCommentAfter(offset: number): boolean {
    return this.text.slice(offset, this.lineEnd(offset)).includes("#");
  }

  /** The style of the document, from its first nested map and list. */
  style(root: YamlNode): BlockStyle {
    const firstBreak = this.text.indexOf("\n", this.#start);
    const newline = firstBreak > 0 && this.text[firstBreak - 1] === "\r" ? "\r\n" : "\n";
    let step: number | undefined;
    let listStep: number | undefined;
    const visit = (node: YamlNode): void => {
      if (step !== undefined && listStep !== undefined) return;
      if (node.kind === "sequence") {
        for (const { value } of node.items) visit(value);
        return;
      }
      if (node.kind !== "map" || node.flow) return;
      const column = this.column(node.start);
      for (const { value } of node.entries) {
        if ((value.kind === "map" || value.kind === "sequence") && !value.flow) {
          const inner = this.column(value.start) - column;
          if (value.kind === "map" && inner > 0) step ??= inner;
          if (value.kind === "sequence" && inner >= 0) listStep ??= inner;
        }
        visit(value);
      }
    };
    visit(root);
    return { newline, step: step ?? 2, listStep: listStep ?? 2 };
  }

  #beforeBreak(newline: number): number {
    return newline > this.#start && this.text[newline - 1] === "\r" ? newline - 1 : newline;
  }
}
