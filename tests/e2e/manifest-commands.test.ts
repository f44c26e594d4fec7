import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeManifest } from "../../src/manifest/manifest-json.ts";
import { changedManifest, type PlainManifest } from "../fakes/plain-manifest.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { runBinary } from "./run-binary.ts";

function directoryWith(...changes: readonly ((manifest: PlainManifest) => void)[]): string {
  const folder = temporaryDirectory();
  for (const [index, change] of changes.entries()) {
    writeFileSync(
      join(folder, index === 0 ? "manifest.json" : `${index}.json`),
      encodeManifest(changedManifest(change)),
    );
  }
  return folder;
}

const nothing = (): void => {};
const lowerMicrocode = ({ ReferenceValues: { snp } }: PlainManifest): void => {
  snp![0]!.MinimumTCB["MicrocodeVersion"] = 1;
};
const noMicrocode = ({ ReferenceValues: { snp } }: PlainManifest): void => {
  snp![0]!.MinimumTCB["MicrocodeVersion"] = null;
};

describe("contrast manifest validate", () => {
  test("accepts a complete manifest of the workspace or of standard input", async () => {
    const cwd = directoryWith(nothing);
    const { status, stdout } = await runBinary(["manifest", "validate"], { cwd });
    expect([status, stdout]).toEqual([0, '✔️ The manifest "manifest.json" is valid\n']);
    const other = await runBinary(["manifest", "validate", "--workspace-dir", cwd]);
    expect(other.status).toBe(0);
    const input = await runBinary(["manifest", "validate", "-"], { stdin: encodeManifest(changedManifest(nothing)) });
    expect(input.status).toBe(0);
  });

  test("names what is missing, with status 1 or by class", async () => {
    const cwd = directoryWith(noMicrocode);
    const text = await runBinary(["manifest", "validate"], { cwd });
    expect([text.status, text.stdout]).toEqual([1, ""]);
    expect(text.stderr).toContain("ReferenceValues.snp[0].MinimumTCB.MicrocodeVersion");
    const json = await runBinary(["manifest", "validate", "--format", "json"], { cwd });
    expect(json.status).toBe(7);
    const findings = [{ severity: "error", code: "manifest/value-missing" }];
    expect(JSON.parse(json.stdout)).toMatchObject({ schema: "contrast/manifest-validate/v1", ok: false, findings });
  });
});

describe("contrast manifest show", () => {
  test("says in words what a manifest holds, also where it is not complete", async () => {
    const { status, stdout } = await runBinary(["manifest", "show"], { cwd: directoryWith(noMicrocode) });
    expect(status).toBe(0);
    for (const words of [
      "Workloads (2)",
      "apps/v1/Deployment/shop/api",
      "microcode to be filled in",
      "Not usable yet",
    ]) {
      expect(stdout).toContain(words);
    }
  });

  test("gives the manifest as JSON", async () => {
    const { stdout } = await runBinary(["manifest", "show", "--format", "json"], { cwd: directoryWith(nothing) });
    expect(JSON.parse(stdout)).toMatchObject({
      schema: "contrast/manifest-show/v1",
      ok: true,
      counts: { error: 0, warning: 0, info: 0 },
      findings: [],
    });
  });
});

describe("contrast manifest diff", () => {
  test.each(["text", "json"])(
    "ends with 0 for equal, 1 for different manifests, 2 for trouble (%s)",
    async (format) => {
      const cwd = directoryWith(nothing, nothing, lowerMicrocode);
      const diff = async (...files: readonly string[]) =>
        await runBinary(["manifest", "diff", "--format", format, ...files], { cwd });
      expect((await diff("manifest.json", "1.json")).status).toBe(0);
      const different = await diff("manifest.json", "2.json");
      expect([different.status, different.stderr]).toEqual([1, ""]);
      expect(different.stdout).toContain("MinimumTCB.MicrocodeVersion");
      expect((await diff("manifest.json", "missing.json")).status).toBe(2);
      expect((await diff("manifest.json")).status).toBe(2);
      expect((await diff("manifest.json", "1.json", "--unknown")).status).toBe(2);
    },
  );

  test("says that a minimum was lowered", async () => {
    const cwd = directoryWith(nothing, lowerMicrocode);
    const { stdout } = await runBinary(["manifest", "diff", "manifest.json", "1.json"], { cwd });
    expect(stdout).toBe("Reference values\n  ↓ snp[0] (Milan): MinimumTCB.MicrocodeVersion lowered: 115 → 1\n");
  });

  test("notes that manifests of one meaning differ in their bytes", async () => {
    const cwd = directoryWith(nothing);
    writeFileSync(join(cwd, "compact.json"), JSON.stringify(JSON.parse(encodeManifest(changedManifest(nothing)))));
    const { status, stdout } = await runBinary(["manifest", "diff", "manifest.json", "compact.json"], { cwd });
    expect([status, stdout]).toEqual([
      0,
      "The manifests mean the same, but their bytes differ; to verify they are two manifests\n",
    ]);
  });
});
