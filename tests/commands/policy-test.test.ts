import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { policyDefinition } from "../../src/commands/policy/policy-definition.ts";
import { policyTestCommand } from "../../src/commands/policy/policy-test.ts";
import { callCommand } from "../fakes/call-command.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { recordIo } from "../fakes/recorded-io.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const PAUSE = "mcr.microsoft.com/oss/kubernetes/pause:3.6";
const POD = `apiVersion: v1
kind: Pod
metadata: {name: p, namespace: n1}
spec:
  containers: [{name: p, image: "${PAUSE}"}]
`;

function flags(values: Readonly<Record<string, string>>) {
  return {
    string: (name: string) => values[name] ?? "",
    strings: () => [],
    boolean: () => false,
    isSet: (name: string) => name in values,
  };
}

describe("policyTestCommand", () => {
  test.each([
    [true, "no error, returned undefined", "1 passed, 0 failed, 1 policy"],
    [false, "policy/test-failed", "0 passed, 1 failed, 1 policy"],
  ])("ends with an error exactly when a verdict is wrong (%p)", async (allowed, code, summary) => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "t"));
    writeFileSync(join(directory, "t", "pod.yaml"), POD);
    const cases = [{ kind: "StartContainerRequest", request: {}, description: "start", allowed }];
    writeFileSync(join(directory, "t", "testcases.json"), JSON.stringify(cases));
    const facts = join(directory, "images.json");
    writeFileSync(facts, JSON.stringify({ [PAUSE]: { config: { Entrypoint: ["/pause"] } } }));
    const io = recordIo();
    const program = { root: policyDefinition, globalFlags: [] };
    const call = { flags: flags({ profile: "metal", "image-facts": facts }), positionals: [directory], program };
    expect(await codeOfAsync(() => policyTestCommand.run(call, io))).toBe(code);
    expect(io.printed.at(-1)).toBe(summary);
  });

  test("tests rules of others, and fails if too few of their lines are exercised", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "t"));
    writeFileSync(join(directory, "t", "pod.yaml"), POD);
    const cases = [{ kind: "SetPolicyRequest", request: {}, description: "set", allowed: true }];
    writeFileSync(join(directory, "t", "testcases.json"), JSON.stringify(cases));
    const path = (name: string): string => join(directory, name);
    writeFileSync(path("images.json"), JSON.stringify({ [PAUSE]: { config: { Entrypoint: ["/pause"] } } }));
    writeFileSync(
      path("own.rego"),
      "package agent_policy\nSetPolicyRequest { policy_data.containers }\nExecProcessRequest {\n  input.x\n}\n",
    );
    const run = async (...words: readonly string[]) => {
      const io = recordIo();
      const given = ["policy", "test", "--image-facts", path("images.json"), ...words, directory];
      return { code: await codeOfAsync(() => callCommand(given, io)), printed: io.printed };
    };
    const rules = ["--rules", path("own.rego")];
    expect(await run()).toMatchObject({ code: "policy/test-failed" });
    expect(await run(...rules)).toMatchObject({
      code: "no error, returned undefined",
      printed: ["1 passed, 0 failed, 1 policy"],
    });
    const { code, printed } = await run(...rules, "--coverage-min", "50", "--coverage-report", path("lines.txt"));
    expect(code).toBe("no error, returned undefined");
    expect(printed.slice(1)).toEqual([
      `coverage of ${path("own.rego")}: 1 of 2 lines (50 %)`,
      `  ${path("own.rego")}:3: ExecProcessRequest: 0 of 1 lines, not 4`,
    ]);
    expect(readFileSync(path("lines.txt"), "utf8")).toContain("- 4   input.x\n");
    expect(await run(...rules, "--coverage-min", "50.1")).toMatchObject({ code: "policy/coverage-low" });
    expect(await run(...rules, "--coverage-min", "101")).toMatchObject({ code: "terminal/invalid-argument" });
    writeFileSync(path("own.rego"), "package agent_policy\nX := ]\n");
    expect(await run(...rules)).toMatchObject({ code: "rego/syntax-invalid" });
  });
});
