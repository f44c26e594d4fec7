/**
 * Lets callers share runs of a task that reads something anew. Nobody gets the result of a run that had begun before they
 * asked: whoever asks during a run waits for the next one, together with all others who do.
 */
export function sharedRun<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const start = async (): Promise<T> => {
    next = undefined;
    const own = run();
    running = own;
    try {
      return await own;
    } finally {
      if (running === own) running = undefined;
    }
  };
  return () => {
    if (next !== undefined) return next;
    if (running === undefined) return start();
    next = running.then(start, start);
    return next;
  };
}
