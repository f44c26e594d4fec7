import { exists, readText } from "../../lib/files.ts";

/** What the kernel says about IPv6 in this network namespace. */
export interface PodIpv6 {
  /** False where the kernel was started or built without IPv6: then nothing can arrive. */
  readonly isThere: boolean;
  /** Addresses that others may reach, in 32 hex digits. */
  readonly reachable: readonly string[];
}

const INTERFACE_ADDRESSES = "/proc/net/if_inet6";
/** Scopes of loopback and link; all others reach further. */
const NEAR_SCOPES: ReadonlySet<string> = new Set(["10", "20"]);

/**
 * Asks the kernel. Lines have the form `fd00…01 02 40 00 80 eth0`: address, index, prefix length, scope, flags, name, in
 * hex but for the name.
 *
 * @param file the kernel's table
 * @throws ContrastError `lib/file-unreadable`, `lib/text-not-utf8`
 * @see linux `net/ipv6/addrconf.c`, if6_seq_show
 */
export async function readPodIpv6(file = INTERFACE_ADDRESSES): Promise<PodIpv6> {
  if (!(await exists(file))) return { isThere: false, reachable: [] };
  const lines = (await readText(file, "addresses of this pod", 1024 * 1024)).split("\n");
  const reachable = lines.flatMap((line) => {
    const [address = "", , , scope] = line.trim().split(/\s+/);
    return scope === undefined || NEAR_SCOPES.has(scope) ? [] : [address];
  });
  return { isThere: true, reachable };
}
