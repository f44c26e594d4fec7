import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hasPrograms } from "../fakes/peers.ts";
import { runBash, runBinary } from "./run-binary.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const PACKAGE = JSON.parse(readFileSync(join(import.meta.dir, "..", "..", "package.json"), "utf8")) as {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
};

describe("contrast", () => {
  test("without arguments shows help and succeeds", async () => {
    const { stdout, stderr, status } = await runBinary([]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("\nUsage:\n  contrast [command]\n");
    expect(await runBinary(["--help"])).toMatchObject({ stdout, status: 0 });
    expect(await runBinary(["help"])).toMatchObject({ stdout, status: 0 });
  });

  test("--version begins with a stable line and lists what the build expects", async () => {
    const { stdout, status } = await runBinary(["--version"]);
    expect(status).toBe(0);
    expect(stdout).toStartWith(`contrast version v${PACKAGE.version}\n\ncontainer image versions:\n  `);
    expect(stdout.match(/^reference values for /gm)).toHaveLength(8);
    expect(await runBinary(["-v"])).toMatchObject({ stdout, status: 0 });
    expect(await runBinary(["version"])).toMatchObject({ stdout, status: 0 });
  });

  test("version --format json says the same in a schema", async () => {
    const { stdout } = await runBinary(["--version", "--format", "json"]);
    const report = JSON.parse(stdout) as { readonly platforms: readonly unknown[] };
    expect(stdout).toStartWith(`{"schema":"contrast/version/v1","ok":true,"version":"v${PACKAGE.version}"`);
    expect(report.platforms).toHaveLength(8);
    expect(stdout).not.toContain("unknown");
  });

  test("version --notices prints the licence of every package that is part of the binary", async () => {
    const { stdout } = await runBinary(["version", "--notices"]);
    for (const [name, version] of Object.entries(PACKAGE.dependencies))
      expect(stdout).toContain(`${name} ${version} (`);
    expect(stdout).toContain("Redistribution and use in source and binary forms");
  });

  test("shows the same help for a command in three ways", async () => {
    const { stdout, status } = await runBinary(["generate", "--help"]);
    expect(status).toBe(0);
    expect(stdout).not.toContain("image-replacements");
    expect((await runBinary(["help", "generate"])).stdout).toBe(stdout);
    expect((await runBinary(["--log-level", "debug", "generate", "x", "-h"])).stdout).toBe(stdout);
  });

  test("tells usage errors of the grammar with the usage text on standard output", async () => {
    const { stdout, stderr, status } = await runBinary(["generate", "--polcy", "x"]);
    expect([status, stderr]).toEqual([1, "Error: unknown flag: --polcy\n  Did you mean --policy?\n"]);
    expect(stdout).toStartWith("Usage:\n  contrast generate [flags] paths...\n");
  });

  test.each([
    [["generate", "-m"], "flag needs an argument: 'm' in -m"],
    [
      ["generate", "--disable-updates=maybe"],
      'invalid argument "maybe" for "-d, --disable-updates" flag: want true or false',
    ],
    [
      ["generate", "--format", "xml", "--reference-values", "x"],
      'invalid argument "xml" for "--format" flag: want text or json',
    ],
    [["generate", "--version"], "unknown flag: --version"],
  ])("of %j says %j with usage text", async (args, message) => {
    const { stdout, stderr, status } = await runBinary(args);
    expect([status, stderr]).toEqual([1, `Error: ${message}\n`]);
    expect(stdout).toStartWith("Usage:\n");
  });

  test.each([
    [
      ["generate"],
      'required flag(s) "reference-values" not set\n  --reference-values takes one of aks-clh-snp, k3s-qemu-tdx, k3s-qemu-snp, rke2-qemu-tdx, metal-qemu-snp, metal-qemu-tdx, k3s-qemu-snp-gpu, metal-qemu-snp-gpu. See "contrast generate --help".',
    ],
    [
      ["generate", "--reference-values", "k3s-qemu-snp", "-w", "x.pem", "-d"],
      "if any flags in the group [add-workload-owner-key disable-updates] are set none of the others can be; [add-workload-owner-key disable-updates] were all set",
    ],
    [["completion"], '"contrast completion" got 0 argument(s), wants 1'],
    [
      ["completion", "tcsh"],
      'invalid argument "tcsh" for "contrast completion": want one of bash, zsh, fish, powershell',
    ],
    [["version", "x"], '"contrast version" got 1 argument(s), wants no'],
  ])("of %j says %j without usage text", async (args, message) => {
    expect(await runBinary(args)).toMatchObject({ status: 1, stdout: "", stderr: `Error: ${message}\n` });
  });

  test("offers similar names for an unknown command", async () => {
    expect(await runBinary(["genrate", "--x"])).toMatchObject({
      status: 1,
      stdout: "",
      stderr:
        'Error: unknown command "genrate" for "contrast"\n\nDid you mean this?\n  generate\n\nRun \'contrast --help\' for usage.\n',
    });
  });

  test.each([
    [["genrate", "--format", "json"], "terminal/unknown-command"],
    [["generate", "--x", "--format", "json"], "terminal/unknown-flag"],
    [["generate", "--format=json"], "terminal/required-flag"],
    [["help", "nothing", "--format=json"], "terminal/unknown-command"],
  ])("of %j is JSON with code %s and status 2", async (args, code) => {
    const { stdout, status } = await runBinary(args);
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ schema: "contrast/error/v1", ok: false, code, class: "usage" });
  });
});

/** Calls the loaded completion function as bash does, and prints what it offers. */
const BASH_TRY = `
try() {
    COMP_LINE=$1 COMP_POINT=\${#1} COMP_TYPE=9 COMP_WORDS=() COMPREPLY=()
    local spaced=\${1//=/ = }
    read -ra COMP_WORDS <<<"$spaced"
    [[ $1 == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    _contrast_complete
    printf '%s\\n' "\${COMPREPLY[@]}"
}
PATH=$(dirname "$PROGRAM"):$PATH
`;

describe("contrast completion bash", () => {
  test.each([
    ["contrast gen", ["generate"]],
    ["contrast completion ", ["bash", "zsh", "fish", "powershell"]],
    ["contrast generate --reference-values metal", ["metal-qemu-snp", "metal-qemu-tdx", "metal-qemu-snp-gpu"]],
    ["contrast generate --reference-values=K3S-QEMU-T", ["k3s-qemu-tdx"]],
    ["contrast generate --manifest ", ["sub", "a.json", "b c.json"]],
    ["contrast generate --manifest=a", ["a.json"]],
    ["contrast --workspace-dir ", ["sub"]],
    ["contrast nonsense ", []],
  ])("offers for %j in bash: %j", async (line, expected) => {
    const script = `touch a.json 'b c.json' c.rego; mkdir sub; source <("$PROGRAM" completion bash --no-descriptions) ${BASH_TRY} try '${line}'`;
    const { stdout, stderr } = await runBash(script);
    expect([stdout.trim().split("\n"), stderr]).toEqual([expected.length === 0 ? [""] : expected, ""]);
  });

  test("shows descriptions of several words, and never inserts one", async () => {
    const script = `source <("$PROGRAM" completion bash) ${BASH_TRY} try 'contrast '; COMP_TYPE=9 try 'contrast gen'`;
    const lines = (await runBash(script)).stdout.trim().split("\n");
    expect(lines[0]).toMatch(/^generate +\(Patch/);
    expect(lines.at(-1)).toBe("generate");
  });
});

/** Stands in for zsh's own completion functions, which work only while a line is edited, and prints what they get. */
const ZSH_TRY = `
compdef() { :; }
compset() { print -r -- "compset $*"; }
_describe() { print -rl -- "\${(@P)argv[-1]}"; }
_files() { print -r -- "_files $*"; }
source <("$PROGRAM" completion zsh)
try() { words=("$PROGRAM" "\${(@)argv[2,-1]}"); CURRENT=\${#words}; PREFIX=$words[-1]; _contrast; }
`;

describe.if(hasPrograms("completion in zsh", "zsh"))("contrast completion zsh", () => {
  test.each([
    ["contrast gen", "generate:Patch Kubernetes YAML, create policies and write the manifest"],
    ["contrast generate --reference-values k3s-qemu-t", "k3s-qemu-tdx"],
    ["contrast generate --reference-values=k3s-qemu-t", "--reference-values=k3s-qemu-tdx"],
    ["contrast generate --manifest a", "_files -g *.json"],
    ["contrast generate --manifest=a", "compset -P *=\n_files -g *.json"],
    ["contrast generate x.yml ''", "_files -g *.yml *.yaml"],
    ["contrast --workspace-dir s", "_files -/"],
  ])("offers for %j in zsh: %j", async (line, expected) => {
    const script = `cat > try.zsh <<'END'\n${ZSH_TRY} try ${line}\nEND\nzsh -f try.zsh`;
    expect(await runBash(script)).toMatchObject({ stdout: `${expected}\n`, stderr: "" });
  });
});

describe.if(hasPrograms("completion in fish", "fish"))("contrast completion fish", () => {
  test.each([
    ["contrast gen", ["generate"]],
    ["contrast generate --reference-values=k3s-qemu-t", ["--reference-values=k3s-qemu-tdx"]],
    ["contrast generate -m ", ["a.json", "sub/"]],
    ["contrast generate --manifest=a", ["--manifest=a.json"]],
  ])("offers for %j in fish: %j", async (line, expected) => {
    const script = `touch a.json c.rego; mkdir sub; PATH=$(dirname "$PROGRAM"):$PATH fish --no-config -c "contrast completion fish --no-descriptions | source; complete -C '${line}'"`;
    expect((await runBash(script)).stdout.trim().split("\n")).toEqual(expected);
  });
});
