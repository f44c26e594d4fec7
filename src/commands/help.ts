import type { CommandImplementation } from "../terminal/command-definition.ts";
import { findCommand } from "../terminal/find-command.ts";
import { renderHelp } from "../terminal/help-text.ts";

/** Runs `contrast help [command]`. */
export const helpCommand: CommandImplementation = {
  async run({ positionals, program }, io) {
    io.write(renderHelp(program, findCommand(program, positionals).path, io.columns()));
  },
};
