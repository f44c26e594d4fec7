const MIN_WIDTH = 60;
const USUAL_WIDTH = 80;

/**
 * Characters on a line of a report: those of the terminal, or 80 where there is none. Terminals with less than 60 wrap
 * lines themselves.
 *
 * @param columns of the terminal, if there is one
 */
export function reportWidth(columns: number | undefined): number {
  return Math.max(MIN_WIDTH, columns ?? USUAL_WIDTH);
}
