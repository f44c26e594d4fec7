import { describe, expect, test } from "bun:test";
import { completionScript } from "../../../src/terminal/completion/completion-script.ts";
import { codeOf } from "../../fakes/error-code.ts";

describe("completionScript()", () => {
  // Golden files: `bun test --update-snapshots` rewrites them, and the change is read in review.
  test.each(["bash", "zsh", "fish", "powershell"])("of %s stays as it is", (shell) => {
    expect(completionScript(shell, "contrast", true)).toMatchSnapshot();
  });

  test.each(["bash", "zsh", "fish", "powershell"])("of %s differs without descriptions", (shell) => {
    expect(completionScript(shell, "contrast", false)).not.toBe(completionScript(shell, "contrast", true));
  });

  test("rejects an unknown shell", () => {
    expect(codeOf(() => completionScript("tcsh", "contrast", true))).toBe("terminal/invalid-argument");
  });
});
