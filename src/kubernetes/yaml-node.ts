/**
 * A document as it is written: every node knows where its text stands. Offsets count UTF-16 units from the start of the
 * stream's text. `start` is where the value itself begins, `outer` where its anchor or tag begins (else the same).
 */
export type YamlNode = ScalarNode | MapNode | SequenceNode | AliasNode;

/** Where a node stands, and what stands in front of its value. */
export interface NodePosition {
  readonly outer: number;
  readonly start: number;
  /** Just after the last character; for block scalars after their last line break, for block collections after the last child. */
  readonly end: number;
  /** As written, such as `!!str`, `!foo` or `tag:yaml.org,2002:str`. */
  readonly tag?: string | undefined;
  readonly anchor?: string | undefined;
}

/** How a scalar is written: without quotes, in quotes, or as a block. */
export type ScalarStyle = "plain" | "single" | "double" | "literal" | "folded";

/** A scalar with its text after unescaping and folding; an absent value is a plain scalar with empty text and range. */
export interface ScalarNode extends NodePosition {
  readonly kind: "scalar";
  readonly style: ScalarStyle;
  readonly text: string;
}

/** A map with its entries as they are written, duplicates and merge keys included. */
export interface MapNode extends NodePosition {
  readonly kind: "map";
  readonly flow: boolean;
  readonly entries: readonly MapEntry[];
}

/** One key of a map with its value. */
export interface MapEntry {
  readonly key: YamlNode;
  readonly value: YamlNode;
  /** Offset of the colon; -1 where there is none. */
  readonly colon: number;
  /** Written with `?`, or in a flow list without braces: such an entry is never edited in place. */
  readonly unusual: boolean;
}

/** A list with its items as they are written. */
export interface SequenceNode extends NodePosition {
  readonly kind: "sequence";
  readonly flow: boolean;
  readonly items: readonly SequenceItem[];
}

/** One item of a list. */
export interface SequenceItem {
  /** Offset of the dash; -1 in flow lists. */
  readonly dash: number;
  readonly value: YamlNode;
}

/** A reference `*name` to an anchor that stands before it. */
export interface AliasNode extends NodePosition {
  readonly kind: "alias";
  readonly name: string;
}

/** The node of a value that is not written, such as after `key:`. */
export function absentNode(offset: number): ScalarNode {
  return { kind: "scalar", style: "plain", text: "", outer: offset, start: offset, end: offset };
}

/** Whether nothing is written for the node: neither text nor anchor nor tag. */
export function isAbsent(node: YamlNode): boolean {
  return node.kind === "scalar" && node.style === "plain" && node.outer === node.end;
}
