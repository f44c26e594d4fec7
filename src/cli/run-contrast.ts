import type { Program } from "../terminal/command-definition.ts";
import { askedFormat } from "./asked-format.ts";
import { dispatch } from "./dispatch.ts";
import { openOutputStream } from "./output-stream.ts";
import type { Session } from "./session.ts";
import { checkRuntime } from "./strict-runtime.ts";

/**
 * Runs the command that the words name. Never rejects and never ends the process: the exit status is set when the
 * program runs out of work, so that no output is cut off.
 *
 * Only what `--version` needs is loaded here; help, errors and commands come from modules of their own.
 */
export async function runContrast(program: Program, args: readonly string[]): Promise<void> {
  const session: Session = { program, args, out: openOutputStream(1), err: openOutputStream(2) };
  let settled = false;
  process.on("beforeExit", () => {
    if (settled) return;
    settled = true;
    session.err.write("Error: internal error: the program ran out of work before its command was finished\n");
    process.exitCode = 1;
  });
  const status = await runSession(session);
  settled = true;
  process.exitCode = status;
}

async function runSession(session: Session): Promise<number> {
  let status: number;
  try {
    checkRuntime();
    status = await dispatch(session);
  } catch (error) {
    const { reportError } = await import("./report-error.ts");
    status = await reportError(error, session, askedFormat(session.args));
  }
  const failure = await session.out.finish();
  if (failure !== undefined) {
    const { reportOutputFailure } = await import("./report-error.ts");
    status = await reportOutputFailure(failure, session, askedFormat(session.args));
  }
  await session.err.finish();
  return status;
}
