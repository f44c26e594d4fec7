import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { policyDefinition } from "../../src/commands/policy/policy-definition.ts";
import { policyTestCommand } from "../../src/commands/policy/policy-test.ts";
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
});
