/** Receives what a long step is doing; the terminal room draws it, tests and pipes ignore it. */
export interface Progress {
  /**
   * Announces one unit of work, such as one layer.
   *
   * @param label what is being done, for people
   * @param totalBytes how much is expected, if known
   */
  start(label: string, totalBytes?: number): ProgressItem;
}

/** One unit of work under way. */
export interface ProgressItem {
  /** More bytes were handled since the last call. */
  advance(bytes: number): void;
  /** The unit is finished, successfully or not. */
  end(): void;
}
