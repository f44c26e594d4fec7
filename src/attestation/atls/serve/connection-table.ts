import { ContrastError } from "../../../lib/errors.ts";
import type { AtlsLimits } from "./serve-options.ts";

/** One open connection of a server. */
export interface TableEntry {
  /** Says whether nothing happens until the client does something; such a connection may have to make room. */
  readonly setWaiting: (isWaiting: boolean) => void;
  /** The handshake is done; the connection counts on. */
  finishHandshake(): void;
  /** The connection is closed. */
  remove(): void;
}

type TableLimits = Omit<AtlsLimits, "handshakeTimeoutMs" | "issuing">;

interface Connection {
  readonly address: string;
  readonly evict: () => void;
  isHandshake: boolean;
  /** Undefined where it does not wait for the client. */
  waitingSinceMs: number | undefined;
}

/**
 * Counts the connections of a server. Where there are too many, or too many handshakes, the one that has waited longest
 * for its client makes room: clients that connect and stay silent cannot keep others out.
 */
export class ConnectionTable {
  readonly #limits: TableLimits;
  readonly #clockMs: () => number;
  readonly #connections = new AddressCount();
  readonly #handshakes = new AddressCount();
  /** In the order in which they began to wait, or were added. */
  readonly #open = new Set<Connection>();

  /** @param clockMs a clock that only goes forward */
  constructor(limits: TableLimits, clockMs: () => number) {
    this.#limits = limits;
    this.#clockMs = clockMs;
  }

  /** Open connections. */
  get size(): number {
    return this.#connections.total;
  }

  /**
   * Adds a connection, whose client is waited for.
   *
   * @param evict ends the connection, which removes it
   * @throws ContrastError `atls/too-many-connections`
   */
  add(address: string, evict: () => void): TableEntry {
    const { connections, connectionsPerAddress, handshakes, handshakesPerAddress } = this.#limits;
    const isFull = (count: number, limit: number, isInWay: (other: Connection) => boolean): boolean =>
      count >= limit && !this.#makeRoom(isInWay);
    const isOfAddress = (other: Connection): boolean => other.address === address;
    if (isFull(this.#connections.of(address), connectionsPerAddress, isOfAddress)) {
      throw tooMany(connectionsPerAddress, "of its address");
    }
    if (isFull(this.#connections.total, connections, () => true)) throw tooMany(connections, "in all");
    const isHandshakeOfAddress = (other: Connection): boolean => other.isHandshake && isOfAddress(other);
    if (isFull(this.#handshakes.of(address), handshakesPerAddress, isHandshakeOfAddress)) {
      throw tooMany(handshakesPerAddress, "of its address without finished handshake");
    }
    if (isFull(this.#handshakes.total, handshakes, ({ isHandshake }) => isHandshake)) {
      throw tooMany(handshakes, "without finished handshake");
    }
    const connection: Connection = { address, evict, isHandshake: true, waitingSinceMs: this.#clockMs() };
    this.#connections.add(address);
    this.#handshakes.add(address);
    this.#open.add(connection);
    return {
      setWaiting: (isWaiting) => {
        if (!this.#open.delete(connection)) return;
        connection.waitingSinceMs = isWaiting ? this.#clockMs() : undefined;
        this.#open.add(connection);
      },
      finishHandshake: () => this.#finishHandshake(connection),
      remove: () => this.#remove(connection),
    };
  }

  #finishHandshake(connection: Connection): void {
    if (connection.isHandshake) this.#handshakes.subtract(connection.address);
    connection.isHandshake = false;
  }

  #remove(connection: Connection): void {
    this.#finishHandshake(connection);
    if (this.#open.delete(connection)) this.#connections.subtract(connection.address);
  }

  /** @returns whether a connection was ended */
  #makeRoom(isInWay: (connection: Connection) => boolean): boolean {
    const latestMs = this.#clockMs() - this.#limits.patienceMs;
    for (const connection of this.#open) {
      const { waitingSinceMs } = connection;
      if (waitingSinceMs === undefined || !isInWay(connection)) continue;
      // Those behind it have waited less.
      if (waitingSinceMs > latestMs) return false;
      this.#remove(connection);
      connection.evict();
      return true;
    }
    return false;
  }
}

class AddressCount {
  readonly #counts = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  of(address: string): number {
    return this.#counts.get(address) ?? 0;
  }

  add(address: string): void {
    this.#counts.set(address, this.of(address) + 1);
    this.#total++;
  }

  subtract(address: string): void {
    const count = this.of(address) - 1;
    if (count > 0) this.#counts.set(address, count);
    else this.#counts.delete(address);
    this.#total--;
  }
}

function tooMany(limit: number, which: string): ContrastError {
  return new ContrastError("atls/too-many-connections", `Cannot take the connection: there are ${limit} ${which}`, {
    details: { limit },
  });
}
