/** RFC 3339 in UTC, without fractions that are zero. */
export function renderTime(time: Date): string {
  return time.toISOString().replace(".000Z", "Z");
}
