import { endProgram, watchEndOfInput } from "../../lib/program.ts";
import { checkCall } from "../../terminal/check-call.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import { findCommand, flagsOf } from "../../terminal/find-command.ts";
import { parseFlags } from "../../terminal/flag-grammar.ts";
import { createParsedFlags } from "../../terminal/parsed-flags.ts";

/** How long the command may go on after its end was asked for; the supervisor is patient for longer. */
const END_TIMEOUT_MS = 23_000;

/**
 * `contrast sandbox child`: runs another command of this program until standard input ends. The supervisor holds the
 * other end of it, so the command ends with the supervisor, even if that is killed.
 */
export const childCommand: CommandImplementation = {
  async run({ positionals, program }, io) {
    const { path, command, args } = await findCommand(program, positionals);
    const definitions = flagsOf(program, command);
    const { values, positionals: words } = parseFlags(definitions, args);
    const flags = createParsedFlags(definitions, values, "");
    checkCall(path, command, flags, words);
    const watch = watchEndOfInput();
    let timer: ReturnType<typeof setTimeout> | undefined;
    watch.ended.addEventListener("abort", () => {
      timer = setTimeout(() => endProgram(1), END_TIMEOUT_MS);
    });
    try {
      const implementation = await command.load?.();
      const signal = AbortSignal.any([io.signal, watch.ended]);
      return await implementation?.run({ flags, positionals: words, program }, { ...io, signal });
    } catch (error) {
      if (!watch.ended.aborted) throw error;
      return 0;
    } finally {
      clearTimeout(timer);
      watch.stop();
    }
  },
};
