import { ContrastError } from "../lib/errors.ts";

/** Signals while a command runs. */
export interface SignalWatch {
  /** Aborted by the first signal, with a ContrastError `lib/interrupted` as its reason. */
  readonly signal: AbortSignal;
  /** Restores the default behaviour. */
  stop(): void;
}

/**
 * The first Ctrl-C (or SIGTERM) asks the command to stop and tells so; the second one ends the program at once.
 *
 * @param tell receives the sentence, with a carriage return in front that hides the `^C` of the terminal
 */
export function watchSignals(tell: (text: string) => void): SignalWatch {
  const controller = new AbortController();
  const listeners = (["SIGINT", "SIGTERM"] as const).map((name) => {
    const listener = (): void => {
      if (controller.signal.aborted) {
        stop();
        // With no listener left, the signal does what it does by default.
        process.kill(process.pid, name);
        return;
      }
      tell(`\rCaught ${name}, stopping. Send it again (Ctrl-C) to end the program at once.\n`);
      controller.abort(new ContrastError("lib/interrupted", "interrupted"));
    };
    process.on(name, listener);
    return { name, listener };
  });
  const stop = (): void => {
    for (const { name, listener } of listeners) process.off(name, listener);
  };
  return { signal: controller.signal, stop };
}
