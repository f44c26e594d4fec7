import type { Place } from "../lib/problems.ts";

/** From the worst to the mildest. */
export const NOTE_LEVELS = ["error", "warning", "info"] as const;

/** How much a note matters; an `info` is worth knowing and never needs action. */
export type NoteLevel = (typeof NOTE_LEVELS)[number];

/** Something to say about one workload. */
export interface MeshNote {
  readonly level: NoteLevel;
  /** Error code, or the id of a rule of lint. */
  readonly rule: string;
  /** The fact, without the place. */
  readonly message: string;
  readonly hint: string | undefined;
  readonly place: Place;
}
