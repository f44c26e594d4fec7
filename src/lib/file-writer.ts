import type { FileContent } from "./files.ts";

/** A file that a command is going to write. */
export interface PlannedFile {
  readonly path: string;
  readonly content: FileContent;
  /** Permission bits of a new file, before umask; 0666 when absent. */
  readonly mode?: number | undefined;
  /** What to do with a file that exists already: replace it (default), leave it as it is, or write nothing at all. */
  readonly ifExists?: "replace" | "keep" | "fail" | undefined;
  /** Leave a file alone that has this content already. */
  readonly ifChanged?: boolean | undefined;
}

/** Takes the files of a command before they become visible: `Transaction` on disk, or `DryRun`, which only compares. */
export interface FileWriter {
  /** Paths of the files that would become visible, in order. */
  readonly paths: readonly string[];
  stage(file: PlannedFile): Promise<void>;
  /** Takes the last staged file back. */
  unstage(): Promise<void>;
  /** Makes a directory with its parents, for files that are staged next. */
  makeDirectory(path: string): Promise<void>;
}
