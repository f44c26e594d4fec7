import type { ErrorCode } from "../lib/error-codes.ts";
import { renderPath } from "./path.ts";
import { keyText, resolveScalar } from "./tagged-scalar.ts";
import { isValueMap, setOwn, type Value, type ValueMap } from "./value.ts";
import type { AliasNode, MapEntry, MapNode, ScalarNode, YamlNode } from "./yaml-node.ts";

/** How much aliases may add to one document, in nodes and units of 16 characters. */
const MAX_ALIAS_WEIGHT = 1_000_000;

/** Something that makes the document unreadable, at an offset in the stream. */
interface ValueFault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly offset: number;
  readonly path: string;
}

/** What a node tree means. */
export interface ReadValue {
  readonly value: Value;
  /** The node that each alias stands for. */
  readonly targets: ReadonlyMap<AliasNode, YamlNode>;
  readonly faults: readonly ValueFault[];
  readonly hasAnchors: boolean;
  /** How many maps, lists and scalars are written. */
  readonly count: number;
}

/** Whether a key merges another map into its own, as in `<<: *base`. */
export function isMergeKey(key: YamlNode): boolean {
  if (key.kind !== "scalar" || key.text !== "<<") return false;
  return key.tag === undefined ? key.style === "plain" : /^(?:!!|tag:yaml\.org,2002:)merge$/.test(key.tag);
}

/**
 * Turns a node tree into the value that the Kubernetes tool chain reads. Aliased values are shared, not copied. Duplicate
 * keys are faults; merge keys override what stands before them and give way to what stands behind, as go-yaml v2 has it.
 */
export function readValue(root: YamlNode): ReadValue {
  const reader = new ValueReader();
  const value = reader.read(root);
  return { value, targets: reader.targets, faults: reader.faults, hasAnchors: reader.hasAnchors, count: reader.count };
}

interface Anchor {
  readonly node: YamlNode;
  /** Missing while the anchored value itself is being read. */
  readonly result?: { readonly value: Value; readonly weight: number };
}

class ValueReader {
  readonly targets = new Map<AliasNode, YamlNode>();
  readonly faults: ValueFault[] = [];
  count = 0;
  readonly #anchors = new Map<string, Anchor>();
  readonly #path: (string | number)[] = [];
  /** Weight of everything read so far, aliased values counted each time. */
  #weight = 0;
  #aliasWeight = 0;

  get hasAnchors(): boolean {
    return this.#anchors.size > 0;
  }

  read(node: YamlNode): Value {
    if (node.anchor === undefined) return this.#readBare(node);
    this.#anchors.set(node.anchor, { node });
    const before = this.#weight;
    const value = this.#readBare(node);
    this.#anchors.set(node.anchor, { node, result: { value, weight: this.#weight - before } });
    return value;
  }

  #readBare(node: YamlNode): Value {
    this.count++;
    if (node.kind === "scalar") return this.#scalar(node);
    if (node.kind === "alias") return this.#alias(node)?.value ?? null;
    this.#weight++;
    if (node.kind === "map") return this.#map(node);
    return node.items.map(({ value }, index) => this.#below(index, value));
  }

  #below(step: string | number, node: YamlNode): Value {
    this.#path.push(step);
    const value = this.read(node);
    this.#path.pop();
    return value;
  }

  #fault(code: ErrorCode, message: string, node: YamlNode): void {
    this.faults.push({ code, message, offset: node.start, path: renderPath(this.#path) });
  }

  #scalar(node: ScalarNode): Value {
    this.#weight += 1 + (node.text.length >> 4);
    const resolved = resolveScalar(node);
    if (resolved === undefined) {
      this.#fault("kubernetes/yaml-value", `"${excerpt(node.text)}" does not fit its tag ${node.tag ?? ""}`, node);
      return null;
    }
    if (resolved.kind === "float" && !Number.isFinite(resolved.value)) {
      this.#fault("kubernetes/yaml-value", `"${node.text}" is not a number that JSON can carry`, node);
      return null;
    }
    if (resolved.kind === "string" && !resolved.value.isWellFormed()) {
      this.#fault("kubernetes/yaml-value", "an escape is half of a surrogate pair", node);
    }
    return resolved.value;
  }

  #alias(node: AliasNode): { readonly node: YamlNode; readonly value: Value } | undefined {
    const anchor = this.#anchors.get(node.name);
    if (anchor === undefined) {
      this.#fault("kubernetes/yaml-alias", `alias *${excerpt(node.name)} has no anchor before it`, node);
      return undefined;
    }
    if (anchor.result === undefined) {
      this.#fault("kubernetes/yaml-alias", `anchor &${excerpt(node.name)} contains itself`, node);
      return undefined;
    }
    const before = this.#aliasWeight;
    this.#aliasWeight += anchor.result.weight;
    this.#weight += anchor.result.weight;
    if (this.#aliasWeight > MAX_ALIAS_WEIGHT) {
      if (before <= MAX_ALIAS_WEIGHT)
        this.#fault("kubernetes/yaml-too-complex", "aliases expand beyond the limit", node);
      return undefined;
    }
    this.targets.set(node, anchor.node);
    return { node: anchor.node, value: anchor.result.value };
  }

  #map(node: MapNode): ValueMap {
    const map: Record<string, Value> = {};
    // Keys written in this map; merged ones may be written again.
    const merging = node.entries.some(({ key }) => isMergeKey(key));
    const written = merging ? new Set<string>() : undefined;
    for (const entry of node.entries) {
      if (merging && isMergeKey(entry.key)) {
        this.#merge(map, entry);
        continue;
      }
      const key = this.#key(entry.key);
      if (key === undefined) continue;
      const value = this.#below(key, entry.value);
      if (written === undefined ? Object.hasOwn(map, key) : written.has(key)) {
        this.#path.push(key);
        this.#fault("kubernetes/yaml-duplicate-key", `key "${excerpt(key)}" is written twice in one map`, entry.key);
        this.#path.pop();
      }
      written?.add(key);
      setOwn(map, key, value);
    }
    return map;
  }

  #key(node: YamlNode): string | undefined {
    if (node.anchor !== undefined) this.read(node);
    let target: YamlNode | undefined = node;
    if (node.kind === "alias") target = this.#alias(node)?.node;
    if (target === undefined) return undefined;
    const resolved = target.kind === "scalar" ? resolveScalar(target) : undefined;
    const text = resolved === undefined ? undefined : keyText(resolved);
    if (text === undefined) this.#fault("kubernetes/yaml-value", "a map key is neither text, number nor boolean", node);
    return text;
  }

  /** Lists of maps are merged from the end, so that earlier maps win. */
  #merge(map: Record<string, Value>, { key, value }: MapEntry): void {
    const read = this.#below("<<", value);
    const sources = Array.isArray(read) && value.kind === "sequence" ? read.toReversed() : [read];
    for (const source of sources) {
      if (!isValueMap(source)) {
        this.#fault("kubernetes/yaml-value", "a merge key << needs a map or a list of maps", key);
        return;
      }
      for (const name of Object.keys(source)) setOwn(map, name, source[name] ?? null);
    }
  }
}

/** The start of a text from the input, for a message. */
function excerpt(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
