/** A program that runs, and what it has written to standard error so far. */
export interface FollowedProcess {
  readonly child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  /** Everything on standard error; complete once the program has ended. */
  readonly said: () => string;
  /** Waits for a text on standard error; rejects with all of it where the program ends before. @returns what fits it */
  readonly hasSaid: (wanted: string | RegExp) => Promise<RegExpMatchArray>;
  /** Waits for its end. @returns its status */
  readonly ended: () => Promise<number>;
  /** Ends it. @returns its status */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number>;
}

/** Reads along what a program says. */
export function followed(child: FollowedProcess["child"]): FollowedProcess {
  let text = "";
  let hasEnded = false;
  let news = Promise.withResolvers<void>();
  const read = async (): Promise<void> => {
    for await (const chunk of child.stderr) {
      text += Buffer.from(chunk).toString();
      news.resolve();
      news = Promise.withResolvers();
    }
    hasEnded = true;
    news.resolve();
  };
  const reading = read();
  const ended = async (): Promise<number> => {
    await reading;
    return await child.exited;
  };
  return {
    child,
    said: () => text,
    hasSaid: async (wanted) => {
      const pattern = typeof wanted === "string" ? new RegExp(RegExp.escape(wanted)) : wanted;
      for (;;) {
        const found = text.match(pattern);
        if (found !== null) return found;
        if (hasEnded) throw new Error(`ended with ${child.exitCode} before ${pattern}: ${text}`);
        await news.promise;
      }
    },
    ended,
    stop: async (signal = "SIGTERM") => {
      child.kill(signal);
      return await ended();
    },
  };
}
