import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { ContrastError } from "./errors.ts";
import type { FileWriter, PlannedFile } from "./file-writer.ts";
import { exists, type FileContent, readBytes } from "./files.ts";

/** A file that would be made or get another content. */
export interface FileChange {
  readonly path: string;
  /** Present content; undefined where the file does not exist. */
  readonly before: string | undefined;
  readonly after: string;
}

/** Files with these permissions are secret; their content is not kept. */
const SECRET_MODE = 0o600;

/**
 * Compares what a command would write with what is there. Writes nothing and needs no permission to write.
 *
 * Of each change only its description is kept, because the texts of all files together may take much memory.
 */
export class DryRun<Description> implements FileWriter {
  readonly #staged: { readonly path: string; readonly change: readonly Description[] }[] = [];
  readonly #targets = new Set<string>();
  readonly #describe: (change: FileChange) => Promise<Description>;

  constructor(describe: (change: FileChange) => Promise<Description>) {
    this.#describe = describe;
  }

  get paths(): readonly string[] {
    return this.#staged.map(({ path }) => path);
  }

  /** Descriptions of the files whose content would be another one afterwards, in order. */
  get changes(): readonly Description[] {
    return this.#staged.flatMap(({ change }) => change);
  }

  /** @throws ContrastError `lib/file-unreadable`, `lib/file-unwritable` for a file that is staged twice */
  async stage({ path, content, mode, ifExists = "replace" }: PlannedFile): Promise<void> {
    const isThere = await exists(path);
    if (ifExists === "keep" && isThere) return;
    const target = resolve(await realpath(path).catch(() => path));
    if (this.#targets.has(target)) {
      throw new ContrastError("lib/file-unwritable", `Cannot write "${path}": two results would go to this file`, {
        hint: "Name another file for one of them.",
      });
    }
    this.#targets.add(target);
    const before = isThere ? await presentText(path) : undefined;
    const after = mode === SECRET_MODE ? "" : await textOf(content, before ?? "");
    this.#staged.push({ path, change: before === after ? [] : [await this.#describe({ path, before, after })] });
  }

  async unstage(): Promise<void> {
    const last = this.#staged.pop();
    if (last !== undefined) this.#targets.delete(resolve(await realpath(last.path).catch(() => last.path)));
  }

  async makeDirectory(): Promise<void> {
    // Files in it show as new ones.
  }
}

async function presentText(path: string): Promise<string> {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await readBytes(path, "present file"));
}

/** The content as text; as long as it is equal to the text before, nothing of it is kept. */
async function textOf(content: FileContent, before: string): Promise<string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const chunks = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
  const pieces: string[] = [];
  let same = 0;
  const add = (text: string): void => {
    if (pieces.length === 0 && before.startsWith(text, same)) same += text.length;
    else pieces.push(text);
  };
  for await (const chunk of chunks) add(typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }));
  add(decoder.decode());
  return pieces.length === 0 && same === before.length ? before : [before.slice(0, same), ...pieces].join("");
}
