import { ContrastError } from "../../lib/errors.ts";
import { bashScript } from "./bash-script.ts";
import { fishScript } from "./fish-script.ts";
import { powershellScript } from "./powershell-script.ts";
import { zshScript } from "./zsh-script.ts";

/**
 * The completion script of a shell. All four ask `<name> __complete WORDS...` for the words that fit.
 *
 * @param name of the program
 * @param descriptions whether the shell shows what each word means
 * @throws ContrastError `terminal/invalid-argument` for an unknown shell
 */
export function completionScript(shell: string, name: string, descriptions: boolean): string {
  switch (shell) {
    case "bash":
      return bashScript(name, descriptions);
    case "zsh":
      return zshScript(name, descriptions);
    case "fish":
      return fishScript(name, descriptions);
    case "powershell":
      return powershellScript(name, descriptions);
    default:
      throw new ContrastError("terminal/invalid-argument", `unknown shell ${JSON.stringify(shell)}`);
  }
}
