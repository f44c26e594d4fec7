/**
 * Runs a task for every item, at most `limit` at a time, and keeps the order of the results.
 * The first failure stops new tasks from starting and is thrown after the running ones have ended.
 *
 * @param limit at least 1
 */
export async function mapPool<Item, Result>(
  items: readonly Item[],
  limit: number,
  task: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = Array.from({ length: items.length });
  const entries = items.entries();
  let failure: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    for (const [index, item] of entries) {
      if (failure !== undefined) return;
      try {
        results[index] = await task(item, index);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(limit, items.length)) }, worker));
  if (failure !== undefined) throw failure.error;
  return results;
}

/**
 * Yields the result of a task for every item, in order. Up to `window` tasks run ahead of the consumer, so that slow
 * ones wait side by side while only few results are held.
 *
 * @param window at least 1
 */
export async function* mapAhead<Item, Result>(
  items: readonly Item[],
  window: number,
  task: (item: Item, index: number) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  for (let index = 0; index < items.length || running.length > 0;) {
    while (index < items.length && running.length < window) {
      const item = items[index];
      if (item === undefined) break;
      const result = task(item, index);
      // A failure is thrown when its turn comes; until then it must not count as unhandled.
      result.catch(() => {});
      running.push(result);
      index++;
    }
    const next = running.shift();
    if (next === undefined) return;
    yield await next;
  }
}
