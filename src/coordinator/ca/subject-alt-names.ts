import { ContrastError } from "../../lib/errors.ts";
import { parseIpAddress } from "../../lib/ip-address.ts";
import type { GeneralName } from "../../pki/x509/encode-extensions.ts";
import { domainFault } from "./domain-fault.ts";
import { uriFault } from "./uri-fault.ts";

/** Who a workload is, as the manifest says it. */
export interface WorkloadNames {
  /** The first DNS name; the first name of any kind where there is none. */
  readonly commonName: string;
  /** DNS names, then IP addresses, then URIs; those of one kind in the order of the manifest. */
  readonly names: readonly GeneralName[];
}

/** What starts with this is a URI, unless it is an IP address. */
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
/** With the claims and the intermediate certificate, less than what TLS stacks take as a chain. */
const MAX_TOTAL_CHARACTERS = 16 * 1024;
const ORDER = ["dns", "ip", "uri"] as const satisfies readonly GeneralName["type"][];

/**
 * Reads the `SANs` of a manifest entry for a certificate.
 *
 * - IPv4 or IPv6 address: IP address
 * - something with a scheme: URI, as in versions after 1.4, which had it as a DNS name
 * - everything else, wildcards included: DNS name, as it is written
 *
 * A certificate with a malformed name cannot be read at all by peers in Go, so that such names are refused here.
 *
 * @throws ContrastError `coordinator/san-invalid` also where there is none
 * @see edgelesssys/contrast `internal/ca`
 */
export function workloadNames(sans: readonly string[]): WorkloadNames {
  const total = sans.reduce((sum, san) => sum + san.length, 0);
  if (total > MAX_TOTAL_CHARACTERS) {
    throw invalid("as SANs says", `got ${total} characters, want at most ${MAX_TOTAL_CHARACTERS}`);
  }
  const names = sans.map(parseSan);
  const first = names.findIndex(({ type }) => type === "dns");
  const commonName = sans[Math.max(first, 0)];
  if (commonName === undefined) throw invalid("as SANs says", "the list is empty, and a certificate needs a name");
  return { commonName, names: ORDER.flatMap((type) => names.filter((name) => name.type === type)) };
}

/**
 * Reads one entry of `SANs`.
 *
 * @throws ContrastError `coordinator/san-invalid`
 */
export function parseSan(san: string): GeneralName {
  const address = parseIpAddress(san);
  if (address !== undefined) return { type: "ip", address };
  if (!VISIBLE_ASCII.test(san)) throw invalid(JSON.stringify(san), "want visible characters of ASCII, at least one");
  const scheme = SCHEME.exec(san)?.[0];
  const fault = scheme === undefined ? domainFault(san) : uriFault(san);
  if (fault !== undefined) throw invalid(JSON.stringify(san), fault);
  if (scheme === undefined) return { type: "dns", name: san };
  return { type: "uri", uri: `${scheme.toLowerCase()}${san.slice(scheme.length)}` };
}

function invalid(what: string, fault: string): ContrastError {
  return new ContrastError("coordinator/san-invalid", `Cannot name a workload ${what}: ${fault}`, {
    hint: "Correct SANs of the entry in the manifest, and set it again.",
  });
}
