/**
 * The one JSON object that a command prints with `--format json`: `schema` first, then the verdict, then the rest.
 *
 * @param name what the object is about, such as `generate`; the schema is named `contrast/<name>/v1`
 * @param fields camelCase keys; `ok: false` where the command did its work and the answer is no
 */
export function resultJson(name: string, fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ schema: `contrast/${name}/v1`, ok: true, ...fields });
}
