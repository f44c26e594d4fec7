const DAY_MS = 86_400_000;

/** Documents are dated back, for clocks that are slow. */
const BACKDATED_DAYS = 1;
/** What Intel gives most of its documents. */
const LIFETIME_DAYS = 30;
/** When half of a document's life is over, counted from when it was made. */
const HALF_LIFE_MS = (LIFETIME_DAYS / 2 - BACKDATED_DAYS) * DAY_MS;

/** When documents that are made now are valid. */
export interface DocumentDates {
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
}

/** The dates of documents that are made at a time. */
export function documentDates(now: Date, lifetimeDays = LIFETIME_DAYS): DocumentDates {
  const thisUpdate = daysAfter(now, -BACKDATED_DAYS);
  return { thisUpdate, nextUpdate: daysAfter(thisUpdate, lifetimeDays) };
}

/** A time some days later, or earlier where the number is below 0. */
export function daysAfter(time: Date, days: number): Date {
  return new Date(time.getTime() + days * DAY_MS);
}

/**
 * Keeps something whose dates are those of `documentDates` and makes it anew when half of its life is over, or when the
 * clock was set back to before it is valid.
 *
 * @param make it for a time
 */
export function createFreshValue<T>(make: (now: Date) => T, now: () => Date): () => T {
  let kept: { readonly madeAt: Date; readonly value: T } | undefined;
  return () => {
    const at = now();
    if (kept === undefined || !isFresh(at.getTime() - kept.madeAt.getTime())) kept = { madeAt: at, value: make(at) };
    return kept.value;
  };
}

function isFresh(ageMs: number): boolean {
  return -BACKDATED_DAYS * DAY_MS < ageMs && ageMs <= HALF_LIFE_MS;
}
