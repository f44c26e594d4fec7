import type { CommandDefinition, ParsedFlags } from "./command-definition.ts";
import { commandName } from "./find-command.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Checks what the grammar of single flags cannot: the number of arguments, flags that must be there, and groups of
 * which only one may be there, in this order.
 *
 * @param path from the root to the command
 * @throws UsageError `terminal/argument-count`, `terminal/invalid-argument`, `terminal/required-flag`,
 *   `terminal/exclusive-flags`
 * @see github.com/spf13/cobra command.go, execute
 */
export function checkCall(
  path: readonly CommandDefinition[],
  command: CommandDefinition,
  flags: ParsedFlags,
  positionals: readonly string[],
): void {
  checkPositionals(path, command, positionals);
  const missing = (command.flags ?? []).filter((flag) => flag.required === true && !flags.isSet(flag.name));
  if (missing.length > 0) {
    const names = missing.map((flag) => `"${flag.name}"`).join(", ");
    const choices = missing.flatMap(({ name, choices: known }) =>
      known === undefined ? [] : [`--${name} takes one of ${known.join(", ")}.`],
    );
    const hint = [...choices, `See "${commandName(path)} --help".`].join(" ");
    throw new UsageError("terminal/required-flag", `required flag(s) ${names} not set`, { hint });
  }
  for (const group of command.exclusive ?? []) {
    const set = group.filter((name) => flags.isSet(name));
    if (set.length < 2) continue;
    const sorted = set.toSorted().join(" ");
    throw new UsageError(
      "terminal/exclusive-flags",
      `if any flags in the group [${group.join(" ")}] are set none of the others can be; [${sorted}] were all set`,
    );
  }
}

function checkPositionals(
  path: readonly CommandDefinition[],
  command: CommandDefinition,
  positionals: readonly string[],
): void {
  const { minimum, maximum, choices } = command.positionals ?? { minimum: 0, maximum: 0 };
  const count = positionals.length;
  const name = commandName(path);
  if (count < minimum || count > maximum) {
    const wanted = maximum === 0 ? "no" : minimum === maximum ? `${minimum}` : `${minimum} to ${maximum}`;
    const wantedText = maximum === Number.POSITIVE_INFINITY ? `at least ${minimum}` : wanted;
    throw new UsageError("terminal/argument-count", `"${name}" got ${count} argument(s), wants ${wantedText}`);
  }
  const wrong = choices === undefined ? undefined : positionals.find((value) => !choices.includes(value));
  if (wrong !== undefined) {
    const wanted = (choices ?? []).join(", ");
    throw new UsageError(
      "terminal/invalid-argument",
      `invalid argument ${JSON.stringify(wrong)} for "${name}": want one of ${wanted}`,
    );
  }
}
