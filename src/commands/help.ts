import { type ErrorCode, ERROR_CODES, isErrorCode } from "../lib/error-codes.ts";
import type { CommandImplementation, Program } from "../terminal/command-definition.ts";
import { findCommand } from "../terminal/find-command.ts";
import { renderHelp } from "../terminal/help-text.ts";
import type { Io } from "../terminal/io.ts";
import { resultJson } from "../terminal/json-result.ts";
import { similarNames } from "../terminal/similar-names.ts";
import { UsageError } from "../terminal/usage-error.ts";

/** Runs `contrast help [command]` and `contrast help CODE`. */
export const helpCommand: CommandImplementation = {
  async run({ positionals, program }, io) {
    const [word = ""] = positionals;
    // No command has a slash in its name, and every code has one.
    if (word.includes("/")) await explain(codeOf(word), program, io);
    else io.write(renderHelp(program, (await findCommand(program, positionals)).path, io.columns()));
  },
};

function codeOf(text: string): ErrorCode {
  if (isErrorCode(text)) return text;
  const codes = Object.keys(ERROR_CODES);
  const [similar] = similarNames(text, codes);
  const room = text.slice(0, text.indexOf("/") + 1);
  const neighbours = codes.filter((code) => code.startsWith(room));
  const list =
    neighbours.length === 0
      ? "A code is what messages end with, such as attestation/rejected."
      : `There are ${neighbours.join(", ")}.`;
  throw new UsageError("terminal/unknown-code", `unknown error code ${JSON.stringify(text)}`, {
    hint: similar === undefined ? list : `Did you mean ${similar}?`,
  });
}

async function explain(code: ErrorCode, program: Program, io: Io): Promise<void> {
  const { explainCode, renderExplanation } = await import("./explain-code.ts");
  const explanation = explainCode(code, program.exitStatuses);
  if (io.format === "json") io.out(resultJson("error-code", { ...explanation }));
  else io.write(renderExplanation(explanation, io.columns()));
}
