import { editDocument } from "./edit-document.ts";
import type { KubernetesObject } from "../object.ts";
import { isValueList, isValueMap, setOwn, type Value, type ValueMap, withValueAt } from "../value.ts";
import { MovedPlaces } from "./moved-places.ts";
import type { PatchedText } from "./text-patch.ts";
import type { YamlDocument, YamlStream } from "../yaml-stream.ts";

/**
 * The value that an object is to have, asked for once for each object in their order. The object's own value leaves its
 * text as it is.
 */
export type DesiredValue = (object: KubernetesObject) => Promise<ValueMap>;

/** Characters that are handed out at a time, so that writing takes few calls and little memory. */
const CHUNK_CHARACTERS = 1024 * 1024;

/**
 * Gives objects of a stream new values, one document after the other, so that the result never exists as a whole. The
 * text of everything else stays; every edited document has been read again and means what is wanted when it is yielded.
 */
export class StreamEdit {
  readonly #stream: YamlStream;
  readonly #objects: ReadonlyMap<YamlDocument, readonly KubernetesObject[]>;
  readonly #desired: DesiredValue;
  readonly #moved: MovedPlaces;
  #changed = false;

  /** @param objects all objects of the stream, in order */
  constructor(stream: YamlStream, objects: readonly KubernetesObject[], desired: DesiredValue) {
    this.#stream = stream;
    this.#objects = Map.groupBy(objects, ({ document }) => document);
    this.#desired = desired;
    this.#moved = new MovedPlaces(stream);
  }

  /** Whether any byte differs from the input, as far as `chunks` has come. */
  get changed(): boolean {
    return this.#changed;
  }

  /** Where the places of the input are in the new text, as far as `chunks` has come. */
  get moved(): MovedPlaces {
    return this.#moved;
  }

  /**
   * The text in pieces, in order; to be run through once.
   *
   * @throws ContrastError `kubernetes/edit-mismatch`, and whatever finding a desired value throws
   */
  async *chunks(): AsyncGenerator<string> {
    let waiting: string[] = [];
    let length = 0;
    for await (const piece of this.#pieces()) {
      waiting.push(piece);
      length += piece.length;
      if (length < CHUNK_CHARACTERS) continue;
      yield waiting.join("");
      waiting = [];
      length = 0;
    }
    if (length > 0) yield waiting.join("");
  }

  async *#pieces(): AsyncGenerator<string> {
    const { text, documents } = this.#stream;
    let offset = 0;
    for (const document of documents) {
      const edited = await this.#edit(document);
      if (edited === undefined) continue;
      this.#changed = true;
      for (const patch of edited.patches) this.#moved.add(patch);
      yield text.slice(offset, document.range.start);
      yield* edited.pieces;
      offset = document.range.end;
    }
    yield text.slice(offset);
  }

  /** The new text of a document that changes. */
  async #edit(document: YamlDocument): Promise<PatchedText | undefined> {
    const changes: (readonly [KubernetesObject, ValueMap])[] = [];
    for (const object of this.#objects.get(document) ?? []) {
      const value = await this.#desired(object);
      if (value !== object.value) changes.push([object, value]);
    }
    if (changes.length === 0) return undefined;
    const edited = editDocument(document, documentValue(document, changes));
    return edited.patches.length > 0 ? edited : undefined;
  }
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
