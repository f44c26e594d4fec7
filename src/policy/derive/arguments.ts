import { sealTokens, tokenFault } from "./token.ts";
import { expandVariables } from "./variable-expansion.ts";

/** Everything that decides the command line of one container. */
export interface ArgumentsInput {
  /** `command` and `args` of the container; an empty list is lost on the way to the runtime and counts as absent. */
  readonly command: readonly string[] | undefined;
  readonly args: readonly string[] | undefined;
  readonly imageEntrypoint: readonly string[];
  readonly imageCmd: readonly string[];
  /** `Process.Args` of the settings; each is added when missing. */
  readonly template: readonly string[];
  /** The pod's own variables, for `$(NAME)`. */
  readonly variables: ReadonlyMap<string, string>;
}

/** The command line, and what is to be said about it. */
export interface Arguments {
  readonly args: readonly string[];
  readonly findings: readonly ArgumentFinding[];
}

/** Something to say about one text of the command line. */
export interface ArgumentFinding {
  readonly code: "policy/token-in-text" | "policy/variable-undefined";
  readonly list: "command" | "args" | "image";
  readonly index: number;
  /** The token, or the name of the variable. */
  readonly subject: string;
}

/**
 * Puts the command line together: `command` replaces the image's entrypoint and default arguments, `args` only the
 * latter; `$(NAME)` is expanded in the pod's part, never in the image's.
 *
 * @see containerd `pkg/cri/opts`, `WithProcessArgs`
 */
export function deriveArguments(input: ArgumentsInput): Arguments {
  const { command, args, template, variables } = input;
  const findings: ArgumentFinding[] = [];
  const fromImage = (list: readonly string[]): readonly string[] => {
    for (const [index, text] of list.entries()) {
      const token = tokenFault(text);
      if (token !== undefined) findings.push({ code: "policy/token-in-text", list: "image", index, subject: token });
    }
    return list;
  };
  const fromPod = (list: "command" | "args", texts: readonly string[]): readonly string[] =>
    texts.map((written, index) => {
      const { text, undefinedNames } = expandVariables(written, variables);
      const token = tokenFault(written, text);
      if (token !== undefined) findings.push({ code: "policy/token-in-text", list, index, subject: token });
      for (const subject of undefinedNames) findings.push({ code: "policy/variable-undefined", list, index, subject });
      return sealTokens(text);
    });

  const commandGiven = command !== undefined && command.length > 0;
  const argsGiven = args !== undefined && args.length > 0;
  const line = [
    ...(commandGiven ? fromPod("command", command) : fromImage(input.imageEntrypoint)),
    ...(argsGiven ? fromPod("args", args) : commandGiven ? [] : fromImage(input.imageCmd)),
  ];
  return { args: [...line, ...template.filter((text) => !line.includes(text))], findings };
}
