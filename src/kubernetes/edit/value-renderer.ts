import { quoteYaml, renderInline, renderScalar } from "./scalar-text.ts";
import { isValueList, isValueMap, type Value, type ValueMap } from "../value.ts";

/** How the document around new text is written. */
export interface BlockStyle {
  readonly newline: string;
  /** Columns that a map is indented under its key. */
  readonly step: number;
  /** Columns that a list is indented under its key. */
  readonly listStep: number;
}

/**
 * Renders values as YAML text in pieces; long strings are pieces of their own and not copied.
 * Every function appends to `out` and ends without a line break.
 */
export class ValueRenderer {
  readonly style: BlockStyle;

  constructor(style: BlockStyle) {
    this.style = style;
  }

  /** Starts a line with an indentation. */
  #line(out: string[], column: number): void {
    out.push(this.style.newline, " ".repeat(column));
  }

  /** The entries of a map that is not empty, the first where `out` ends, the others on lines with `column` spaces. */
  map(map: ValueMap, column: number, out: string[]): void {
    let first = true;
    for (const [key, value] of Object.entries(map)) {
      if (!first) this.#line(out, column);
      first = false;
      this.entry(key, value, column, out);
    }
  }

  /** One entry of a block map whose keys stand at `column`. */
  entry(key: string, value: Value, column: number, out: string[]): void {
    out.push(renderScalar(key, false), ":");
    this.afterColon(value, column, out);
  }

  /** What follows a colon: a scalar on the line, or a map or list on the next ones. */
  afterColon(value: Value, column: number, out: string[]): void {
    const inline = renderInline(value, false);
    if (inline !== undefined) {
      out.push(" ", inline);
      return;
    }
    const inner = column + (isValueList(value) ? this.style.listStep : this.style.step);
    this.#line(out, inner);
    this.block(value, inner, out);
  }

  /** The items of a list that is not empty, dashes at `column`. */
  list(list: readonly Value[], column: number, out: string[]): void {
    let first = true;
    for (const item of list) {
      if (!first) this.#line(out, column);
      first = false;
      this.item(item, column, out);
    }
  }

  /** One item with its dash at `column`. */
  item(value: Value, column: number, out: string[]): void {
    out.push("- ");
    this.block(value, column + 2, out);
  }

  /** Any value in block style, its first line where `out` ends. */
  block(value: Value, column: number, out: string[]): void {
    const inline = renderInline(value, false);
    if (inline !== undefined) out.push(inline);
    else if (isValueList(value)) this.list(value, column, out);
    else if (isValueMap(value)) this.map(value, column, out);
  }

  /**
   * Any value on one line with brackets and braces.
   *
   * @param json quote every string, as in documents that are JSON
   */
  flow(value: Value, json: boolean, out: string[]): void {
    const inline = renderInline(value, true, json ? "double" : "plain");
    if (inline !== undefined) {
      out.push(inline);
    } else if (isValueList(value)) {
      out.push("[");
      for (const [index, item] of value.entries()) {
        if (index > 0) out.push(", ");
        this.flow(item, json, out);
      }
      out.push("]");
    } else if (isValueMap(value)) {
      out.push("{");
      for (const [index, key] of Object.keys(value).entries()) {
        if (index > 0) out.push(", ");
        this.flowEntry(key, value[key] ?? null, json, out);
      }
      out.push("}");
    }
  }

  /** One entry of a flow map. */
  flowEntry(key: string, value: Value, json: boolean, out: string[]): void {
    out.push(json ? quoteYaml(key) : renderScalar(key, true), ": ");
    this.flow(value, json, out);
  }
}
