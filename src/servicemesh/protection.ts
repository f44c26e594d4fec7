import { IPV6_ANNOTATION, UDP_ANNOTATION } from "./annotation-keys.ts";
import { entryReport } from "./field-rules.ts";
import type { Report } from "./finding.ts";
import type { Ipv6Mode, UdpMode } from "./protection-modes.ts";
import { IPV6_MODES, UDP_MODES } from "./protection-modes.ts";
import { quoteText } from "../lib/quote-text.ts";

/** How far a sidecar protects what version 1.4 leaves alone. */
export interface Protection {
  readonly ipv6: Ipv6Mode;
  readonly udp: UdpMode;
}

/** What version 1.4 does. */
export const DEFAULT_PROTECTION: Protection = { ipv6: "ignore", udp: "ignore" };

/** The two annotations as text; undefined where one is absent. */
export interface ProtectionTexts {
  readonly ipv6: string | undefined;
  readonly udp: string | undefined;
}

/**
 * Reads the annotations about IPv6 and UDP.
 *
 * @param report receives `servicemesh/protection-invalid` for every other word; its value is then the default
 */
export function parseProtection({ ipv6, udp }: ProtectionTexts, report: Report): Protection {
  return {
    ipv6: parseMode(ipv6, IPV6_MODES, IPV6_ANNOTATION, report) ?? DEFAULT_PROTECTION.ipv6,
    udp: parseMode(udp, UDP_MODES, UDP_ANNOTATION, report) ?? DEFAULT_PROTECTION.udp,
  };
}

function parseMode<Mode extends string>(
  text: string | undefined,
  modes: readonly Mode[],
  annotation: string,
  report: Report,
): Mode | undefined {
  if (text === undefined) return undefined;
  const found = modes.find((mode) => mode === text);
  if (found !== undefined) return found;
  const message = `got ${quoteText(text)}, need one of ${modes.join(", ")}`;
  entryReport(report, annotation, undefined).error("servicemesh/protection-invalid", message);
  return undefined;
}
