import type { Path } from "./path.ts";
import { keyText, resolveScalar } from "./tagged-scalar.ts";
import type { AliasNode, MapNode, YamlNode } from "./yaml-node.ts";
import { isMergeKey } from "./yaml-value.ts";

type Targets = ReadonlyMap<AliasNode, YamlNode>;

/** The node that an alias stands for; any other node as it is. */
function followAlias(node: YamlNode, targets: Targets): YamlNode {
  return node.kind === "alias" ? (targets.get(node) ?? node) : node;
}

/** The string of a key as the value of its map has it. */
export function nodeKey(key: YamlNode, targets: Targets): string | undefined {
  const target = followAlias(key, targets);
  const resolved = target.kind === "scalar" ? resolveScalar(target) : undefined;
  return resolved === undefined ? undefined : keyText(resolved);
}

/**
 * The node at a path through aliases and merge keys, or the deepest one that exists on the way to it. For a value that is
 * not written the node of its key is returned, which is where a reader would look.
 */
export function nearestNode(root: YamlNode, targets: Targets, path: Path): YamlNode {
  let current = root;
  for (const step of path) {
    const node = followAlias(current, targets);
    const next =
      typeof step === "number" ? itemAt(node, step) : node.kind === "map" ? entryOf(node, targets, step) : undefined;
    if (next === undefined) return current;
    current = next;
  }
  return current;
}

function itemAt(node: YamlNode, index: number): YamlNode | undefined {
  return node.kind === "sequence" ? node.items[index]?.value : undefined;
}

function entryOf(map: MapNode, targets: Targets, name: string): YamlNode | undefined {
  const own = map.entries.findLast(({ key }) => !isMergeKey(key) && nodeKey(key, targets) === name);
  if (own !== undefined) return own.value.start === own.value.end && own.value.kind === "scalar" ? own.key : own.value;
  for (const { key, value } of map.entries) {
    if (!isMergeKey(key)) continue;
    const merged = followAlias(value, targets);
    const sources =
      merged.kind === "sequence" ? merged.items.map((item) => followAlias(item.value, targets)) : [merged];
    for (const source of sources) {
      const found = source.kind === "map" ? entryOf(source, targets, name) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
