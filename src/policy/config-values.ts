import { viewConfigMap, viewSecret } from "../kubernetes/pod/config-object.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Report } from "../kubernetes/yaml-text.ts";
import { decodeBase64 } from "../lib/base64.ts";
import { compareUtf8 } from "../lib/go-json/go-json-codec.ts";

const known = new WeakMap<KubernetesObject, ReadonlyMap<string, string>>();

/**
 * The values of a ConfigMap or Secret as texts, keys in byte order. Binary values that are not UTF-8 text are left out,
 * because no environment variable can hold them.
 *
 * @param report receives fields of the wrong type (`kubernetes/…`), once for each object
 */
export function configValues(object: KubernetesObject, report: Report): ReadonlyMap<string, string> {
  let values = known.get(object);
  if (values === undefined) {
    const entries = object.kind === "Secret" ? secretEntries(object, report) : configMapEntries(object, report);
    values = new Map(entries.toSorted(([a], [b]) => compareUtf8(a, b)));
    known.set(object, values);
  }
  return values;
}

function configMapEntries(object: KubernetesObject, report: Report): [string, string][] {
  const view = viewConfigMap(object, report);
  return [...decoded(view?.binaryData ?? {}), ...Object.entries(view?.data ?? {})];
}

/** `stringData` wins over `data`, as the API server merges them. */
function secretEntries(object: KubernetesObject, report: Report): [string, string][] {
  const view = viewSecret(object, report);
  return [...new Map([...decoded(view?.data ?? {}), ...Object.entries(view?.stringData ?? {})])];
}

function decoded(data: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(data).flatMap(([key, base64]): [string, string][] => {
    const text = textOf(base64);
    return text === undefined ? [] : [[key, text]];
  });
}

function textOf(base64: string): string | undefined {
  const bytes = decodeBase64(base64);
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
