import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "@swc/core";
import { ERROR, type Mutant, MutantNames } from "./mutants.ts";
import { type Room, sourcesOf } from "./rooms.ts";
import type { WorkCopy } from "./work-copy.ts";

/** A place in a source, in bytes, and what stands there instead. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** What is gone, as code. */
  readonly what: string;
}

interface SyntaxNode {
  readonly type: string;
  readonly span: { readonly start: number; readonly end: number };
  readonly [member: string]: unknown;
}

/** In front of what is parsed: a program's span starts at its first token, and so at its first byte. */
const FIRST_TOKEN = ";";

/**
 * One mutant for each step of a computation, without those that `throwMutants()` has: a statement that is deleted, a
 * condition that never holds, an operand of `&&` or `||` that is left out, an element of a list that is.
 */
export function stepMutants(copy: WorkCopy, room: Room): readonly Mutant[] {
  if (room.hasSteps !== true) return [];
  return sourcesOf(room, copy.root).flatMap((path) => {
    const source = Buffer.from(FIRST_TOKEN + readFileSync(join(copy.root, path), "utf8"));
    const names = new MutantNames();
    return editsOf(source).map(({ start, end, text, what }) => ({
      name: names.unique(`${path}: without `, what),
      kind: "step" as const,
      room,
      path,
      change: () =>
        Buffer.concat([source.subarray(FIRST_TOKEN.length, start), Buffer.from(text), source.subarray(end)]).toString(),
    }));
  });
}

function editsOf(source: Buffer): readonly Edit[] {
  const program = parseSync(source.toString(), { syntax: "typescript", target: "es2022" });
  const base = program.span.start;
  const edits: Edit[] = [];
  const textOf = ({ span }: SyntaxNode): string => source.subarray(span.start - base, span.end - base).toString();
  const replace = ({ span }: SyntaxNode, text: string, what: string): void => {
    edits.push({ start: span.start - base, end: span.end - base, text, what });
  };
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    if (!isObject(value)) return;
    if (isNode(value)) editNode(value, textOf, replace);
    // What is only typed is no step.
    if (typeof value["type"] === "string" && value["type"].startsWith("Ts") && !("expression" in value)) return;
    for (const child of Object.values(value)) visit(child);
  };
  visit(program.body);
  return edits;
}

function editNode(
  node: SyntaxNode,
  textOf: (node: SyntaxNode) => string,
  replace: (node: SyntaxNode, text: string, what: string) => void,
): void {
  const { type, consequent, alternate, left, operator, right, elements } = node;
  // `satisfies` alone is only for the types.
  const isStep = type === "ExpressionStatement" && !/ satisfies \w+;$/.test(textOf(node));
  if (isStep && textOf(node).search(ERROR) !== 0) replace(node, ";", textOf(node));
  // A condition that only leads to an error is deleted with it.
  const isElseless = type === "IfStatement" && !isNode(alternate);
  if (isElseless && isNode(consequent) && textOf(consequent).replace(/^{\s*/, "").search(ERROR) !== 0) {
    replace(node, ";", textOf(node));
  }
  if (isNode(left) && isNode(right) && (operator === "&&" || operator === "||")) {
    replace(node, textOf(left), `${textOf(right)} in ${textOf(node)}`);
    replace(node, textOf(right), `${textOf(left)} in ${textOf(node)}`);
  }
  if (type !== "ArrayExpression" || !Array.isArray(elements)) return;
  for (const element of elements) {
    if (!isObject(element) || !isNode(element["expression"])) continue;
    const expression = element["expression"];
    const isSpread = isObject(element["spread"]);
    replace(expression, isSpread ? "[]" : "...[]", `${textOf(expression)} in ${textOf(node)}`);
  }
}

type SyntaxObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is SyntaxObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNode(value: unknown): value is SyntaxNode {
  return isObject(value) && typeof value["type"] === "string" && isObject(value["span"]);
}
