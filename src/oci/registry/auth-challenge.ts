import { ContrastError } from "../../lib/errors.ts";

/** One way of authenticating that a server offers: scheme and parameter names in lower case. */
export interface AuthChallenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const MAX_HEADER_LENGTH = 8192;
const SEPARATORS = /[\s,]*/y;
const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const SPACES = /[ \t]*/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;
/** The short form of a challenge's data, as `Negotiate YII=`. */
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*[ \t]*(?=,|$)/y;

/**
 * Parses the `WWW-Authenticate` header, which may offer several schemes.
 *
 * @throws ContrastError `oci/registry-answer-invalid` unless the whole header follows the grammar
 * @see RFC 9110, section 11.6.1
 */
export function parseAuthChallenges(header: string): readonly AuthChallenge[] {
  const refuse = (): never => {
    throw new ContrastError(
      "oci/registry-answer-invalid",
      "Cannot log in: the registry's WWW-Authenticate is malformed",
    );
  };
  if (header.length > MAX_HEADER_LENGTH) refuse();
  const challenges: { readonly scheme: string; readonly parameters: Map<string, string> }[] = [];
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = position;
    const match = pattern.exec(header);
    if (match === null) return undefined;
    position = pattern.lastIndex;
    return match;
  };
  take(SEPARATORS);
  while (position < header.length) {
    const name = take(TOKEN)?.[0].toLowerCase() ?? refuse();
    const current = challenges.at(-1);
    if (current !== undefined && take(EQUALS) !== undefined) {
      const value = take(QUOTED)?.[1]?.replaceAll(/\\(.)/gs, "$1") ?? take(TOKEN)?.[0] ?? refuse();
      // A parameter that is given twice could be read differently by others.
      if (current.parameters.has(name)) refuse();
      current.parameters.set(name, value);
      take(SPACES);
      if (position < header.length && header[position] !== ",") refuse();
    } else {
      challenges.push({ scheme: name, parameters: new Map() });
      const start = position;
      take(SPACES);
      if (position > start) take(TOKEN68);
      else if (position < header.length && header[position] !== ",") refuse();
    }
    take(SEPARATORS);
  }
  return challenges;
}
