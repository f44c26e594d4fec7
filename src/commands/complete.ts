import type { CommandImplementation } from "../terminal/command-definition.ts";
import { completeWords, renderCompletion } from "../terminal/completion/complete-words.ts";

/** Runs `contrast __complete WORDS...`. */
export const completeCommand: CommandImplementation = {
  async run({ positionals, program }, io) {
    io.write(renderCompletion(await completeWords(program, positionals)));
  },
};
