import type { CommandDefinition, FlagDefinition, Program } from "../../src/terminal/command-definition.ts";
import { commandName } from "../../src/terminal/find-command.ts";
import { flagSummary, flagUsage, usageLine, visibleCommands, visibleFlags } from "../../src/terminal/help-text.ts";

/** A command's page of the reference in Markdown. */
export function renderCommandPage(program: Program, path: readonly CommandDefinition[]): string {
  const command = path.at(-1) ?? program.root;
  const children = visibleCommands(command);
  const parts = [`# ${commandName(path)}`, `${command.summary}.`];
  if (command.examples !== undefined) {
    const examples = command.examples.map((example) => `# ${example.comment}\n${example.command}`);
    parts.push("## Examples", `\`\`\`sh\n${examples.join("\n\n")}\n\`\`\``);
  }
  parts.push("## Usage", `\`\`\`text\n${usages(path, children).join("\n")}\n\`\`\``);
  if (command.description !== undefined) parts.push(inline(command.description));
  if (children.length > 0) {
    const rows = children.map((child) => `| [${child.name}](${pageName([...path, child])}) | ${cell(child.summary)} |`);
    parts.push("## Commands", ["| Command | Meaning |", "| --- | --- |", ...rows].join("\n"));
  }
  const own = visibleFlags(command.flags);
  if (own.length > 0) parts.push("## Flags", flagTable(own));
  parts.push("## Global flags", flagTable(visibleFlags(program.globalFlags)));
  return `${parts.join("\n\n")}\n`;
}

/** File name of a command's page. */
export function pageName(path: readonly CommandDefinition[]): string {
  return `${commandName(path).replaceAll(" ", "-")}.md`;
}

function usages(path: readonly CommandDefinition[], children: readonly CommandDefinition[]): readonly string[] {
  const lines = path.at(-1)?.load === undefined ? [] : [usageLine(path)];
  return children.length === 0 ? lines : [...lines, `${commandName(path)} [command]`];
}

function flagTable(flags: readonly FlagDefinition[]): string {
  const rows = flags.map((flag) => `| \`${flagUsage(flag)}\` | ${cell(flagSummary(flag))} |`);
  return ["| Flag | Meaning |", "| --- | --- |", ...rows].join("\n");
}

function cell(text: string): string {
  return inline(text).replaceAll("|", "\\|");
}

/** Plain text in Markdown: characters that would mean something are escaped. */
function inline(text: string): string {
  return text.replaceAll(/[<>*_`\\]/g, "\\$&");
}
