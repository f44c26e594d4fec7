import type { OutputFormat } from "../terminal/io.ts";
import { reportError } from "./report-error.ts";
import type { Session } from "./session.ts";

/**
 * Reports errors that no command caught: thrown in a callback, or a promise that nobody waited for.
 * The state of the program is unknown then, so it ends as soon as the report is written.
 */
export function watchForCrashes(session: Session, format: OutputFormat): { stop(): void } {
  const crash = (error: unknown): void => {
    const status = reportError(error, session, format);
    void Promise.all([session.out.finish(), session.err.finish()]).then(() => process.exit(status));
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  return {
    stop() {
      process.off("uncaughtException", crash);
      process.off("unhandledRejection", crash);
    },
  };
}
