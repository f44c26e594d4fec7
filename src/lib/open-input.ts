import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { ContrastError } from "./errors.ts";
import { isNamedPipe } from "./file-facts.ts";

/** A file, device or pipe that is read once, from its start. */
export interface OpenInput {
  /** Fills a part of the buffer and tells how many bytes; 0 at the end. */
  read(buffer: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

/** A shell opens a pipe before it starts the program that fills it, so a writer that exists is there soon. */
const WRITER_TIMEOUT_MS = 3000;
const WRITER_PAUSE_MS = 20;
const DATA_PAUSE_MS = 1;

/**
 * Opens what a user named. Opening a named pipe would wait for ever where nobody writes to it, so its first writer has
 * a limited time; one that has come may take as long as it needs. Pipes that a shell makes for its process substitution
 * have no name, and their writers are there already.
 *
 * @param what named in messages, such as `manifest`
 * @throws ContrastError `lib/file-unreadable` while reading a named pipe without writer; the system's own errors
 */
export async function openInput(
  path: string,
  what: string,
  writerTimeoutMs: number = WRITER_TIMEOUT_MS,
): Promise<OpenInput> {
  if (await isNamedPipe(path)) return await openNamedPipe(path, what, writerTimeoutMs);
  const handle = await open(path);
  return {
    read: async (buffer) => (await handle.read(buffer, 0, buffer.length)).bytesRead,
    close: () => handle.close(),
  };
}

async function openNamedPipe(path: string, what: string, writerTimeoutMs: number): Promise<OpenInput> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const deadline = performance.now() + writerTimeoutMs;
  let hasWriter = false;
  return {
    read: async (buffer) => {
      for (;;) {
        const bytesRead = await handle.read(buffer, 0, buffer.length).then(
          (result) => result.bytesRead,
          (error: unknown) => {
            if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
            return undefined;
          },
        );
        // Without a writer a pipe gives its end, with one that is busy it gives an error.
        if (bytesRead !== 0) hasWriter = true;
        if (bytesRead !== undefined && hasWriter) return bytesRead;
        if (!hasWriter && performance.now() >= deadline) throw unwritten(path, what, writerTimeoutMs);
        await pause(hasWriter ? DATA_PAUSE_MS : WRITER_PAUSE_MS);
      }
    },
    close: () => handle.close(),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function unwritten(path: string, what: string, timeoutMs: number): ContrastError {
  const fact = `it is a named pipe that nobody has opened for writing within ${timeoutMs / 1000} s`;
  return new ContrastError("lib/file-unreadable", `Cannot read ${what} "${path}": ${fact}`, {
    hint: "Start the program that writes to it first; if there is none, move the pipe away and find out who made it.",
    details: { path },
  });
}
