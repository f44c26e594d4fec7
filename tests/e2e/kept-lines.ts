import { expect } from "bun:test";

/**
 * Checks that every line of a text is still there in the same order, except those that had to change.
 *
 * @param changed those lines, without spaces around them
 */
export function expectLinesKept(before: string, after: string, changed: readonly string[]): void {
  const kept = before.split("\n").filter((line) => !changed.includes(line.trim()));
  const lines = after.split("\n");
  let position = 0;
  const lost = kept.filter((line) => {
    const found = lines.indexOf(line, position);
    if (found >= 0) position = found + 1;
    return found < 0;
  });
  expect(lost).toEqual([]);
}
