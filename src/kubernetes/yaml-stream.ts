import type { Place } from "../lib/problems.ts";
import { readCommonYaml } from "./yaml/common-yaml.ts";
import { LinePositions, type Position } from "./line-positions.ts";
import { nearestNode } from "./nearest-node.ts";
import { type Path, renderPath } from "./path.ts";
import { readStrictYaml } from "./yaml/strict-yaml.ts";
import type { Value } from "./value.ts";
import { isAbsent, type AliasNode, type YamlNode } from "./yaml-node.ts";
import { type DocumentRange, splitDocuments } from "./yaml/split-documents.ts";
import { type Fault, tellingFaults } from "./telling-faults.ts";
import { findRefusedCharacter, type Report } from "./yaml-text.ts";
import { readValue } from "./yaml-value.ts";

/** Most faults that are told about one document; a broken one can have thousands that follow from the first. */
const MAX_FAULTS = 20;
/** Most faults that are told about one file. */
const MAX_FILE_FAULTS = 200;
/** Bounds of one file, so that memory stays bounded too. */
const MAX_DOCUMENTS = 100_000;
const MAX_VALUES = 2_000_000;

/** One document that holds something. */
export class YamlDocument {
  readonly stream: YamlStream;
  readonly range: DocumentRange;
  readonly root: YamlNode;
  /** What the document means; parts are shared between aliases and never modified. */
  readonly value: Value;
  readonly targets: ReadonlyMap<AliasNode, YamlNode>;

  constructor(
    stream: YamlStream,
    range: DocumentRange,
    root: YamlNode,
    value: Value,
    targets: ReadonlyMap<AliasNode, YamlNode>,
  ) {
    this.stream = stream;
    this.range = range;
    this.root = root;
    this.value = value;
    this.targets = targets;
  }

  get file(): string {
    return this.stream.file;
  }

  /** Where a path is written; for a path that does not exist, its nearest existing parent. */
  locate(path: Path): Place {
    return this.stream.place(nearestNode(this.root, this.targets, path).start, renderPath(path));
  }
}

/** A text with its documents; documents that are empty or hold nothing but comments are left out. */
export class YamlStream {
  readonly file: string;
  readonly text: string;
  readonly documents: readonly YamlDocument[];
  readonly #lines: LinePositions;
  /** Maps, lists and scalars read so far. */
  #values = 0;
  #told = 0;

  /**
   * Reads every document. Those with errors are reported, all errors at once, and left out.
   *
   * @param file named in problems
   */
  constructor(text: string, file: string, report: Report) {
    this.file = file;
    this.text = text;
    this.#lines = new LinePositions(text);
    this.documents = this.#hasReadableText(report) ? this.#readAll(report) : [];
  }

  /** The place of an offset. */
  place(offset: number, path?: string): Place {
    return { file: this.file, ...this.position(offset), path };
  }

  /** Line and column of an offset. */
  position(offset: number): Position {
    return this.#lines.position(offset);
  }

  #hasReadableText(report: Report): boolean {
    const offset = findRefusedCharacter(this.text);
    if (offset === -1) return true;
    const code = this.text.charCodeAt(offset).toString(16).toUpperCase().padStart(4, "0");
    report({
      code: "kubernetes/yaml-character",
      message: `character U+${code} is not allowed in YAML`,
      hint: "Write it as an escape in a double-quoted string; end lines with LF or CRLF.",
      ...this.place(offset),
    });
    return false;
  }

  #readAll(report: Report): readonly YamlDocument[] {
    const documents: YamlDocument[] = [];
    let count = 0;
    for (const range of splitDocuments(this.text, this.text.startsWith("\uFEFF") ? 1 : 0)) {
      if (++count > MAX_DOCUMENTS) {
        const message = `more than ${MAX_DOCUMENTS} documents in one file`;
        report({ code: "kubernetes/yaml-too-complex", message, ...this.place(range.start) });
        break;
      }
      documents.push(...this.#read(range, report));
      if (this.#values > MAX_VALUES) {
        const message = `more than ${MAX_VALUES} values in one file`;
        report({ code: "kubernetes/yaml-too-complex", message, ...this.place(range.start) });
        break;
      }
    }
    return documents;
  }

  #read(range: DocumentRange, report: Report): readonly YamlDocument[] {
    const root = readDocument(this.text, range);
    const faults: readonly Fault[] = isNode(root) ? [] : root;
    if (!isNode(root)) {
      this.#tell(faults, report);
      return [];
    }
    const { value, targets, faults: valueFaults, count } = readValue(root);
    this.#values += count;
    if (valueFaults.length > 0) {
      this.#tell(valueFaults, report);
      return [];
    }
    return value === null && isAbsent(root) ? [] : [new YamlDocument(this, range, root, value, targets)];
  }

  #tell(faults: readonly Fault[], report: Report): void {
    const told = tellingFaults(faults, this.text).slice(0, Math.min(MAX_FAULTS, MAX_FILE_FAULTS - this.#told));
    this.#told += told.length;
    for (const { code, message, offset, path, hint } of told) {
      report({ code, message, hint, ...this.place(offset, path) });
    }
  }
}

function isNode(result: YamlNode | readonly Fault[]): result is YamlNode {
  return !Array.isArray(result);
}

/** Reads the node tree of one document: by the fast reader where it can, else by the strict one. */
function readDocument(text: string, range: DocumentRange): YamlNode | readonly Fault[] {
  const root = range.body === undefined ? undefined : readCommonYaml(text, range.body, range.bodyEnd);
  return root ?? readStrictYaml(text, range.start, range.end);
}
