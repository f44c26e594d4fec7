import { ContrastError } from "../../lib/errors.ts";
import { type Problem, renderProblem } from "../../lib/problems.ts";
import { EditContext } from "./edit-context.ts";
import { editNode } from "./edit-node.ts";
import { replaceNode } from "./replace-node.ts";
import { TextLayout } from "./text-layout.ts";
import { applyPatches, type PatchedText } from "./text-patch.ts";
import { equalValues, type Value } from "../value.ts";
import { type YamlDocument, YamlStream } from "../yaml-stream.ts";

/**
 * The text of a document after a change: everything that is not concerned stays byte for byte.
 *
 * @param desired what the document is to mean
 * @returns the part of the stream that belongs to the document; long new strings are not copied
 * @throws ContrastError `kubernetes/edit-mismatch` when the new text does not read as wanted
 */
export function editDocument(document: YamlDocument, desired: Value): PatchedText {
  const { stream, range, value } = document;
  if (equalValues(value, desired)) return { pieces: [stream.text.slice(range.start, range.end)], patches: [] };
  const minimal = planMinimalEdit(document, desired);
  if (minimal !== undefined && readsAs(minimal, document, desired) === undefined) return minimal;
  const rewritten = rewriteDocument(document, desired);
  const difference = readsAs(rewritten, document, desired);
  if (difference === undefined) return rewritten;
  throw new ContrastError("kubernetes/edit-mismatch", `Cannot edit "${document.file}": ${difference}`, {
    hint: "Write this document in a plainer style, without tags, merge keys and aliases.",
    details: { file: document.file, line: document.locate([]).line ?? 0 },
  });
}

/**
 * The smallest change of the text that should have the wanted meaning; not yet checked.
 *
 * @returns undefined when its parts would overlap
 */
export function planMinimalEdit(document: YamlDocument, desired: Value): PatchedText | undefined {
  const { range, stream } = document;
  const context = contextOf(document);
  editNode(context, document.root, document.value, desired, { kind: "root", flow: false });
  return applyPatches(stream.text, range.start, range.end, context.patches);
}

/** Writes the whole value anew between the lines around it, for the rare text that cannot be edited in parts. */
function rewriteDocument(document: YamlDocument, desired: Value): PatchedText {
  const { range, stream } = document;
  const context = contextOf(document);
  replaceNode(context, document.root, desired, { kind: "root", flow: false });
  return applyPatches(stream.text, range.start, range.end, context.patches) ?? { pieces: [], patches: [] };
}

function contextOf({ root, stream, range, targets }: YamlDocument): EditContext {
  return new EditContext(new TextLayout(stream.text, range.start, range.end), root, targets);
}

/** Reads the new text again; the answer says what is wrong with it. */
function readsAs({ pieces }: PatchedText, document: YamlDocument, desired: Value): string | undefined {
  const problems: Problem[] = [];
  const stream = new YamlStream(pieces.join(""), document.file, (problem) => problems.push(problem));
  const [problem] = problems;
  if (problem !== undefined) return `the new text would not be valid YAML: ${renderProblem(problem)}`;
  const [read, second] = stream.documents;
  const isSame = second === undefined && equalValues(read === undefined ? null : read.value, desired);
  return isSame ? undefined : "the new text would not have the wanted meaning";
}
