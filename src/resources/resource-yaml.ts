import { ValueRenderer } from "../kubernetes/edit/value-renderer.ts";
import type { ValueMap } from "../kubernetes/value.ts";

/** Objects as one YAML stream, each as a document of its own; the same objects give the same bytes. */
export function renderResources(objects: readonly ValueMap[]): string {
  const renderer = new ValueRenderer({ newline: "\n", step: 2, listStep: 2 });
  const documents = objects.map((object) => {
    const pieces: string[] = [];
    renderer.block(object, 0, pieces);
    return `${pieces.join("")}\n`;
  });
  return documents.join("---\n");
}
