import { editDocument } from "../../src/kubernetes/edit/edit-document.ts";
import type { Value } from "../../src/kubernetes/value.ts";
import type { YamlDocument } from "../../src/kubernetes/yaml-stream.ts";

/** What `editDocument` gives, as one text. */
export function editedText(document: YamlDocument, desired: Value): string {
  return editDocument(document, desired).pieces.join("");
}
