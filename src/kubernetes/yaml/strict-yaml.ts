import { Composer, type CST, Parser } from "yaml";
import { StrictNodeReader } from "./strict-node-reader.ts";
import { absentNode, type YamlNode } from "../yaml-node.ts";

/** Longest document that the strict reader takes, which is the largest object that Kubernetes stores. */
const MAX_CHARACTERS = 1536 * 1024;
/** Most lines, commas and brackets in it; the library needs up to a kilobyte of memory for each. */
const MAX_SEPARATORS = 200_000;
/** Deepest nesting that any reader of this room accepts. */
const MAX_YAML_DEPTH = 200;

/** What is wrong with the text of a document, at an offset in the stream. */
export interface YamlFault {
  readonly code: "kubernetes/yaml-syntax" | "kubernetes/yaml-too-complex";
  readonly message: string;
  readonly offset: number;
}

/**
 * Reads one document with the `yaml` library, all of YAML, every scalar as text (failsafe schema).
 *
 * @param start offset of the document in the stream's text, `---` and directives included
 * @param end offset where the document ends, `...` included
 * @returns the root, or every fault of the document
 */
export function readStrictYaml(text: string, start: number, end: number): YamlNode | readonly YamlFault[] {
  const refuse = (message: string, offset: number): YamlFault[] => [
    { code: "kubernetes/yaml-too-complex", message, offset: start + offset },
  ];
  if (end - start > MAX_CHARACTERS) {
    return refuse(`${end - start} characters in one document that is not written plainly, limit ${MAX_CHARACTERS}`, 0);
  }
  const source = text.slice(start, end);
  if (countSeparators(source) > MAX_SEPARATORS) {
    return refuse(`more than ${MAX_SEPARATORS} lines and values in one document that is not written plainly`, 0);
  }
  const deepFlow = tooDeepFlow(source);
  if (deepFlow !== -1) return refuse(`nested more than ${MAX_YAML_DEPTH} levels deep`, deepFlow);
  const tokens = [...new Parser().parse(source)];
  const deep = tooDeep(tokens);
  if (deep !== -1) return refuse(`nested more than ${MAX_YAML_DEPTH} levels deep`, deep);
  const composer = new Composer({
    schema: "failsafe",
    resolveKnownTags: false,
    keepSourceTokens: true,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  const documents = [...composer.compose(tokens, true, source.length)];
  const faults = documents
    .flatMap(({ errors, warnings }) => [...errors, ...warnings.filter(({ code }) => code === "BAD_DIRECTIVE")])
    .map(({ message, pos }): YamlFault => ({ code: "kubernetes/yaml-syntax", message, offset: start + pos[0] }));
  if (faults.length > 0) return faults;
  const [document, second] = documents;
  if (second !== undefined) {
    return [
      { code: "kubernetes/yaml-syntax", message: "a second document without ---", offset: start + second.range[0] },
    ];
  }
  if (document === undefined) return absentNode(start);
  const rootTokens = tokens.flatMap((token) => (token.type === "document" ? token.start : []));
  const reader = new StrictNodeReader(source, start);
  const root = reader.read(document.contents, rootTokens, 0);
  if (reader.faults.length === 0) return root;
  return reader.faults.map((fault) => ({ code: "kubernetes/yaml-syntax", ...fault }));
}

function countSeparators(source: string): number {
  let count = 0;
  for (let index = 0; index < source.length; index++) {
    const code = source.charCodeAt(index);
    if (code === 0x0a || code === 0x2c || code === 0x5b || code === 0x7b) count++;
  }
  return count;
}

/** A lower bound of flow nesting without a stack: brackets outside quotes and comments do not matter here, only runs. */
function tooDeepFlow(source: string): number {
  const match = /(?:[[{][\s"'&*!?:,-]*){200}/.exec(source);
  return match === null ? -1 : match.index;
}

/** Offset of the first token that is nested too deep, or -1; uses no recursion. */
function tooDeep(tokens: readonly CST.Token[]): number {
  const open: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    const { token, depth } = entry;
    if (depth > MAX_YAML_DEPTH) return token.offset;
    if (token.type === "document" && token.value !== undefined) open.push({ token: token.value, depth });
    if (token.type !== "block-map" && token.type !== "block-seq" && token.type !== "flow-collection") continue;
    for (const item of token.items) {
      if (item.key) open.push({ token: item.key, depth: depth + 1 });
      if (item.value) open.push({ token: item.value, depth: depth + 1 });
    }
  }
  return -1;
}
