import { parseIpAddress } from "../../lib/ip-address.ts";
import { domainFault } from "./domain-fault.ts";

const MAX_URI_CHARACTERS = 2048;

/** Scheme, host and port if there are any, everything else; characters and escapes are those of RFC 3986. */
const URI =
  /^[A-Za-z][A-Za-z0-9+.-]*:(?:\/\/(?:(\[[^\]]*\]|[A-Za-z0-9._~!$&'()*+,;=-]*)(?::[0-9]{1,5})?)(?=[/?#]|$))?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*(?:#(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?$/;

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
  const match = URI.exec(uri);
  if (match === null) return "it starts as a URI does, but is malformed or has user information";
  const [, host = ""] = match;
  if (host === "") return undefined;
  if (!host.startsWith("[")) return domainFault(host);
  const isIpv6 = host.includes(":") && parseIpAddress(host.slice(1, -1)) !== undefined;
  return isIpv6 ? undefined : "the brackets hold no IPv6 address";
}
