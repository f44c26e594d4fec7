import type { CommandImplementation } from "../terminal/command-definition.ts";
import { completionScript } from "../terminal/completion/completion-script.ts";

/** Runs `contrast completion SHELL`. */
export const completionCommand: CommandImplementation = {
  async run({ flags, positionals, program }, io) {
    const [shell = ""] = positionals;
    io.write(completionScript(shell, program.root.name, !flags.boolean("no-descriptions")));
  },
};
