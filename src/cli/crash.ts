import type { OutputFormat } from "../terminal/io.ts";
import type { Session } from "./session.ts";

/**
 * Reports errors that no command caught: thrown in a callback, or a promise that nobody waited for.
 * The state of the program is unknown then, so it ends as soon as the report is written.
 */
export function watchForCrashes(session: Session, format: OutputFormat): { stop(): void } {
  const crash = (error: unknown): void => void endWithReport(error, session, format);
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  return {
    stop() {
      process.off("uncaughtException", crash);
      process.off("unhandledRejection", crash);
    },
  };
}

async function endWithReport(error: unknown, session: Session, format: OutputFormat): Promise<never> {
  // Every command watches for crashes, but the texts about errors take longer to load than many a command runs.
  const { reportError } = await import("./report-error.ts");
  const status = await reportError(error, session, format);
  await Promise.all([session.out.finish(), session.err.finish()]);
  return process.exit(status);
}
