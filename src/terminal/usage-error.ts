import { ContrastError } from "../lib/errors.ts";
import type { CommandDefinition } from "./command-definition.ts";

/** The words on the command line cannot be understood. */
export class UsageError extends ContrastError {
  /** Commands from the root to the one whose usage text belongs to the error; set where the flag grammar fails. */
  usageOf: readonly CommandDefinition[] | undefined;
  /** Where a command of that name was looked for, so that similar names can be offered. */
  unknownIn: { readonly path: readonly CommandDefinition[]; readonly name: string } | undefined;
}
