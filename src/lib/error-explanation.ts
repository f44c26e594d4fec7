/** What is known about one code beyond its meaning. */
export interface ErrorExplanation {
  /** Likely causes, the likeliest first. */
  readonly causes: readonly string[];
  /** What to do, in the order of trying. */
  readonly actions: readonly string[];
}
