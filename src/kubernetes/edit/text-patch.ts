/** Replaces a range of a text; an empty range inserts. */
export interface TextPatch {
  readonly start: number;
  readonly end: number;
  readonly pieces: readonly string[];
}

/** A text after patches. */
export interface PatchedText {
  readonly pieces: readonly string[];
  /** The patches in the order in which they were applied. */
  readonly patches: readonly TextPatch[];
}

/**
 * Applies patches to a range of a text.
 *
 * @param patches in any order; insertions at one place keep their order and come before what is replaced there
 * @returns the new text, or undefined when patches overlap
 */
export function applyPatches(
  text: string,
  start: number,
  end: number,
  patches: readonly TextPatch[],
): PatchedText | undefined {
  const isInsertion = (patch: TextPatch): number => (patch.start === patch.end ? 0 : 1);
  const ordered = patches.toSorted((left, right) => left.start - right.start || isInsertion(left) - isInsertion(right));
  const pieces: string[] = [];
  let offset = start;
  for (const patch of ordered) {
    if (patch.start < offset || patch.end > end) return undefined;
    pieces.push(text.slice(offset, patch.start), ...patch.pieces);
    offset = patch.end;
  }
  pieces.push(text.slice(offset, end));
  return { pieces, patches: ordered };
}
