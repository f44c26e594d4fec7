import { prefixesOf } from "../archive-path.ts";

/** Paths inside an image: no leading slash, no empty or dot parts; the root is the empty text. */
export interface WatchedPaths {
  /** Files whose content is wanted. */
  readonly files: ReadonlySet<string>;
  /** The files and all directories above them, the root included. */
  readonly all: ReadonlySet<string>;
}

/** Watches files and everything above them. */
export function watch(files: readonly string[]): WatchedPaths {
  const all = new Set<string>([""]);
  for (const file of files) for (const path of prefixesOf(file)) all.add(path);
  return { files: new Set(files), all };
}
