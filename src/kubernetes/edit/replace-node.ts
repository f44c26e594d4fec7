import type { EditContext, Slot } from "./edit-context.ts";
import { renderInline } from "./scalar-text.ts";
import { isValueList, type Value } from "../value.ts";
import { isAbsent, type YamlNode } from "../yaml-node.ts";

type ValueSlot = Extract<Slot, { kind: "value" }>;
type ItemSlot = Extract<Slot, { kind: "item" }>;

/** Writes another value in the place of a whole node; its anchors go with it. */
export function replaceNode(context: EditContext, node: YamlNode, desired: Value, slot: Slot): void {
  if (slot.flow) replaceInFlow(context, node, desired, slot);
  else if (slot.kind === "root") replaceRoot(context, node, desired);
  else if (slot.kind === "item") replaceItem(context, node, desired, slot);
  else replaceValue(context, node, desired, slot);
}

function replaceInFlow(context: EditContext, node: YamlNode, desired: Value, slot: ValueSlot | ItemSlot): void {
  const style = node.kind === "scalar" ? node.style : "plain";
  const out: string[] = [];
  const inline = renderInline(desired, true, slot.json ? "double" : style);
  if (inline === undefined) context.renderer.flow(desired, slot.json, out);
  else out.push(inline);
  if (slot.kind === "value" && slot.colon === -1) context.replace(slot.keyEnd, slot.keyEnd, [": ", ...out]);
  else if (isAbsent(node)) context.replace(node.end, node.end, [" ", ...out]);
  else context.replace(node.outer, node.end, out);
}

function isBlockCollection(node: YamlNode): boolean {
  return (node.kind === "map" || node.kind === "sequence") && !node.flow;
}

function isBlockScalar(node: YamlNode): boolean {
  return node.kind === "scalar" && (node.style === "literal" || node.style === "folded");
}

/** Whether the node takes its lines to their ends, so that nothing else stands on the last one. */
function ownsLines(node: YamlNode): boolean {
  return isBlockCollection(node) || isBlockScalar(node);
}

function replaceRoot(context: EditContext, node: YamlNode, desired: Value): void {
  const { layout, renderer, newline } = context;
  const out: string[] = [];
  if (!layout.isFirstOnLine(node.outer)) out.push(newline);
  renderer.block(desired, 0, out);
  const start = layout.isFirstOnLine(node.outer) ? layout.lineStart(node.outer) : node.outer;
  context.replace(start, ownsLines(node) ? layout.lastLineEnd(node) : node.end, out);
}

function replaceValue(context: EditContext, node: YamlNode, desired: Value, slot: ValueSlot): void {
  const { layout, renderer, newline } = context;
  const afterColon = slot.colon + 1;
  const style = node.kind === "scalar" ? node.style : "plain";
  const inline = renderInline(desired, false, style);
  const hasProperties = node.outer !== node.start;
  if (inline !== undefined) {
    if (isAbsent(node)) context.replace(afterColon, afterColon, [" ", inline]);
    else if (!ownsLines(node)) context.replace(node.outer, node.end, [inline]);
    else if (isBlockScalar(node) || hasProperties) {
      context.replace(afterColon, layout.lastLineEnd(node), [" ", inline]);
    } else {
      // A comment on the line of the key stays.
      context.replace(afterColon, afterColon, [" ", inline]);
      context.replace(layout.lineEnd(afterColon), layout.lastLineEnd(node), []);
    }
    return;
  }
  const inner = slot.column + (isValueList(desired) ? renderer.style.listStep : renderer.style.step);
  const out: string[] = [newline, " ".repeat(inner)];
  renderer.block(desired, inner, out);
  if (isBlockCollection(node) && !hasProperties) {
    context.replace(layout.lineEnd(afterColon), layout.lastLineEnd(node), out);
  } else if (ownsLines(node)) {
    context.replace(afterColon, layout.lastLineEnd(node), out);
  } else {
    if (!isAbsent(node)) context.replace(afterColon, node.end, []);
    const lineEnd = layout.lineEnd(Math.max(node.end, afterColon));
    context.replace(lineEnd, lineEnd, out);
  }
}

function replaceItem(context: EditContext, node: YamlNode, desired: Value, slot: ItemSlot): void {
  const { layout, renderer, newline } = context;
  const afterDash = slot.dash + 1;
  const style = node.kind === "scalar" ? node.style : "plain";
  const inline = renderInline(desired, false, style);
  const out: string[] = [];
  if (inline === undefined) renderer.block(desired, slot.column + 2, out);
  else out.push(inline);
  if (ownsLines(node)) {
    context.replace(afterDash, layout.lastLineEnd(node), [" ", ...out]);
  } else if (inline === undefined && layout.hasCommentAfter(node.end)) {
    if (!isAbsent(node)) context.replace(afterDash, node.end, []);
    const lineEnd = layout.lineEnd(node.end);
    context.replace(lineEnd, lineEnd, [newline, " ".repeat(slot.column + 2), ...out]);
  } else if (isAbsent(node)) {
    context.replace(afterDash, afterDash, [" ", ...out]);
  } else if (inline === undefined) {
    context.replace(afterDash, node.end, [" ", ...out]);
  } else {
    context.replace(node.outer, node.end, out);
  }
}
