import { ContrastError } from "../../lib/errors.ts";
import { quoteText } from "../../lib/quote-text.ts";

/** Where a Coordinator listens. */
export interface Endpoint {
  /** Name or address, an IPv6 address without its brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

const ENDPOINT = /^(?:\[(?<address>[0-9A-Fa-f:.%a-z]+)\]|(?<name>[^\s:/[\]@]{1,253})):(?<port>[0-9]{1,5})$/;

/**
 * Reads `HOST:PORT`; an IPv6 address stands in brackets. There is no default port and no scheme.
 *
 * @throws ContrastError `atls/endpoint-invalid`
 */
export function parseEndpoint(text: string): Endpoint {
  const { address, name, port: digits } = ENDPOINT.exec(text)?.groups ?? {};
  const host = address ?? name;
  const port = Number(digits);
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port };
  throw new ContrastError(
    "atls/endpoint-invalid",
    `Cannot use ${quoteText(text)} as address: not of the form HOST:PORT`,
    {
      hint: 'Give the host and port of the Coordinator without scheme, such as "203.0.113.7:1313".',
    },
  );
}

/** The inverse of `parseEndpoint`. */
export function renderEndpoint({ host, port }: Endpoint): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
