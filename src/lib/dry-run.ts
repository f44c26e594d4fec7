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

/** Compares what a command would write with what is there. Writes nothing and needs no permission to write. */
export class DryRun implements FileWriter {
  readonly #staged: { readonly path: string; readonly change: FileChange | undefined }[] = [];
  readonly #targets = new Set<string>();

  get paths(): readonly string[] {
    return this.#staged.map(({ path }) => path);
  }

  /** The files whose content would be another one afterwards, in order. */
  get changes(): readonly FileChange[] {
    return this.#staged.flatMap(({ change }) => change ?? []);
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
    const after = mode === SECRET_MODE ? "" : await textOf(content);
    const before = isThere
      ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(await readBytes(path, "present file"))
      : undefined;
    this.#staged.push({ path, change: before === after ? undefined : { path, before, after } });
  }

  async unstage(): Promise<void> {
    const last = this.#staged.pop();
    if (last !== undefined) this.#targets.delete(resolve(await realpath(last.path).catch(() => last.path)));
  }

  async makeDirectory(): Promise<void> {
    // Files in it show as new ones.
  }
}

async function textOf(content: FileContent): Promise<string> {
  if (typeof content === "string") return content;
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  if (content instanceof Uint8Array) return decoder.decode(content);
  const pieces: string[] = [];
  for await (const chunk of content) {
    pieces.push(typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }));
  }
  return pieces.join("") + decoder.decode();
}
