import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { callCommand } from "../../fakes/call-command.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { foundIn } from "../../fakes/found-policies.ts";
import { podYaml } from "../../fakes/policy-input.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const directory = temporaryDirectory();
const { text, hashHex } = await foundIn(podYaml());
const path = join(directory, `policy.${hashHex}.rego`);
writeFileSync(path, text);
const io = (change: Parameters<typeof recordIo>[0] = {}) => recordIo(change);

describe("policyShowCommand", () => {
  test("prints text as wide as the terminal, coloured unless NO_COLOR says otherwise", async () => {
    const plain = io({ env: { NO_COLOR: "1" }, columns: () => 70 });
    await callCommand(["policy", "show", path], plain);
    const lines = plain.printed.join("").split("\n");
    expect(lines[0]).toBe(`policy ${hashHex.slice(0, 12)}`);
    expect(plain.printed.join("")).not.toContain("\u001b");
    expect(lines.filter((line) => line.length > 76 && !/\S{24,}/.test(line))).toEqual([]);
    const coloured = io({ columns: () => 70 });
    await callCommand(["policy", "show", path], coloured);
    expect(coloured.printed.join("")).toContain("\u001b[1m");
  });
  test("prints one JSON object that says everything", async () => {
    const json = io({ format: "json" });
    await callCommand(["policy", "show", path], json);
    expect(json.printed).toHaveLength(1);
    const result = JSON.parse(json.printed[0]!) as {
      readonly schema: string;
      readonly policies: readonly {
        readonly containers: readonly { readonly name: string; readonly sections: readonly object[] }[];
      }[];
    };
    expect(result).toMatchObject({
      schema: "contrast/policy-show/v1",
      ok: true,
      policies: [{ hashHex, trust: "absent" }],
    });
    expect(result.policies[0]?.containers.map(({ name }) => name)).toEqual(["pause", "main"]);
    expect(result.policies[0]?.containers[1]?.sections).toContainEqual(expect.objectContaining({ id: "environment" }));
  });
  test.each<[string, readonly string[], readonly string[], string]>([
    ["the one beside it", ["manifest.json"], [], "trusted"],
    ["the one beside it before that of the workspace", ["manifest.json", "other/manifest.json"], [], "trusted"],
    ["that of the workspace where none lies beside it", ["other/manifest.json"], [], "trusted"],
    ["the one that is named before those", ["manifest.json", "empty.json"], ["-m", "empty.json"], "missing"],
    ["none where there is none", [], [], "absent"],
  ])("asks %s whether a policy is trusted", async (_what, manifests, words, trust) => {
    const folder = temporaryDirectory();
    mkdirSync(join(folder, "other"));
    writeFileSync(join(folder, "policy.rego"), text);
    for (const file of manifests) {
      const policies = file === "empty.json" ? {} : { [hashHex]: { SANs: ["web"] } };
      writeFileSync(join(folder, file), JSON.stringify({ Policies: policies }));
    }
    const json = io({ format: "json" });
    const named = words.map((word) => (word === "-m" ? word : join(folder, word)));
    const workspace = ["--workspace-dir", join(folder, "other")];
    await callCommand(["policy", "show", ...workspace, ...named, join(folder, "policy.rego")], json);
    expect(JSON.parse(json.printed[0]!)).toMatchObject({ policies: [{ trust }] });
  });
  test("refuses a named manifest that is not there", async () => {
    const code = await codeOfAsync(async () => await callCommand(["policy", "show", "-m", "/nowhere", path], io()));
    expect(code).toBe("lib/file-unreadable");
  });
  test("writes a page in place of text", async () => {
    const page = join(directory, "page.html");
    const told = io();
    await callCommand(["policy", "show", "--html", page, path], told);
    expect(told.printed).toEqual([`✔️ Wrote ${page}: 1 policy`]);
    expect(readFileSync(page, "utf8")).toStartWith("<!doctype html>");
  });
  test("looks into the workspace when no path is given", async () => {
    const plain = io();
    await callCommand(["policy", "show", "--workspace-dir", directory], plain);
    expect(plain.printed.join("")).toContain(hashHex);
    expect(await codeOfAsync(async () => await callCommand(["policy", "show", join(directory, "x")], io()))).toBe(
      "policy/path-missing",
    );
  });
});
