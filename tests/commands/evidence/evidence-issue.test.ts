import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createMachine, saveMachine } from "../../../src/simulator/machine.ts";
import { encodeGuest } from "../../../src/simulator/guest.ts";
import { callCommand } from "../../fakes/call-command.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const NOW = new Date("2026-01-15T12:00:00Z");
const directory = temporaryDirectory();
const isConfidential = existsSync("/dev/sev-guest") || existsSync("/dev/tdx_guest");

const machine = await createMachine("tdx", NOW);
await saveMachine(machine, join(directory, "machine"));
const guest = join(directory, "guest.json");
writeFileSync(guest, encodeGuest({ machine: "machine", guest: { policyHash: new Uint8Array(32).fill(3) } }));
const SIMULATED = ["--insecure-simulated-guest", guest, "--offline"];

const ioAt = (format: "text" | "json" = "text") => recordIo({ now: () => NOW, format });

describe("contrast evidence issue", () => {
  test("writes evidence that evidence show reads, bound to the given data", async () => {
    const path = join(directory, "given.bin");
    const reportData = "5a".repeat(64);
    const io = ioAt();
    await callCommand(["evidence", "issue", path, "--report-data", reportData, ...SIMULATED], io);
    expect(io.printed.at(-1)).toBe(`  contrast evidence verify ${path} --report-data ${reportData}`);
    const shown = ioAt("json");
    await callCommand(["evidence", "show", path], shown);
    expect(JSON.parse(shown.printed[0]!).form).toBe("tdx-attestation");
    expect(shown.printed[0]).toContain(reportData);
  });

  test("chooses other data each time, and tells it", async () => {
    const told = new Set<string>();
    for (const name of ["one", "two"]) {
      const io = ioAt("json");
      const path = join(directory, name);
      await callCommand(["evidence", "issue", path, "--raw", ...SIMULATED], io);
      const { reportData, verified, tee, source } = JSON.parse(io.printed[0]!);
      expect({ verified, tee, source }).toEqual({ verified: false, tee: "tdx", source: "simulated chip" });
      expect(
        readFileSync(path)
          .subarray(48 + 0x208, 48 + 0x248)
          .toString("hex"),
      ).toBe(reportData);
      told.add(reportData);
    }
    expect(told.size).toBe(2);
  });

  test.each(["5a", "5a".repeat(65), "xy".repeat(64)])("refuses the report data %s", async (hex) => {
    const words = ["evidence", "issue", join(directory, "wrong"), "--report-data", hex, ...SIMULATED];
    expect(await codeOfAsync(() => callCommand(words, ioAt()))).toBe("terminal/invalid-argument");
  });

  test.skipIf(isConfidential)("says on other computers that there is nothing to ask: issuer/no-tee", async () => {
    const path = join(directory, "nothing.bin");
    expect(await codeOfAsync(() => callCommand(["evidence", "issue", path, "--offline"], ioAt()))).toBe(
      "issuer/no-tee",
    );
    expect(existsSync(path)).toBe(false);
  });
});
