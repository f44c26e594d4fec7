const INSTANT =
  /^(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})(?:T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]))?$/;

/**
 * Reads a point in time as a person writes it: RFC 3339, or a date, which stands for its first moment in UTC.
 *
 * @returns undefined for anything else, days that do not exist included
 */
export function parseInstant(text: string): Date | undefined {
  const { year, month, day } = INSTANT.exec(text)?.groups ?? {};
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const start = new Date(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(start.getTime()) || start.getUTCDate() !== Number(day)) return undefined;
  return new Date(text);
}

/** Writes a point in time for people: RFC 3339 in UTC, without fractions of a second that are zero. */
export function renderInstant(instant: Date): string {
  return instant.toISOString().replace(".000Z", "Z");
}
