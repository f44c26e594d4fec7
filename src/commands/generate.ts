import { ContrastError } from "../lib/errors.ts";
import type { CommandImplementation } from "../terminal/command-definition.ts";

/** Runs `contrast generate`. */
export const generateCommand: CommandImplementation = {
  async run() {
    throw new ContrastError("lib/internal", "Cannot generate: this build does not hold the generator");
  },
};
