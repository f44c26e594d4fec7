import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
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
