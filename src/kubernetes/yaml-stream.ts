import type { ErrorCode } from "../lib/error-codes.ts";
import type { Place, Problem } from "../lib/problems.ts";
import { readCommonYaml } from "./common-yaml.ts";
import { LinePositions } from "./line-positions.ts";
import { nearestNode } from "./nearest-node.ts";
import { type Path, renderPath } from "./path.ts";
import { readStrictYaml } from "./strict-yaml.ts";
import type { Value } from "./value.ts";
import { isAbsent, type AliasNode, type YamlNode } from "./yaml-node.ts";
import { type DocumentRange, splitDocuments } from "./yaml-split.ts";
import { readValue } from "./yaml-value.ts";

/** Receives one finding about the input. */
export type Report = (problem: Problem) => void;

/** Most faults that are told about one document; a broken one can have thousands that follow from the first. */
const MAX_FAULTS = 20;

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

  /**
   * Reads every document. Those with errors are reported, all errors at once, and left out.
   *
   * @param file named in problems
   */
  constructor(text: string, file: string, report: Report) {
    this.file = file;
    this.text = text;
    this.#lines = new LinePositions(text);
    this.documents = isReadable(text, this, report)
      ? splitDocuments(text, text.startsWith("\uFEFF") ? 1 : 0).flatMap((range) => this.#read(range, report))
      : [];
  }

  /** The place of an offset. */
  place(offset: number, path?: string): Place {
    return { file: this.file, ...this.#lines.position(offset), path };
  }

  #read(range: DocumentRange, report: Report): readonly YamlDocument[] {
    const root = readDocument(this.text, range);
    const faults: readonly Fault[] = isNode(root) ? [] : root;
    if (!isNode(root)) {
      this.#tell(faults, report);
      return [];
    }
    const { value, targets, faults: valueFaults } = readValue(root);
    if (valueFaults.length > 0) {
      this.#tell(valueFaults, report);
      return [];
    }
    return value === null && isAbsent(root) ? [] : [new YamlDocument(this, range, root, value, targets)];
  }

  #tell(faults: readonly Fault[], report: Report): void {
    for (const { code, message, offset, path } of faults.slice(0, MAX_FAULTS)) {
      report({ code, message, ...this.place(offset, path) });
    }
  }
}

interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly offset: number;
  readonly path?: string;
}

function isNode(result: YamlNode | readonly Fault[]): result is YamlNode {
  return !Array.isArray(result);
}

/** Reads the node tree of one document: by the fast reader where it can, else by the strict one. */
function readDocument(text: string, range: DocumentRange): YamlNode | readonly Fault[] {
  const root = range.body === undefined ? undefined : readCommonYaml(text, range.body, range.bodyEnd);
  return root ?? readStrictYaml(text, range.start, range.end);
}

/**
 * Characters that no manifest needs: the Kubernetes reader refuses control characters, and readers of YAML disagree on
 * whether a lone carriage return, U+0085, U+2028 and U+2029 end a line, so a text with them has no single meaning.
 */
// eslint-disable-next-line no-control-regex
const REFUSED = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)/g;

function isReadable(text: string, stream: YamlStream, report: Report): boolean {
  REFUSED.lastIndex = text.startsWith("\uFEFF") ? 1 : 0;
  const found = REFUSED.exec(text);
  if (found === null) return true;
  const code = found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  report({
    code: "kubernetes/yaml-character",
    message: `character U+${code} is not allowed in YAML`,
    hint: "Write it as an escape in a double-quoted string, or save the file as UTF-8 text with line breaks LF or CRLF.",
    ...stream.place(found.index),
  });
  return false;
}

/**
 * Decodes the bytes of a YAML file; anything but UTF-8 is reported with its place.
 *
 * @returns undefined when reported
 */
export function decodeYaml(bytes: Uint8Array, file: string, report: Report): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const lenient = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    const offset = firstReplacement(lenient, bytes);
    report({
      code: "kubernetes/yaml-encoding",
      message: "not valid UTF-8",
      hint: "Save the file as UTF-8.",
      file,
      ...new LinePositions(lenient).position(offset),
    });
    return undefined;
  }
}

/** Offset of the first replacement character that is not written as such in the file. */
function firstReplacement(lenient: string, bytes: Uint8Array): number {
  const encoder = new TextEncoder();
  let offset = 0;
  let byte = 0;
  for (const part of lenient.split("\uFFFD")) {
    offset += part.length;
    byte += encoder.encode(part).length;
    if (bytes[byte] !== 0xef || bytes[byte + 1] !== 0xbf || bytes[byte + 2] !== 0xbd) return offset;
    offset += 1;
    byte += 3;
  }
  return offset;
}
