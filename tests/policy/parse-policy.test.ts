import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { parsePolicy } from "../../src/policy/parse-policy.ts";
import { foundIn } from "../fakes/found-policies.ts";
import { podYaml } from "../fakes/policy-input.ts";

const RULES = "package agent_policy\n";

function viewOf(data: unknown) {
  return parsePolicy(`${RULES}\npolicy_data := ${JSON.stringify(data)}`).data;
}

describe("parsePolicy()", () => {
  test("reads what this program writes", async () => {
    const { text } = await foundIn(podYaml("tty: true"));
    const { isEmbeddedRules, data } = parsePolicy(text);
    expect(isEmbeddedRules).toBe(true);
    expect(data?.faults).toEqual([]);
    expect(data?.imageVerification).toBe("guest-pull");
    expect(data?.containers.map(({ name, isSandbox }) => [name, isSandbox])).toEqual([
      ["pause", true],
      ["main", false],
    ]);
    expect(data?.containers[1]).toMatchObject({
      args: ["/app", "serve"],
      cwd: "/srv",
      terminal: true,
      user: { uid: 0 },
    });
    expect(data?.requests.switches.get("ReadStreamRequest")).toBe(true);
  });
  test("does not take rules for its own that differ in one byte", async () => {
    const { text } = await foundIn(podYaml());
    expect(parsePolicy(text.replace("package agent_policy", "package agent_policy ")).isEmbeddedRules).toBe(false);
    expect(parsePolicy(`# x\n${text}`).isEmbeddedRules).toBe(false);
  });
  test("takes text behind the data for rules", async () => {
    const { text } = await foundIn(podYaml());
    for (const more of ["\nAllowRequestsFailingPolicy := true", " # x", "\npolicy_data := 1", "\n{}"]) {
      expect(parsePolicy(text + more)).toMatchObject({ isEmbeddedRules: false, data: undefined });
    }
  });
  test.each([
    ["without data", RULES],
    ["with data that are a list", `${RULES}\npolicy_data := []`],
    ["with data that are cut", `${RULES}\npolicy_data := {"containers": [`],
    ["with a name twice", `${RULES}\npolicy_data := {"containers": [{"a:": ":", "image": "x", "image": "y"}]}`],
    ["with a number that guests refuse", `${RULES}\npolicy_data := {"common": {"a": [1e999]}}`],
    ["with half a pair in a text", `${RULES}\npolicy_data := {"common": {"a": "\\ud800"}}`],
    ["with half a pair in a name", `${RULES}\npolicy_data := {"common": {"\\udc00": 1}}`],
    ["with a bare carriage return", `${RULES}\npolicy_data := {\r"common": {}}`],
    ["nested too deep for guests", `${RULES}\npolicy_data := {"a": ${"[".repeat(16)}${"]".repeat(16)}}`],
    ["with a name twice, once escaped", `${RULES}\npolicy_data := {"common": {"a": 1, "\\u0061": 1}}`],
    ["nested too deep", `${RULES}\npolicy_data := ${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`],
  ])("reads a policy %s as rules alone", (_, text) => {
    expect(parsePolicy(text).data).toBeUndefined();
  });
  test("is not misled by colons and quotes inside texts", () => {
    expect(viewOf({ 'a":"b': [':"', "\\", '\\"'], c: { d: ":::" }, e: [{}, []] })?.raw).toHaveProperty("c");
  });
  test("reads the older form of a policy: commands as texts, no image, no patterns", () => {
    const view = viewOf({
      containers: [
        { OCI: { Annotations: { "io.kubernetes.cri.container-type": "container" } }, exec_commands: ["ls -l"] },
      ],
      request_defaults: { ExecProcessRequest: { commands: ["cat /x"] }, CopyFileRequest: ["^/x"] },
    });
    expect(view?.containers[0]).toMatchObject({ name: "container 0", image: undefined, execCommands: [["ls -l"]] });
    expect(view?.requests).toMatchObject({ execCommands: [["cat /x"]], copyFilePatterns: ["^/x"], envPatterns: [] });
    expect([view?.faults, view?.imageVerification]).toEqual([[], undefined]);
  });
  test("names what it cannot show", () => {
    const view = viewOf({
      containers: [7, { OCI: { Process: { Args: ["a", 1], User: { UID: "0" } }, Mounts: {} } }],
      common: [],
      request_defaults: { CopyFileRequest: true },
    });
    expect(view?.faults).toEqual([
      "containers[0]",
      "containers[1].OCI.Process.Args[1]",
      "containers[1].OCI.Process.User.UID",
      "containers[1].OCI.Mounts",
      "common",
      "request_defaults.CopyFileRequest",
    ]);
  });
  test("shows a bounded number of containers and says so", () => {
    const view = viewOf({ containers: Array.from({ length: 1001 }, () => ({})) });
    expect(view?.containers).toHaveLength(1000);
    expect(view?.faults).toEqual(["containers[1000]"]);
  });
  test("reads any JSON without failing", () => {
    const parts = ["containers", "OCI", "Process", "Env", "Mounts", "common", "request_defaults", "storages"];
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom(null, true, 0, "x", []),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...parts, "__proto__", "constructor"), tie("value"), { maxKeys: 4 }),
      ),
    })).value;
    fc.assert(
      fc.property(json, (data) => {
        expect(() => viewOf(data)).not.toThrow();
      }),
      { numRuns: 500, seed: 5 },
    );
  });
});
