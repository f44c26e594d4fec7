import { INGRESS_ANNOTATION, PROXY_PORTS } from "./annotation-keys.ts";
import { splitEntries } from "./entry-list.ts";
import { entryReport, parseGoBoolean, parsePort, refuseSpace } from "./field-rules.ts";
import type { Report } from "./finding.ts";

/** How connections to one port of the workload are treated. */
export interface IngressEntry {
  /** For people only. */
  readonly name: string;
  readonly port: number;
  /** True: the connection reaches the application untouched. False: TLS without a client certificate. */
  readonly disableTls: boolean;
}

/**
 * Reads the ingress annotation by the strict rules: everything that the original would cut, ignore or fail on later is
 * reported here.
 *
 * @see edgelesssys/contrast `service-mesh/config.go`
 */
export function parseIngress(text: string, report: Report): readonly IngressEntry[] {
  const entries: IngressEntry[] = [];
  const byPort = new Map<number, { readonly number: number; readonly disableTls: boolean }>();
  for (const { number, fields } of splitEntries(text, INGRESS_ANNOTATION, report)) {
    const [name, portText, disableTlsText] = fields;
    const say = entryReport(report, INGRESS_ANNOTATION, number);
    const nameHasSpace = refuseSpace(name, "name", say);
    const port = parsePort(portText, "listen port", say);
    const disableTls = parseGoBoolean(disableTlsText, "disable TLS", say);
    if (name === "") say.warn("servicemesh/name-empty", "the entry has no name");
    if (port === undefined || disableTls === undefined || nameHasSpace) continue;
    if (PROXY_PORTS.includes(port)) {
      const fact = disableTls ? "an exemption would bypass the client certificate" : "such traffic is dropped";
      say.error("servicemesh/port-reserved", `port ${port} is the proxy's own: ${fact}`);
      continue;
    }
    const earlier = byPort.get(port);
    if (earlier === undefined) byPort.set(port, { number, disableTls });
    else if (earlier.disableTls === disableTls) {
      say.warn("servicemesh/port-twice", `port ${port} stands in entry ${earlier.number} already`);
    } else {
      const message = `port ${port} is treated differently in entry ${earlier.number}, which would win`;
      say.error("servicemesh/port-conflict", message);
    }
    entries.push({ name, port, disableTls });
  }
  return entries;
}
