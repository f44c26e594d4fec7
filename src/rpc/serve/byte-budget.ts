/** How a budget is shared. */
export interface ByteBudgetOptions {
  readonly bytes: number;
  /** Who waits for its client for so long makes room for others where there is none left. */
  readonly patienceMs: number;
  readonly clockMs: () => number;
}

/** Bytes that many clients share. */
export class ByteBudget {
  readonly #options: ByteBudgetOptions;
  /** Those that have bytes and wait for their clients, longest first. */
  readonly #waiting = new Set<Share>();
  #free: number;

  constructor(options: ByteBudgetOptions) {
    this.#options = options;
    this.#free = options.bytes;
  }

  /**
   * One user of the budget, who gives back all at once; it waits for its client at first.
   *
   * @param onEvicted called when it has lost what it had, and must end
   */
  open(onEvicted: () => void): ByteShare {
    const share: Share = { bytes: 0, sinceMs: 0, isWaiting: true, isOpen: true, evict: onEvicted };
    return {
      take: (bytes) => this.#take(bytes, share),
      setWaiting: (isWaiting) => {
        share.isWaiting = isWaiting;
        this.#waiting.delete(share);
        this.#line(share);
      },
      release: () => this.#release(share),
    };
  }

  #take(bytes: number, share: Share): boolean {
    // Who is gone would never give back.
    if (!share.isOpen) return false;
    if (bytes > this.#free && !this.#makeRoom(bytes, share)) return false;
    this.#free -= bytes;
    share.bytes += bytes;
    this.#line(share);
    return true;
  }

  /** Adds who begins to wait to the end of the line. */
  #line(share: Share): void {
    if (!share.isOpen || !share.isWaiting || share.bytes === 0 || this.#waiting.has(share)) return;
    share.sinceMs = this.#options.clockMs();
    this.#waiting.add(share);
  }

  /** Ends nobody where all that could be ended would not be enough. */
  #makeRoom(bytes: number, forShare: Share): boolean {
    const { clockMs, patienceMs } = this.#options;
    const latestMs = clockMs() - patienceMs;
    const ended: Share[] = [];
    let free = this.#free;
    for (const share of this.#waiting) {
      if (free >= bytes || share.sinceMs > latestMs) break;
      if (share === forShare) continue;
      ended.push(share);
      free += share.bytes;
    }
    if (free < bytes) return false;
    for (const share of ended) {
      this.#release(share);
      share.evict();
    }
    return true;
  }

  #release(share: Share): void {
    this.#free += share.bytes;
    share.bytes = 0;
    share.isOpen = false;
    this.#waiting.delete(share);
  }
}

/** What one user has of a budget. */
export interface ByteShare {
  /** @returns whether there was enough left, or could be made; never after `release` */
  take(bytes: number): boolean;
  /** Says whether it waits for its client, from now on. */
  setWaiting(isWaiting: boolean): void;
  release(): void;
}

interface Share {
  bytes: number;
  /** Since when it waits with bytes. */
  sinceMs: number;
  isWaiting: boolean;
  isOpen: boolean;
  readonly evict: () => void;
}
