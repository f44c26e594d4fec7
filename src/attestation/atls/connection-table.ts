import { ContrastError } from "../../lib/errors.ts";
import type { AtlsLimits } from "./serve-options.ts";

/** One open connection of a server. */
export interface TableEntry {
  /** Says whether the handshake waits for the client, and so may have to make room. */
  setWaiting(isWaiting: boolean): void;
  /** The handshake is done; the connection counts on. */
  finishHandshake(): void;
  /** The connection is closed. */
  remove(): void;
}

type TableLimits = Omit<AtlsLimits, "handshakeTimeoutMs" | "issuing">;

interface Handshake {
  readonly address: string;
  readonly evict: () => void;
  /** On the clock of `performance`; undefined where it does not wait for the client. */
  waitingSinceMs: number | undefined;
}

/**
 * Counts the connections of a server. Where there are too many handshakes, the one that has waited longest for its client
 * makes room: clients that connect and stay silent cannot keep others out.
 */
export class ConnectionTable {
  readonly #limits: TableLimits;
  readonly #clockMs: () => number;
  readonly #connections = new AddressCount();
  readonly #handshakes = new AddressCount();
  /** In the order in which they began to wait, or were added. */
  readonly #pending = new Set<Handshake>();

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
    if (this.#connections.total >= connections) throw tooMany(connections, "in all");
    if (this.#connections.of(address) >= connectionsPerAddress) throw tooMany(connectionsPerAddress, "of its address");
    if (this.#handshakes.of(address) >= handshakesPerAddress && !this.#makeRoom(address)) {
      throw tooMany(handshakesPerAddress, "of its address without finished handshake");
    }
    if (this.#handshakes.total >= handshakes && !this.#makeRoom(undefined)) {
      throw tooMany(handshakes, "without finished handshake");
    }
    this.#connections.add(address);
    this.#handshakes.add(address);
    const handshake: Handshake = { address, evict, waitingSinceMs: this.#clockMs() };
    this.#pending.add(handshake);
    const finishHandshake = (): void => this.#finish(handshake);
    let isOpen = true;
    return {
      setWaiting: (isWaiting) => {
        if (!this.#pending.delete(handshake)) return;
        handshake.waitingSinceMs = isWaiting ? this.#clockMs() : undefined;
        this.#pending.add(handshake);
      },
      finishHandshake,
      remove: () => {
        finishHandshake();
        if (isOpen) this.#connections.subtract(address);
        isOpen = false;
      },
    };
  }

  #finish(handshake: Handshake): void {
    if (this.#pending.delete(handshake)) this.#handshakes.subtract(handshake.address);
  }

  /**
   * @param address the handshake must be from there; undefined for any
   * @returns whether a handshake was ended
   */
  #makeRoom(address: string | undefined): boolean {
    const latestMs = this.#clockMs() - this.#limits.patienceMs;
    for (const handshake of this.#pending) {
      const { waitingSinceMs } = handshake;
      if (waitingSinceMs === undefined || (address !== undefined && handshake.address !== address)) continue;
      // Those behind it have waited less.
      if (waitingSinceMs > latestMs) return false;
      this.#finish(handshake);
      handshake.evict();
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
