/** The rate of less work than this says nothing about the rest. */
const MIN_ELAPSED_MS = 2000;

/**
 * How long work will go on at the rate that it had so far, for people: `40s`, `3m05s`, `1h02m`.
 *
 * @returns undefined as long as that cannot be told
 */
export function timeLeft(elapsedMs: number, done: number, total: number | undefined): string | undefined {
  if (total === undefined || done <= 0 || done >= total || elapsedMs < MIN_ELAPSED_MS) return undefined;
  const seconds = Math.ceil((elapsedMs * (total - done)) / done / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${twoDigits(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 100 ? `${hours}h${twoDigits(minutes % 60)}m` : undefined;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
