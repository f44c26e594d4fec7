import type { CommandDefinition, Program } from "../../src/terminal/command-definition.ts";
import { commandName } from "../../src/terminal/find-command.ts";
import { flagSummary, flagUsage, usageLine, visibleCommands, visibleFlags } from "../../src/terminal/help-text.ts";

/** A manual page in section 1, written with the man macros. */
export function renderManPage(program: Program, path: readonly CommandDefinition[], version: string): string {
  const command = path.at(-1) ?? program.root;
  const name = commandName(path).replaceAll(" ", "-");
  const children = visibleCommands(command);
  const lines = [
    `.TH "${name.toUpperCase()}" "1" "" "contrast ${version}" "Contrast manual"`,
    ".SH NAME",
    `${escaped(name)} \\- ${escaped(command.summary)}`,
    ".SH SYNOPSIS",
    `\\fB${escaped(children.length > 0 ? `${commandName(path)} [command]` : usageLine(path))}\\fP`,
  ];
  if (command.description !== undefined) {
    lines.push(".SH DESCRIPTION");
    for (const paragraph of command.description.split("\n\n")) lines.push(".PP", escaped(paragraph));
  }
  if (children.length > 0) {
    lines.push(".SH COMMANDS");
    for (const child of children) lines.push(".TP", `\\fB${escaped(child.name)}\\fP`, escaped(child.summary));
  }
  const groups = [
    { title: "OPTIONS", flags: visibleFlags(command.flags) },
    { title: "GLOBAL OPTIONS", flags: visibleFlags(program.globalFlags) },
  ];
  for (const { title, flags } of groups) {
    if (flags.length > 0) lines.push(`.SH ${title}`);
    for (const flag of flags) lines.push(".TP", `\\fB${escaped(flagUsage(flag))}\\fP`, escaped(flagSummary(flag)));
  }
  if (command.examples !== undefined) {
    lines.push(".SH EXAMPLES");
    for (const example of command.examples) {
      lines.push(".PP", `${escaped(example.comment)}:`, ".PP", ".nf", ".RS", escaped(example.command), ".RE", ".fi");
    }
  }
  const related = [path.slice(0, -1), ...children.map((child) => [...path, child])].filter((other) => other.length > 0);
  if (related.length > 0) {
    lines.push(".SH SEE ALSO");
    lines.push(related.map((other) => `\\fB${escaped(commandName(other).replaceAll(" ", "-"))}\\fP(1)`).join(", "));
  }
  return `${lines.join("\n")}\n`;
}

/** Text that the formatter takes as it is: no escapes, no requests at the start of a line, true hyphens. */
function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll(/^([.'])/gm, "\\&$1");
}
