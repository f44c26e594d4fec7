import { type CST, isAlias, isMap, isScalar, isSeq, type Pair } from "yaml";
import {
  absentNode,
  isAbsent,
  type MapEntry,
  type NodePosition,
  type ScalarStyle,
  type SequenceItem,
  type YamlNode,
} from "../yaml-node.ts";

const STYLES: Readonly<Record<string, ScalarStyle>> = {
  QUOTE_DOUBLE: "double",
  QUOTE_SINGLE: "single",
  BLOCK_LITERAL: "literal",
  BLOCK_FOLDED: "folded",
};

const ESCAPED_BREAK_AND_BLANK_LINE = /\\\r?\n[ \t]*\r?\n/;
/** What YAML 1.1 allows in the names of anchors; its readers end the name at anything else. */
const ANCHOR_NAME = /^[A-Za-z0-9_-]+$/;

type SourceTokens = readonly CST.SourceToken[];

/** Turns the nodes of the `yaml` library into ours, which are the same for both readers. */
export class StrictNodeReader {
  /** What the library accepts and we do not, because the Kubernetes reader understands it differently. */
  readonly faults: { readonly message: string; readonly offset: number }[] = [];
  #flowDepth = 0;
  readonly #source: string;
  readonly #base: number;

  /**
   * @param source the text that the library has read
   * @param base its offset in the stream's text
   */
  constructor(source: string, base: number) {
    this.#source = source;
    this.#base = base;
  }

  /**
   * @param before tokens between the indicator in front of the value and the value; its anchor and tag are among them
   * @param absentAt offset in the source for a value that is not written
   */
  read(node: unknown, before: SourceTokens, absentAt: number): YamlNode {
    const props = before.filter(({ type }) => type === "anchor" || type === "tag");
    for (const { type, source, offset } of props) this.#checkProperty(type, source, offset);
    if (isAlias(node)) {
      const [start, end] = this.#range(node.range);
      if (!ANCHOR_NAME.test(node.source)) this.#refuse("an alias needs a name of letters, digits, - and _", start);
      return { kind: "alias", name: node.source, outer: start, start, end };
    }
    if (isMap(node)) return this.#map(node.items, node.flow === true, node, props);
    if (isSeq(node)) return this.#sequence(node.items, node.flow === true, node, props);
    if (!isScalar(node)) return absentNode(this.#base + absentAt);
    return this.#scalar(node, props, absentAt);
  }

  #refuse(message: string, offset: number): void {
    this.faults.push({ message, offset });
  }

  #checkProperty(type: string, source: string, offset: number): void {
    const start = this.#base + offset;
    if (type === "tag") {
      if (/['"]/.test(source)) this.#refuse("a tag needs a space before quotes", start);
    } else if (!ANCHOR_NAME.test(source.slice(1))) {
      this.#refuse("an anchor needs a name of letters, digits, - and _", start);
    }
  }

  #range(range: readonly [number, number, number] | null | undefined): readonly [number, number] {
    return range ? [this.#base + range[0], this.#base + range[1]] : [this.#base, this.#base];
  }

  #scalar(node: Properties & { type?: string; source?: string }, props: SourceTokens, absentAt: number): YamlNode {
    const style = STYLES[node.type ?? ""] ?? "plain";
    let [start, end] = this.#range(node.range);
    let text = node.source ?? "";
    if (style === "plain" && text === "") {
      const last = props.at(-1);
      if (last === undefined || (node.anchor === undefined && node.tag === undefined))
        return absentNode(this.#base + absentAt);
      start = end = this.#base + last.offset + last.source.length;
    }
    if (style === "literal" || style === "folded") {
      // Without a line break at the end of the file the Kubernetes reader adds none.
      if (!this.#source.slice(0, end - this.#base).endsWith("\n") && text.endsWith("\n")) text = text.slice(0, -1);
      end = this.#blockScalarEnd(start, end);
    }
    if (
      style === "double" &&
      ESCAPED_BREAK_AND_BLANK_LINE.test(this.#source.slice(start - this.#base, end - this.#base))
    ) {
      this.#refuse("an escaped line break before an empty line is read differently by different readers", start);
    }
    if (this.#flowDepth > 0 && style === "plain" && text.startsWith("?")) {
      this.#refuse("a ? at the start of a plain scalar in brackets or braces needs quotes", start);
    }
    return { kind: "scalar", style, text, ...this.#position(node, props, start, end) };
  }

  /** Blank lines after the text do not belong to a block scalar unless it keeps them with `+`. */
  #blockScalarEnd(start: number, end: number): number {
    const source = this.#source.slice(start - this.#base, end - this.#base);
    const header = /^[^\r\n]*/.exec(source)?.[0] ?? "";
    if (/^[|>][0-9]?\+/.test(header)) return end;
    let trimmed = source.length;
    while (trimmed > 0 && " \t\r\n".includes(source[trimmed - 1] ?? "x")) trimmed--;
    const newline = source.indexOf("\n", Math.max(trimmed, header.length));
    return newline === -1 ? end : start + newline + 1;
  }

  #position(node: Properties, props: SourceTokens, start: number, end: number): NodePosition {
    const hasProps = node.anchor !== undefined || node.tag !== undefined;
    const first = hasProps ? props[0] : undefined;
    const outer = first === undefined ? start : Math.min(start, this.#base + first.offset);
    return {
      outer,
      start,
      end,
      ...(node.tag === undefined ? {} : { tag: node.tag }),
      ...(node.anchor === undefined ? {} : { anchor: node.anchor }),
    };
  }

  #map(pairs: readonly Pair[], flow: boolean, node: Properties, props: SourceTokens): YamlNode {
    if (flow) this.#flowDepth++;
    const entries = pairs.map((pair) => this.#entry(pair));
    if (flow) this.#flowDepth--;
    const [start, end] = flow
      ? this.#range(node.range)
      : this.#blockRange(node, entries.at(-1)?.value, entries[0]?.key);
    return { kind: "map", flow, entries, ...this.#position(node, props, start, end) };
  }

  #entry(pair: Pair): MapEntry {
    const token = pair.srcToken;
    const separator = token?.sep ?? [];
    const colonToken = separator.find(({ type }) => type === "map-value-ind");
    const explicit = token?.start.find(({ type }) => type === "explicit-key-ind");
    const key = this.read(
      pair.key,
      token?.start ?? [],
      explicit === undefined ? this.#firstOffset(token) : explicit.offset + 1,
    );
    const keyEnd = key.end - this.#base;
    const value = this.read(pair.value, separator, colonToken === undefined ? keyEnd : colonToken.offset + 1);
    const colon = colonToken === undefined ? -1 : this.#base + colonToken.offset;
    const isPlainKey = this.#flowDepth > 0 && key.kind === "scalar" && key.style === "plain";
    if (isPlainKey && colonToken !== undefined && /[,[\]{}]/.test(this.#source[colonToken.offset + 1] ?? "")) {
      this.#refuse("a colon after a plain key in braces needs a space behind it", colon);
    }
    return { key, value, colon, unusual: token === undefined || explicit !== undefined || isAbsent(key) };
  }

  #firstOffset(token: CST.CollectionItem | undefined): number {
    const anchor = token?.sep?.[0] ?? token?.start.at(-1);
    return anchor?.offset ?? 0;
  }

  #sequence(values: readonly unknown[], flow: boolean, node: Properties, props: SourceTokens): YamlNode {
    const token = node.srcToken;
    const tokens = token?.type === "block-seq" || token?.type === "flow-collection" ? token.items : [];
    if (flow) this.#flowDepth++;
    const items = values.map((value, index): SequenceItem => {
      const before = tokens[index]?.start ?? [];
      const dash = before.find(({ type }) => type === "seq-item-ind");
      const absentAt = dash === undefined ? (before.at(-1)?.offset ?? 0) : dash.offset + 1;
      return {
        dash: dash === undefined ? -1 : this.#base + dash.offset,
        value: this.#flowPair(value, before, absentAt),
      };
    });
    if (flow) this.#flowDepth--;
    const firstDash = items[0]?.dash ?? 0;
    const [start, end] = flow ? this.#range(node.range) : [firstDash, items.at(-1)?.value.end ?? firstDash];
    return { kind: "sequence", flow, items, ...this.#position(node, props, start, end) };
  }

  /** `[a: b]` holds a map without braces; its entry has no token of its own and cannot be edited in place. */
  #flowPair(value: unknown, before: SourceTokens, absentAt: number): YamlNode {
    const node = this.read(value, before, absentAt);
    if (node.kind !== "map" || !node.flow || this.#source[node.start - this.#base] === "{") return node;
    return { ...node, entries: node.entries.map((entry) => ({ ...entry, unusual: true })) };
  }

  #blockRange(node: Properties, last: YamlNode | undefined, first: YamlNode | undefined): readonly [number, number] {
    const [start, end] = this.#range(node.range);
    return [first === undefined ? start : Math.min(start, first.outer), last?.end ?? end];
  }
}

interface Properties {
  readonly range?: readonly [number, number, number] | null | undefined;
  readonly tag?: string | undefined;
  readonly anchor?: string | undefined;
  readonly srcToken?: CST.Token | undefined;
}
