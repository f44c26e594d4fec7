import type { EditChild, EditContext } from "./edit-context.ts";
import { removeFromFlow } from "./remove-from-flow.ts";
import { mergedValue } from "./merged-value.ts";
import { nodeKey } from "../nearest-node.ts";
import { equalValues, ownValue, type ValueMap } from "../value.ts";
import type { MapEntry, MapNode } from "../yaml-node.ts";
import { isMergeKey } from "../yaml-value.ts";

/**
 * Edits a map entry by entry: new keys go to the end, entries that stay keep their text.
 *
 * @returns false, with nothing noted, when the map has to be written anew
 */
export function editMap(
  context: EditContext,
  node: MapNode,
  value: ValueMap | undefined,
  desired: ValueMap,
  edit: EditChild,
): boolean {
  const named = node.entries.map((entry) => ({
    entry,
    name: isMergeKey(entry.key) ? undefined : nodeKey(entry.key, context.targets),
  }));
  const staying = named.filter(({ name }) => name === undefined || Object.hasOwn(desired, name));
  const lastMerge = named.findLastIndex(({ name }) => name === undefined);
  const merged = lastMerge === -1 ? undefined : mergedValue(context, named, desired);
  if (lastMerge !== -1 && merged === undefined) return false;
  const own = new Set(named.map(({ name }) => name));
  const added = Object.keys(desired).filter(
    (key) => !own.has(key) && (merged === undefined || !equalValues(ownValue(merged, key), desired[key])),
  );
  const changed = !equalValues(value, desired) || added.length > 0 || staying.length < named.length;
  if (changed && !isEditable(context, node, staying.length)) return false;

  const json = node.flow && node.entries.some(({ key }) => key.kind === "scalar" && key.style === "double");
  for (const [index, { entry, name }] of named.entries()) {
    if (name === undefined || !Object.hasOwn(desired, name)) continue;
    const { key, colon } = entry;
    context.keep(key, name);
    const column = node.flow ? 0 : context.layout.column(key.outer);
    const slot = { kind: "value", flow: node.flow, colon, keyEnd: key.end, column, json } as const;
    // Before a merge key an entry may be hidden, so its own value is not known here.
    const current = value === undefined || index < lastMerge ? undefined : ownValue(value, name);
    edit(context, entry.value, current, desired[name] ?? null, slot);
  }
  const gone = named.map(({ name }) => name !== undefined && !Object.hasOwn(desired, name));
  if (node.flow) changeFlow(context, node, gone, added, desired, json);
  else changeBlock(context, node, gone, added, desired);
  return true;
}

function isEditable(context: EditContext, node: MapNode, staying: number): boolean {
  if (staying === 0 || node.entries.some(({ unusual }) => unusual)) return false;
  if (node.flow) return true;
  // Every entry after the first begins a line; the first may follow a dash, but nothing else.
  const [first] = node.entries;
  return (
    first !== undefined &&
    /^[ -]*$/.test(context.layout.text.slice(context.layout.lineStart(node.start), first.key.outer))
  );
}

function changeBlock(
  context: EditContext,
  node: MapNode,
  gone: readonly boolean[],
  added: readonly string[],
  desired: ValueMap,
): void {
  const { layout, renderer, newline } = context;
  const firstKey = node.entries[0]?.key.outer ?? node.start;
  const followsDash = !layout.isFirstOnLine(firstKey);
  let last: MapEntry | undefined;
  for (const [index, entry] of node.entries.entries()) {
    if (gone[index] !== true) {
      last = entry;
      continue;
    }
    const next = layout.nextLine(layout.lastLineEnd(entry.value));
    if (last !== undefined || !followsDash) context.removeLines(entry.key.outer, entry.value);
    // Entries behind a dash go at once, and the next line moves up behind the dash.
    else if (gone[index + 1] !== true) context.replace(firstKey, next + spacesAt(layout.text, next), []);
  }
  if (last === undefined) return;
  const column = layout.column(firstKey);
  for (const key of added) {
    const out = [newline, " ".repeat(column)];
    renderer.entry(key, desired[key] ?? null, column, out);
    context.insertAfter(last.value, out);
  }
}

function spacesAt(text: string, offset: number): number {
  let count = 0;
  while (text[offset + count] === " ") count++;
  return count;
}

function changeFlow(
  context: EditContext,
  node: MapNode,
  gone: readonly boolean[],
  added: readonly string[],
  desired: ValueMap,
  json: boolean,
): void {
  const last = removeFromFlow(
    context,
    node.entries.map(({ key, value, colon }) => ({
      start: key.outer,
      end: colon === -1 ? key.end : Math.max(value.end, colon + 1),
    })),
    gone,
  );
  for (const key of added) {
    const out = [", "];
    context.renderer.flowEntry(key, desired[key] ?? null, json, out);
    context.replace(last, last, out);
  }
}
