/** Lines of a policy text that hold something to evaluate, counted from 1, ascending. */
export interface CoveredLines {
  /** Evaluated at least once. */
  readonly covered: readonly number[];
  readonly notCovered: readonly number[];
}

/** What several policies with the same rules covered together. */
export function joinCoveredLines(parts: readonly CoveredLines[]): CoveredLines {
  const covered = new Set(parts.flatMap((part) => part.covered));
  const all = new Set(parts.flatMap((part) => [...part.covered, ...part.notCovered]));
  const sorted = [...all].toSorted((a, b) => a - b);
  return {
    covered: sorted.filter((line) => covered.has(line)),
    notCovered: sorted.filter((line) => !covered.has(line)),
  };
}
