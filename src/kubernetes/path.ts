/** Place of a value inside a document: map keys and list indexes from the root. */
export type Path = readonly (string | number)[];

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]{0,79}$/;

/**
 * Renders a path for people, as `spec.containers[0].env`; keys that are not plain words stand as
 * `metadata.annotations["a.b/c"]`, and those longer than a line are cut.
 */
export function renderPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (!PLAIN_KEY.test(step)) text += `[${JSON.stringify(step.length > 80 ? `${step.slice(0, 80)}…` : step)}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}
