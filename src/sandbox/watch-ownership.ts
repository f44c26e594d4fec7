const WATCH_MS = 2000;

/**
 * Looks from time to time whether something is still ours, and calls `onLost` once when two looks in a row say that it
 * is not: another process may have it for a moment.
 *
 * @returns ends the watch
 */
export function watchOwnership(
  isOurs: () => Promise<boolean>,
  onLost: () => void,
  watchMs: number = WATCH_MS,
): () => void {
  let isMissed = false;
  const look = async (): Promise<void> => {
    const isThere = await isOurs();
    if (!isThere && isMissed) {
      clearInterval(timer);
      onLost();
    }
    isMissed = !isThere;
  };
  const timer = setInterval(() => void look(), watchMs);
  timer.unref();
  return () => clearInterval(timer);
}
