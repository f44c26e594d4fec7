import type { EditContext, Slot } from "./edit-context.ts";
import { editList } from "./edit-list.ts";
import { editMap } from "./edit-map.ts";
import { replaceNode } from "./replace-node.ts";
import { renderInline } from "./scalar-text.ts";
import { resolveScalar } from "../tagged-scalar.ts";
import { equalValues, isValueList, isValueMap, type Value } from "../value.ts";
import { isAbsent, type ScalarNode, type YamlNode } from "../yaml-node.ts";

/**
 * Notes the patches that turn a node into its wanted value, as small as the text allows.
 *
 * @param value what the node means now; undefined where that is not known
 */
export function editNode(
  context: EditContext,
  node: YamlNode,
  value: Value | undefined,
  desired: Value,
  slot: Slot,
): void {
  // Without aliases an equal part needs no look; with them its anchors must be noted.
  const isEqual = value !== undefined && equalValues(value, desired);
  if (isEqual && context.targets.size === 0) return;
  if (!keepsNode(context, node, value, desired)) replaceNode(context, node, desired, slot);
  else context.keep(node, desired);
}

/** Edits inside the node; false when it has to be replaced as a whole. */
function keepsNode(context: EditContext, node: YamlNode, value: Value | undefined, desired: Value): boolean {
  switch (node.kind) {
    case "alias":
      return equalValues(context.aliasValue(node), desired);
    case "scalar":
      return editScalar(context, node, desired);
    case "map":
      if (!isValueMap(desired)) return false;
      if (Object.keys(desired).length === 0) return node.entries.length === 0;
      if (node.entries.length === 0) return false;
      return editMap(context, node, isValueMap(value) ? value : undefined, desired, editNode);
    case "sequence":
      if (!isValueList(desired) || !isValueList(value)) return false;
      if (desired.length === 0) return node.items.length === 0;
      if (node.items.length === 0) return false;
      return editList(context, node, value, desired, editNode);
    default:
      return false;
  }
}

function editScalar(context: EditContext, node: ScalarNode, desired: Value): boolean {
  const resolved = resolveScalar(node);
  if (resolved !== undefined && equalValues(resolved.value, desired)) return true;
  // An anchored scalar on one line keeps its anchor; whatever has a tag is written anew.
  if (node.anchor === undefined || node.tag !== undefined || isAbsent(node) || node.start === node.end) return false;
  if (node.style === "literal" || node.style === "folded") return false;
  const inline = renderInline(desired, false, node.style);
  if (inline === undefined || typeof desired === "object") return false;
  context.replace(node.start, node.end, [inline]);
  return true;
}
