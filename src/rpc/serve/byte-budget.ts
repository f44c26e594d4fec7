/** Bytes that many clients share. */
export class ByteBudget {
  #free: number;

  constructor(bytes: number) {
    this.#free = bytes;
  }

  /** One user of the budget, who gives back all at once. */
  open(): ByteShare {
    let taken = 0;
    return {
      take: (bytes) => {
        if (bytes > this.#free) return false;
        this.#free -= bytes;
        taken += bytes;
        return true;
      },
      release: () => {
        this.#free += taken;
        taken = 0;
      },
    };
  }
}

/** What one user has of a budget. */
export interface ByteShare {
  /** @returns whether there was enough left */
  take(bytes: number): boolean;
  release(): void;
}
