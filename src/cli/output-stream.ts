/** One of the two standard streams, written without `process.stdout` (loading it costs more than the whole start). */
export interface OutputStream {
  /** Hands the bytes to the system as soon as it takes them; order is kept, nothing is lost at the end of the program. */
  write(chunk: string | Uint8Array): void;
  /** Whether anything was written. */
  readonly used: boolean;
  /**
   * Waits until everything is written.
   *
   * @returns the first failure, except that the reader went away (`EPIPE`), which is the reader's right
   */
  finish(): Promise<unknown>;
}

/** Opens standard output (1) or standard error (2). */
export function openOutputStream(descriptor: 1 | 2): OutputStream {
  let sink: Bun.FileSink | undefined;
  let failure: { readonly error: unknown } | undefined;
  let used = false;
  const attempt = (action: () => unknown): Promise<void> | undefined => {
    const failed = (error: unknown): void => {
      failure ??= { error };
    };
    try {
      const result = action();
      if (!(result instanceof Promise)) return undefined;
      return result.then(() => {}, failed);
    } catch (error) {
      failed(error);
      return undefined;
    }
  };
  return {
    write(chunk) {
      used = true;
      if (failure !== undefined) return;
      const target = (sink ??= (descriptor === 1 ? Bun.stdout : Bun.stderr).writer());
      void attempt(() => target.write(chunk));
      void attempt(() => target.flush());
    },
    get used() {
      return used;
    },
    async finish() {
      await attempt(() => sink?.flush());
      return failure === undefined || isBrokenPipe(failure.error) ? undefined : failure.error;
    },
  };
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}
