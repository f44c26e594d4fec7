import { describe, expect, test } from "bun:test";
import { EXIT_STATUS } from "../../src/cli/exit-status-table.ts";
import { reportError, reportOutputFailure } from "../../src/cli/report-error.ts";
import type { OutputStream } from "../../src/cli/output-stream.ts";
import type { Session } from "../../src/cli/session.ts";
import { ERROR_CODES } from "../../src/lib/error-codes.ts";
import { ContrastError, inContext } from "../../src/lib/errors.ts";
import { UsageError } from "../../src/terminal/usage-error.ts";
import { SAMPLE } from "../terminal/sample-program.ts";

interface Captured {
  readonly session: Session;
  readonly out: string[];
  readonly err: string[];
}

function captured(): Captured {
  const stream = (written: string[]): OutputStream => ({
    write: (chunk) => void written.push(String(chunk)),
    get used() {
      return written.length > 0;
    },
    finish: async () => undefined,
  });
  const out: string[] = [];
  const err: string[] = [];
  return { session: { program: SAMPLE, args: [], out: stream(out), err: stream(err) }, out, err };
}

describe("reportError()", () => {
  test("shows the usage of the command whose flags are wrong", async () => {
    const { session, out, err } = captured();
    const error = new UsageError("terminal/unknown-flag", "unknown flag: --x");
    error.usageOf = [SAMPLE.root];
    expect(await reportError(error, session, "text")).toBe(1);
    expect([out[0]?.split("\n")[0], err.join("")]).toEqual(["Usage:", "Error: unknown flag: --x\n"]);
  });

  test("asks for a report of what a rule of the program forbids", async () => {
    const { session, err } = captured();
    await reportError(new ContrastError("lib/internal", "Cannot read flag"), session, "text");
    expect(err.join("")).toContain("This is a defect of contrast");
  });

  test("points at the explanation of the innermost error, where there is one", async () => {
    const { session, err } = captured();
    const refused = new ContrastError("attestation/rejected", "Cannot trust");
    await reportError(inContext(refused, "set manifest", "lib/internal"), session, "text");
    expect(err.join("")).toEndWith("\n  More about it: contrast help attestation/rejected\n");
  });

  test("points at no explanation where there is none", async () => {
    const { session, err } = captured();
    await reportError(new ContrastError("lib/json-invalid", "Cannot read"), session, "text");
    expect(err.join("")).toBe("Error: Cannot read\n");
  });

  test("lists similar commands after the message", async () => {
    const { session, err } = captured();
    const error = new UsageError("terminal/unknown-command", 'unknown command "mak" for "tool"');
    error.unknownIn = { path: [SAMPLE.root], name: "mak" };
    await reportError(error, session, "text");
    expect(err.join("")).toEndWith("Did you mean this?\n  make\n\nRun 'tool --help' for usage.\n");
  });
});

describe("reportOutputFailure()", () => {
  test("has the status of its class, and never writes to the output that failed", async () => {
    const { session, out, err } = captured();
    const status = await reportOutputFailure(new Error("ENOSPC: no space left on device"), session, "json");
    expect([status, out]).toEqual([EXIT_STATUS[ERROR_CODES["cli/output-failed"].class], []]);
    expect(err.join("")).toBe("Error: Cannot write to standard output: ENOSPC: no space left on device\n");
  });
});
