import { ContrastError } from "../lib/errors.ts";
import { quoteText } from "../lib/quote-text.ts";

/** Where a server listens. */
export interface ListenAddress {
  /** An address of this machine; an IPv6 address without its brackets. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

const ADDRESS = /^(?:\[(?<address>[0-9A-Fa-f:.%a-z]+)\]|(?<name>[^\s:/[\]@]{0,253})):(?<port>[0-9]{1,5})$/;

/**
 * Reads `HOST:PORT`; without a host it is every IPv4 address of this machine.
 *
 * @param option named in messages, such as `--user-api-addr`
 * @throws ContrastError `coordinator/address-invalid`
 */
export function parseListenAddress(text: string, option: string): ListenAddress {
  const { address, name, port: digits } = ADDRESS.exec(text)?.groups ?? {};
  const port = Number(digits);
  if (port <= 65_535) return { host: address ?? (name || "0.0.0.0"), port };
  throw new ContrastError(
    "coordinator/address-invalid",
    `Cannot listen on ${quoteText(text)}: the value of ${option} is not of the form HOST:PORT`,
    { hint: 'Give an address of this machine and a port, such as "0.0.0.0:1313".' },
  );
}

/**
 * Reads a port on which a server can be found.
 *
 * @param option named in messages, such as `CONTRAST_METRICS_PORT`
 * @returns 1 to 65535
 * @throws ContrastError `coordinator/address-invalid`
 */
export function parsePort(text: string, option: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new ContrastError(
    "coordinator/address-invalid",
    `Cannot listen on port ${quoteText(text)}: the value of ${option} is no number from 1 to 65535`,
    { hint: 'Give a port alone, such as "9102".' },
  );
}

/**
 * Refuses addresses with the same port: on which interfaces they overlap is a matter of the system, and of 1.4 at once.
 *
 * @throws ContrastError `coordinator/address-invalid`
 */
export function checkPorts(addresses: Readonly<Record<string, ListenAddress | undefined>>): void {
  const taken = new Map<number, string>();
  for (const [name, address] of Object.entries(addresses)) {
    if (address === undefined || address.port === 0) continue;
    const other = taken.get(address.port);
    if (other !== undefined) {
      const fact = `invalid port for ${name} endpoint: port ${address.port} is that of the ${other} endpoint`;
      throw new ContrastError("coordinator/address-invalid", `Cannot start the Coordinator: ${fact}`, {
        hint: "Give each server a port of its own.",
      });
    }
    taken.set(address.port, name);
  }
}
