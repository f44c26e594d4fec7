import type { ConfigLookup } from "../kubernetes/config-lookup.ts";
import type { Path } from "../kubernetes/path.ts";
import { isValueMap, type ValueMap } from "../kubernetes/value.ts";
import { listAt, mapAt, textAt } from "../kubernetes/value-reader.ts";
import { runningContainers, type TopologyWorkload } from "./topology-workload.ts";

/** A host and port that a container of the user is told, as far as its words show. */
export interface HostReference {
  readonly host: string;
  /** Undefined where the text names none. */
  readonly port: number | undefined;
  /** Such as `http`; undefined where the text has none. */
  readonly scheme: string | undefined;
  /** Where it stands, such as `variable DATABASE_URL of container web`. */
  readonly origin: string;
  /** Inside the object. */
  readonly path: Path;
}

/** Longer texts are scripts and certificates. */
const MAX_TEXT = 4096;
/** More addresses than this of one workload are hostile, and left out. */
const MAX_REFERENCES = 256;

/** Scheme, user and password, host, port; names only, no addresses in brackets. */
const ADDRESS =
  /(?:([a-z][a-z0-9+.-]{0,31}):\/\/)?(?:[^\s@/,;"']{1,256}@)?(?<![A-Za-z0-9_.-])((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){0,8}[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.?)(?::([0-9]{1,5}))?(?![A-Za-z0-9_@.:-])/g;
const HOST_ONLY = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){0,8}[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.?$/;
/** Names of variables whose value is a host, even without a port. */
const NAMES_HOST = /(?:^|_)(?:HOST|HOSTNAME|ADDR|ADDRESS|SERVER|SERVICE|ENDPOINT|UPSTREAM)$/i;

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ["http", 80],
  ["ws", 80],
  ["https", 443],
  ["wss", 443],
  ["postgres", 5432],
  ["postgresql", 5432],
  ["mysql", 3306],
  ["redis", 6379],
  ["rediss", 6379],
  ["amqp", 5672],
  ["amqps", 5671],
  ["mongodb", 27_017],
  ["nats", 4222],
]);

/** Hosts with ports in the variables, commands and arguments of a workload, ConfigMaps included where they are at hand. */
export function hostReferences(workload: TopologyWorkload, lookup: ConfigLookup): readonly HostReference[] {
  const found: HostReference[] = [];
  for (const { container, path } of runningContainers(workload.podSpec, workload.podSpecPath)) {
    const name = textAt(container, "name") ?? "";
    for (const [index, entry] of listAt(container, "env").entries()) {
      if (!isValueMap(entry)) continue;
      const variable = textAt(entry, "name") ?? "";
      const text = textAt(entry, "value") ?? configText(entry, workload, lookup);
      const where = { origin: `variable ${variable} of container ${name}`, path: [...path, "env", index] };
      if (text !== undefined) scan(text, NAMES_HOST.test(variable), where, found);
    }
    for (const list of ["command", "args"]) {
      for (const [index, word] of listAt(container, list).entries()) {
        const where = { origin: `${list} of container ${name}`, path: [...path, list, index] };
        if (typeof word === "string") scan(word, false, where, found);
      }
    }
  }
  return found.slice(0, MAX_REFERENCES);
}

function configText(entry: ValueMap, { namespace }: TopologyWorkload, lookup: ConfigLookup): string | undefined {
  const reference = mapAt(mapAt(entry, "valueFrom"), "configMapKeyRef");
  const [name, key] = [textAt(reference, "name"), textAt(reference, "key")];
  const config = name === undefined ? undefined : lookup.configMap(namespace, name);
  return config === undefined || key === undefined ? undefined : textAt(mapAt(config.value, "data"), key);
}

/** @param namesHost whether a name alone counts, without port and scheme */
function scan(
  text: string,
  namesHost: boolean,
  where: Pick<HostReference, "origin" | "path">,
  found: HostReference[],
): void {
  if (text.length > MAX_TEXT) return;
  if (namesHost && HOST_ONLY.test(text)) {
    found.push({ host: text, port: undefined, scheme: undefined, ...where });
    return;
  }
  for (const [, scheme, host = "", portText] of text.matchAll(ADDRESS)) {
    const port = portText === undefined ? DEFAULT_PORTS.get(scheme ?? "") : Number(portText);
    if (port === undefined || port < 1 || port > 65_535) continue;
    // Whoever names the port of HTTPS without a scheme means HTTPS.
    found.push({ host, port, scheme: scheme ?? (port === 443 ? "https" : undefined), ...where });
  }
}
