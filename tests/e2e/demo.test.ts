import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { freePorts } from "../fakes/free-ports.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { contrastBinary } from "./binary.ts";
import { outcomeOf } from "./run-binary.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(120_000);

const ROOT = join(import.meta.dir, "..", "..");
const canPlay = hasPrograms("scripts/demo", "bash", "openssl", "sed", "grep");

describe("scripts/demo", () => {
  test.skipIf(!canPlay)("plays the whole story, and every step does what it says", async () => {
    await contrastBinary();
    const child = Bun.spawn(["bash", "scripts/demo", "k3s-qemu-tdx"], {
      cwd: ROOT,
      env: {
        PATH: process.env["PATH"] ?? "/usr/bin:/bin",
        HOME: process.env["HOME"] ?? "/nowhere",
        CONTRAST_DEMO_PORTS: freePorts(5).join(" "),
        CONTRAST_DEMO_BUILD: "no",
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const { status, stdout, stderr } = await outcomeOf(child);
    expect(status, `${stdout.slice(-2000)}${stderr}`).toBe(0);
    const commands = stdout.split("\n").filter((line) => line.startsWith("$ contrast "));
    const first = new Set(
      commands.map((line) =>
        line
          .split(" ")
          .slice(2, line.includes(" sandbox ") ? 4 : 3)
          .join(" "),
      ),
    );
    expect([...first]).toEqual([
      "resources",
      "generate",
      "policy",
      "sandbox up",
      "sandbox status",
      "doctor",
      "manifest",
      "set",
      "verify",
      "sandbox run",
      "sandbox restart",
      "recover",
      "sandbox down",
    ]);
    expect(stdout).toEndWith("verify/ and contrast-sandbox/.\n");
  });
});
