const MAX_MS = 24 * 60 * 60 * 1000;
const HTTP_DATE = /^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$/;

/**
 * How long a service asks to wait: a number of seconds, or a date.
 *
 * @param header value of Retry-After
 * @returns milliseconds, at most a day; undefined where the header is missing or malformed
 * @see RFC 9110, section 10.2.3
 */
export function parseRetryAfter(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  if (/^[0-9]{1,9}$/.test(header)) return Math.min(Number(header) * 1000, MAX_MS);
  const time = HTTP_DATE.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.min(Math.max(time - now.getTime(), 0), MAX_MS);
}
