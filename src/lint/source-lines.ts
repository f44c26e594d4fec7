import type { InputFile } from "../kubernetes/input-set.ts";

/** The lines of files, which are taken apart only where somebody asks for one. */
export class SourceLines {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #lines = new Map<string, readonly string[]>();

  constructor(files: readonly InputFile[]) {
    this.#texts = new Map(files.map(({ stream }) => [stream.file, stream.text]));
  }

  /** @param number from 1 */
  line(file: string, number: number): string | undefined {
    const lines = this.#lines.get(file) ?? this.#texts.get(file)?.split("\n") ?? [];
    this.#lines.set(file, lines);
    return lines[number - 1];
  }
}
