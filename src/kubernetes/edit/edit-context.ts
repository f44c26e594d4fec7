import { ValueRenderer } from "./value-renderer.ts";
import type { TextLayout } from "./text-layout.ts";
import type { TextPatch } from "./text-patch.ts";
import type { Value } from "../value.ts";
import type { AliasNode, YamlNode } from "../yaml-node.ts";

/** What the parts of one edit share. */
export class EditContext {
  readonly layout: TextLayout;
  readonly renderer: ValueRenderer;
  readonly targets: ReadonlyMap<AliasNode, YamlNode>;
  readonly patches: TextPatch[] = [];
  /** End of the lines that were removed at the very start of the document, where no line break is above. */
  #removedTo = -1;
  /** Anchored nodes that stay in the text, with the value that they will have. */
  readonly kept = new Map<YamlNode, Value>();

  constructor(layout: TextLayout, root: YamlNode, targets: ReadonlyMap<AliasNode, YamlNode>) {
    this.layout = layout;
    this.renderer = new ValueRenderer(layout.style(root));
    this.targets = targets;
  }

  get newline(): string {
    return this.renderer.style.newline;
  }

  /** Replaces a range. */
  replace(start: number, end: number, pieces: readonly string[]): void {
    if (start !== end || pieces.length > 0) this.patches.push({ start, end, pieces });
  }

  /**
   * Removes whole lines, from the line of an offset to the last one of a node. The line break above goes, not the one
   * below, so that text can still be inserted at the end of the last line.
   */
  removeLines(first: number, last: YamlNode): void {
    const start = this.layout.lineStart(first);
    const end = this.layout.lastLineEnd(last);
    const above = this.layout.lineEndAbove(start);
    if (above === undefined || start === this.#removedTo) {
      this.#removedTo = this.layout.nextLine(end);
      this.replace(start, this.#removedTo, []);
    } else this.replace(above, end, []);
  }

  /** Puts lines behind the last line of a node; the pieces begin with a line break. */
  insertAfter(node: YamlNode, pieces: readonly string[]): void {
    const at = this.layout.lastLineEnd(node);
    if (this.layout.isUnfinished(at)) this.#stripBlockScalar(lastLeaf(node));
    this.replace(at, at, pieces);
  }

  /** A block scalar at the end of a text without line break has none itself; `-` says so once more lines follow. */
  #stripBlockScalar(leaf: YamlNode): void {
    if (leaf.kind !== "scalar" || (leaf.style !== "literal" && leaf.style !== "folded")) return;
    const indicators = /^[|>][0-9]*([-+]?)/.exec(this.layout.text.slice(leaf.start, leaf.start + 4));
    if (indicators === null || indicators[1] === "-") return;
    const end = leaf.start + indicators[0].length;
    this.replace(indicators[1] === "+" ? end - 1 : end, end, ["-"]);
  }

  /** The value of an alias after the edit; undefined when its anchor is gone. */
  aliasValue(node: AliasNode): Value | undefined {
    const target = this.targets.get(node);
    return target === undefined ? undefined : this.kept.get(target);
  }

  /** Notes that an anchored node stays and what it will mean. */
  keep(node: YamlNode, value: Value): void {
    if (node.anchor !== undefined) this.kept.set(node, value);
  }
}

function lastLeaf(node: YamlNode): YamlNode {
  let leaf = node;
  for (;;) {
    const last: YamlNode | undefined =
      leaf.kind === "map"
        ? leaf.entries.at(-1)?.value
        : leaf.kind === "sequence"
          ? leaf.items.at(-1)?.value
          : undefined;
    if (last === undefined) return leaf;
    leaf = last;
  }
}

/** Where a node stands in its parent, which decides how it can be replaced. */
export type Slot =
  | { readonly kind: "root"; readonly flow: false }
  | {
      readonly kind: "value";
      readonly flow: boolean;
      /** Offset of the colon, or -1 in a flow map without one. */
      readonly colon: number;
      readonly keyEnd: number;
      /** Column of the keys of the map. */
      readonly column: number;
      /** Whether the flow map around it is written as JSON. */
      readonly json: boolean;
    }
  | {
      readonly kind: "item";
      readonly flow: boolean;
      readonly dash: number;
      readonly column: number;
      readonly json: boolean;
    };

/**
 * Brings a child to its wanted value; handed to the editors of maps and lists.
 *
 * @param value what the child means now; undefined where that is not known
 */
export type EditChild = (
  context: EditContext,
  node: YamlNode,
  value: Value | undefined,
  desired: Value,
  slot: Slot,
) => void;
