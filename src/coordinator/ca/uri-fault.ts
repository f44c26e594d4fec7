import { parseIpAddress } from "../../lib/ip-address.ts";
import { domainFault } from "./domain-fault.ts";

const MAX_URI_CHARACTERS = 2048;
/** Behind the scheme: the authority if there is one, then everything else. */
const PARTS = /^[^:]*:(?:\/\/([^/?#]*))?(.*)$/;
/** Host, then port; IPv6 addresses stand in brackets. */
const AUTHORITY = /^(\[[^[\]]*\]|[A-Za-z0-9._~!$&'()*+,;=-]*)(?::[0-9]{1,5})?$/;
/** Characters and escapes of path and query, and a fragment with the same ones. */
const REST =
  /^(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*(?:#(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})+)?$/;

/**
 * What is wrong with a URI. User information and escapes in the host are refused too, because no identity needs them and
 * readers differ about them.
 *
 * @param uri starts with a scheme
 * @returns undefined for one that every reader takes
 * @see RFC 3986 section 3
 */
export function uriFault(uri: string): string | undefined {
  if (uri.length > MAX_URI_CHARACTERS) return `got ${uri.length} characters, want at most ${MAX_URI_CHARACTERS}`;
  const [, authority = "", rest = ""] = PARTS.exec(uri) ?? [];
  const host = AUTHORITY.exec(authority)?.[1];
  if (host === undefined) return "its authority is no host with or without port";
  if (!REST.test(rest)) return "its path, query or fragment is malformed";
  if (host === "") return undefined;
  if (!host.startsWith("[")) return domainFault(host);
  const isIpv6 = host.includes(":") && parseIpAddress(host.slice(1, -1)) !== undefined;
  return isIpv6 ? undefined : "the brackets hold no IPv6 address";
}
