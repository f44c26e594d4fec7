/** Edits between two words; more than this are no slip of the finger. */
const MAX_DISTANCE = 2;

/** The names that the user may have meant, best first: few edits away, or beginning with what was typed. */
export function similarNames(typed: string, names: readonly string[]): readonly string[] {
  const word = typed.toLowerCase();
  return names
    .map((name) => ({ name, distance: editDistance(word, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= MAX_DISTANCE || (word !== "" && name.toLowerCase().startsWith(word)))
    .toSorted((a, b) => a.distance - b.distance)
    .map(({ name }) => name);
}

/** Levenshtein distance; words longer than 64 characters are compared by their beginnings. */
function editDistance(left: string, right: string): number {
  const a = left.slice(0, 64);
  const b = right.slice(0, 64);
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
