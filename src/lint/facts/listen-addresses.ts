import type { Path } from "../../kubernetes/path.ts";
import type { ValueMap } from "../../kubernetes/value.ts";
import { isValueMap } from "../../kubernetes/value.ts";
import { listAt, textAt } from "../../kubernetes/value-reader.ts";

/** An address that a container is told to listen on, as far as its words show. */
export interface ListenAddress {
  /** Inside the container. */
  readonly path: Path;
  /** As written. */
  readonly address: string;
  readonly scope: "all" | "loopback";
  readonly port?: number;
}

/** Longer words are scripts and certificates. */
const MAX_WORD = 4096;

/** Nobody connects to these, so they are always for listening. */
const EVERYWHERE = /^(?:0\.0\.0\.0|\[::\]|::|\*)(?::([0-9]{1,5}))?$/;
/** Addresses that servers take and clients take too. */
const LOOPBACK = /^(?:127\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}|localhost|\[::1\])(?::([0-9]{1,5}))?$/;
const PORT_ONLY = /^:([0-9]{1,5})$/;
/** Names of flags and variables that say what a server listens on. */
const LISTENING = /(?:^|[^a-z])(?:listen|bind)|(?:listen|bind)(?:[^a-z]|$)/i;

/**
 * Finds addresses to listen on in the command, arguments and variables of a container. Programs differ, so this finds
 * what is plain to see: `0.0.0.0` and its like anywhere, other forms behind a name such as `--listen`.
 */
export function listenAddresses(container: ValueMap): readonly ListenAddress[] {
  const found: ListenAddress[] = [];
  for (const list of ["command", "args"]) {
    let before = "";
    for (const [index, word] of listAt(container, list).entries()) {
      if (typeof word !== "string" || word.length > MAX_WORD) continue;
      for (const part of word.split(/[\s"']+/)) {
        before = look(part, before, [list, index], found);
      }
    }
  }
  for (const [index, entry] of listAt(container, "env").entries()) {
    const value = isValueMap(entry) ? textAt(entry, "value") : undefined;
    if (value === undefined || value.length > MAX_WORD || !isValueMap(entry)) continue;
    look(value, textAt(entry, "name") ?? "", ["env", index, "value"], found);
  }
  return found;
}

/** @returns the word as the name of what follows it */
function look(word: string, before: string, path: Path, found: ListenAddress[]): string {
  const equals = word.indexOf("=");
  const name = equals === -1 ? before : word.slice(0, equals);
  const address = word.slice(equals + 1).replace(/^[a-z]+:\/\//, "");
  const everywhere = EVERYWHERE.exec(address);
  const isNamed = LISTENING.test(name);
  const all =
    everywhere !== null && (address !== "*" || isNamed) ? everywhere : isNamed ? PORT_ONLY.exec(address) : null;
  const loopback = isNamed ? LOOPBACK.exec(address) : null;
  const match = all ?? loopback;
  if (match !== null) {
    const port = match[1] === undefined ? {} : { port: Number(match[1]) };
    found.push({ path, address, scope: all === null ? "loopback" : "all", ...port });
  }
  return equals === -1 ? word : "";
}
