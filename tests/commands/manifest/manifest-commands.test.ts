import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { manifestDefinition } from "../../../src/commands/manifest/manifest-definition.ts";
import { manifestDiffCommand } from "../../../src/commands/manifest/manifest-diff.ts";
import { manifestShowCommand } from "../../../src/commands/manifest/manifest-show.ts";
import { manifestValidateCommand } from "../../../src/commands/manifest/manifest-validate.ts";
import { encodeManifest } from "../../../src/manifest/manifest-json.ts";
import type { CommandImplementation } from "../../../src/terminal/command-definition.ts";
import type { Io } from "../../../src/terminal/io.ts";
import { createParsedFlags } from "../../../src/terminal/parsed-flags.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { TDX_DEFAULTS } from "../../fakes/manifests.ts";
import { changedManifest, type PlainManifest } from "../../fakes/plain-manifest.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const directory = temporaryDirectory();
const GLOBAL_FLAGS = [{ name: "workspace-dir", type: "string", summary: "Directory" }] as const;

function file(name: string, change: (manifest: PlainManifest) => void): string {
  const path = join(directory, name);
  writeFileSync(path, encodeManifest(changedManifest(change)));
  return path;
}

const same = file("manifest.json", () => {});
const richer = file("richer.json", (manifest) => {
  manifest.ReferenceValues.tdx = [TDX_DEFAULTS];
  manifest.WorkloadOwnerKeyDigests = null;
  const GuestPolicy = { ABIMinor: 31, ABIMajor: 0, SMT: true, MigrateMA: true, Debug: true, SingleSocket: true };
  Object.assign(manifest.ReferenceValues.snp![0]!, { GuestPolicy, AllowedChipIDs: ["0a".repeat(64)] });
});

async function run(command: CommandImplementation, files: readonly string[], change: Partial<Io> = {}) {
  const io = recordIo(change);
  const flags = createParsedFlags(GLOBAL_FLAGS, new Map([["workspace-dir", directory]]), directory);
  const program = { root: manifestDefinition, globalFlags: GLOBAL_FLAGS };
  const status = await command.run({ flags, positionals: files, program }, io);
  return { status, text: io.printed.join("\n") };
}

describe("manifestValidateCommand", () => {
  test("reads the manifest of the workspace unless a file is named", async () => {
    expect((await run(manifestValidateCommand, [])).text).toContain("is valid");
    expect(await codeOfAsync(async () => await run(manifestValidateCommand, [richer]))).toBe("manifest/value-missing");
  });
});

describe("manifestValidateCommand and manifestShowCommand", () => {
  test("tell what of a newer manifest nothing checks", async () => {
    const newer = file("newer.json", (manifest) => {
      Object.assign(manifest.ReferenceValues.snp![0]!, { MemoryIntegrity: true });
    });
    const name = "ReferenceValues.snp[0].MemoryIntegrity";
    for (const command of [manifestValidateCommand, manifestShowCommand]) {
      expect((await run(command, [newer])).text).toContain(name);
      expect(JSON.parse((await run(command, [newer], { format: "json" })).text)).toMatchObject({ unjudged: [name] });
      expect((await run(command, [same])).text).not.toContain("not know");
    }
  });
});

describe("manifestShowCommand", () => {
  test("names what is empty, what is dangerous, and who may do what", async () => {
    const { text } = await run(manifestShowCommand, [richer]);
    for (const words of [
      "ABI 0.31, SMT allowed, migration agent allowed, DEBUGGING ALLOWED, single socket required",
      `chip         ${"0a".repeat(64)}`,
      "nobody: updates are switched off",
      "MRSEAM       to be filled in",
      "placeholder, to be filled in",
      "Not usable yet",
    ]) {
      expect(text).toContain(words);
    }
  });

  test("gives the manifest and what is wrong with it as JSON", async () => {
    const { text } = await run(manifestShowCommand, [richer], { format: "json" });
    expect(JSON.parse(text)).toMatchObject({
      ok: true,
      manifest: { WorkloadOwnerKeyDigests: null },
      counts: { error: 7 },
    });
  });
});

describe("manifestDiffCommand", () => {
  test("answers with its exit status", async () => {
    expect(await run(manifestDiffCommand, [same, same])).toEqual({ status: 0, text: "The manifests are the same" });
    const different = await run(manifestDiffCommand, [same, richer]);
    expect(different.status).toBe(1);
    expect(different.text).toContain("Workload owners\n  - 29f8fe74");
    expect(different.text).toContain("  + snp[0] (Milan): GuestPolicy added");
  });

  test("puts long values below each other", async () => {
    const other = file("other.json", ({ ReferenceValues }) => {
      ReferenceValues.snp![0]!.TrustedMeasurement = "0b".repeat(48);
    });
    const { text } = await run(manifestDiffCommand, [same, other]);
    expect(text).toContain(`\n      now ${"0b".repeat(48)}`);
    const { text: json } = await run(manifestDiffCommand, [same, other], { format: "json" });
    expect(JSON.parse(json)).toMatchObject({ ok: false, sameBytes: false, changes: [{ field: "TrustedMeasurement" }] });
  });
});
