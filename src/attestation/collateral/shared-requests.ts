import { ContrastError } from "../../lib/errors.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import type { CollateralItem } from "../collateral-need.ts";

/** Lets at most a few requests run at once, and only one for each address, whoever asks. */
export class SharedRequests {
  readonly #semaphore: Semaphore;
  readonly #running = new Map<string, Promise<CollateralItem>>();

  /** @param limit at least 1 */
  constructor(limit: number) {
    this.#semaphore = new Semaphore(limit);
  }

  /**
   * Runs the request, or waits for the one that runs for the address already and shares what becomes of it. That its
   * owner gave up says nothing to those who wait with it.
   *
   * @throws ContrastError what the request throws
   */
  async run(url: string, request: () => Promise<CollateralItem>, signal: AbortSignal): Promise<CollateralItem> {
    for (let other = this.#running.get(url); other !== undefined; other = this.#running.get(url)) {
      try {
        return await other;
      } catch (error) {
        if (signal.aborted || !(error instanceof ContrastError) || error.code !== "lib/interrupted") throw error;
      }
    }
    const own = this.#semaphore.run(request).finally(() => this.#running.delete(url));
    this.#running.set(url, own);
    return await own;
  }
}
