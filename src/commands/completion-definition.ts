import type { CommandDefinition } from "../terminal/command-definition.ts";

/** Shells that a completion script exists for. */
const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** `contrast completion SHELL`. */
export const completionDefinition: CommandDefinition = {
  name: "completion",
  summary: "Print the script that completes commands, flags and values in a shell",
  description:
    "The script asks this binary for the words that fit, so it need not be made again after an update. " +
    "It works without further packages in bash 4.4, zsh 5, fish 3 and PowerShell 5 or newer.",
  examples: [
    { comment: "bash: load it in this session", command: "source <(contrast completion bash)" },
    {
      comment: "bash: load it in every session",
      command: "contrast completion bash > ~/.local/share/bash-completion/completions/contrast",
    },
    { comment: "zsh: load it in every session", command: 'contrast completion zsh > "${fpath[1]}/_contrast"' },
    {
      comment: "fish: load it in every session",
      command: "contrast completion fish > ~/.config/fish/completions/contrast.fish",
    },
    {
      comment: "PowerShell: load it in this session",
      command: "contrast completion powershell | Out-String | Invoke-Expression",
    },
  ],
  positionals: { usage: SHELLS.join("|"), minimum: 1, maximum: 1, choices: SHELLS },
  flags: [{ name: "no-descriptions", type: "boolean", summary: "Complete without descriptions" }],
  load: async () => (await import("./completion.ts")).completionCommand,
};
