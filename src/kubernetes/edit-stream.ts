import { editDocument } from "./edit-document.ts";
import type { KubernetesObject } from "./object.ts";
import { isValueList, isValueMap, setOwn, type Value, type ValueMap, withValueAt } from "./value.ts";
import type { YamlDocument, YamlStream } from "./yaml-stream.ts";

/** A stream with some of its objects replaced. */
export interface EditedStream {
  /** Whether any byte differs from the input. */
  readonly changed: boolean;
  /** The text in pieces, in order; can be asked for again. */
  chunks(): Iterable<string>;
}

/**
 * Gives objects of a stream new values. The text of everything else stays; every edited document has been read again
 * and means what is wanted when this returns.
 *
 * @param desired new values by object; objects that are missing here stay as they are
 * @throws ContrastError `kubernetes/edit-mismatch`
 */
export function editStream(stream: YamlStream, desired: ReadonlyMap<KubernetesObject, ValueMap>): EditedStream {
  const byDocument = new Map<YamlDocument, [KubernetesObject, ValueMap][]>();
  for (const [object, value] of desired) {
    if (object.document.stream !== stream || object.value === value) continue;
    const changes = byDocument.get(object.document);
    if (changes === undefined) byDocument.set(object.document, [[object, value]]);
    else changes.push([object, value]);
  }
  const edited = new Map<YamlDocument, readonly string[]>();
  for (const [document, changes] of byDocument) {
    const pieces = editDocument(document, documentValue(document, changes));
    if (pieces.length > 1) edited.set(document, pieces);
  }
  return { changed: edited.size > 0, chunks: () => chunksOf(stream, edited) };
}

/** Characters that are handed out at a time, so that writing takes few calls and little memory. */
const CHUNK_CHARACTERS = 1024 * 1024;

function* chunksOf(stream: YamlStream, edited: ReadonlyMap<YamlDocument, readonly string[]>): Iterable<string> {
  let waiting: string[] = [];
  let length = 0;
  for (const piece of piecesOf(stream, edited)) {
    waiting.push(piece);
    length += piece.length;
    if (length < CHUNK_CHARACTERS) continue;
    yield waiting.join("");
    waiting = [];
    length = 0;
  }
  if (length > 0) yield waiting.join("");
}

function* piecesOf(stream: YamlStream, edited: ReadonlyMap<YamlDocument, readonly string[]>): Iterable<string> {
  let offset = 0;
  for (const document of stream.documents) {
    const pieces = edited.get(document);
    if (pieces === undefined) continue;
    yield stream.text.slice(offset, document.range.start);
    yield* pieces;
    offset = document.range.end;
  }
  yield stream.text.slice(offset);
}

/** The document with its objects replaced; the items of a List in one copy of it. */
function documentValue(document: YamlDocument, changes: readonly (readonly [KubernetesObject, ValueMap])[]): Value {
  let result: Value = document.value;
  const items = new Map<number, ValueMap>();
  for (const [{ prefix }, value] of changes) {
    const [step, index] = prefix;
    if (prefix.length === 2 && step === "items" && typeof index === "number") items.set(index, value);
    else result = withValueAt(result, prefix, value);
  }
  if (items.size === 0 || !isValueMap(result)) return result;
  const list = result["items"];
  const copy: Record<string, Value> = {};
  for (const key of Object.keys(result)) setOwn(copy, key, result[key] ?? null);
  copy["items"] = isValueList(list) ? list.map((item, index) => items.get(index) ?? item) : null;
  return copy;
}
