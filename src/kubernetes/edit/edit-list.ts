import type { EditChild, EditContext } from "./edit-context.ts";
import { removeFromFlow } from "./remove-from-flow.ts";
import { matchItems } from "./match-items.ts";
import type { Value } from "../value.ts";
import type { SequenceNode } from "../yaml-node.ts";

/**
 * Edits a list item by item: items that stay keep their text, new ones are put between them.
 *
 * @param old what the list means now
 * @returns false, with nothing noted, when the list has to be written anew
 */
export function editList(
  context: EditContext,
  node: SequenceNode,
  old: readonly Value[],
  desired: readonly Value[],
  edit: EditChild,
): boolean {
  const matched = matchItems(old, desired);
  const staying = new Set(matched.filter((index) => index !== -1));
  if (staying.size === 0 && old.length > 0) return false;
  const { layout } = context;
  const movesText = staying.size < old.length || matched.length > staying.size;
  if (movesText && !node.flow && !node.items.every(({ dash }) => layout.isFirstOnLine(dash))) return false;

  const gone = node.items.map((_, index) => !staying.has(index));
  const json = node.items.some(({ value }) => value.kind === "scalar" && value.style === "double");
  const ranges = node.items.map(({ value }) => ({ start: value.outer, end: value.end }));
  if (node.flow) removeFromFlow(context, ranges, gone);
  else removeLines(context, node, gone);

  // In the order of the text, so that anchors are noted before their aliases.
  let last = -1;
  for (const [index, wanted] of desired.entries()) {
    const from = matched[index] ?? -1;
    const item = node.items[from];
    if (item === undefined) {
      if (node.flow) insertInFlow(context, node, last, staying, wanted, json);
      else insertLines(context, node, last, wanted);
      continue;
    }
    last = from;
    const column = node.flow ? 0 : layout.column(item.dash);
    edit(context, item.value, old[from], wanted, { kind: "item", flow: node.flow, dash: item.dash, column, json });
  }
  return true;
}

function removeLines(context: EditContext, node: SequenceNode, gone: readonly boolean[]): void {
  for (const [index, { dash, value }] of node.items.entries()) {
    if (gone[index] !== true) continue;
    context.removeLines(dash, value);
  }
}

/** @param after index of the item before the new one, -1 at the front */
function insertLines(context: EditContext, node: SequenceNode, after: number, wanted: Value): void {
  const { layout, renderer, newline } = context;
  const [first] = node.items;
  if (first === undefined) return;
  const column = layout.column(first.dash);
  const before = node.items[after];
  if (before === undefined) {
    // Comments above the first item belong to it.
    const line = layout.aboveComments(first.dash);
    const above = layout.lineEndAbove(line);
    const out = [" ".repeat(column)];
    renderer.item(wanted, column, out);
    if (above === undefined) context.replace(line, line, [...out, newline]);
    else context.replace(above, above, [newline, ...out]);
  } else {
    const out = [newline, " ".repeat(column)];
    renderer.item(wanted, column, out);
    context.insertAfter(before.value, out);
  }
}

function insertInFlow(
  context: EditContext,
  node: SequenceNode,
  after: number,
  staying: ReadonlySet<number>,
  wanted: Value,
  json: boolean,
): void {
  const out: string[] = [];
  context.renderer.flow(wanted, json, out);
  const before = node.items[after];
  const firstStaying = node.items.find((_, index) => staying.has(index));
  if (before !== undefined) context.replace(before.value.end, before.value.end, [", ", ...out]);
  else if (firstStaying !== undefined)
    context.replace(firstStaying.value.outer, firstStaying.value.outer, [...out, ", "]);
}
