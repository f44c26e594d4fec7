import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ContrastError } from "../../../src/lib/errors.ts";
import { ProblemsError } from "../../../src/lib/problems.ts";
import { rulesText } from "../../../src/policy/rules-text.ts";
import { callCommand } from "../../fakes/call-command.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { otherContainer, otherPolicy } from "../../fakes/other-rules.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const CREATE = { kind: "CreateContainerRequest", request: otherContainer("a", "prod") };
const EXEC = { kind: "ExecProcessRequest", request: { container_id: "a", process: { Args: ["cat", "/tmp/ready"] } } };

const linesOf = (...requests: readonly object[]): string => requests.map((each) => JSON.stringify(each)).join("\n");

/** Files in a new directory, by name; and a function that gives their paths. */
function files(contents: Readonly<Record<string, string>>): (name: string) => string {
  const directory = temporaryDirectory();
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(directory, name), content);
  return (name) => join(directory, name);
}

describe("contrast policy eval", () => {
  test("decides in order, shows what rules print, and succeeds if all is allowed", async () => {
    const path = files({ "p.rego": otherPolicy("v0"), "r.jsonl": linesOf(CREATE, EXEC) });
    const io = recordIo();
    await callCommand(["policy", "eval", "--policy", path("p.rego"), path("r.jsonl")], io);
    expect(io.printed.filter((line) => !line.startsWith(" "))).toEqual([
      "1 allow CreateContainerRequest",
      "2 allow ExecProcessRequest",
    ]);
    expect(io.printed[1]).toMatch(/^ {4}agent_policy:\d+: container: id = a$/);
  });

  test("keeps what rules and requests say on lines of their own", async () => {
    const policy =
      'package agent_policy\ndefault SetPolicyRequest := false\nSetPolicyRequest { print("x\\n2 allow"); false }';
    const request = { description: "d\n2 allow", kind: "SetPolicyRequest", request: {} };
    const path = files({ "p.rego": policy, "r.json": JSON.stringify(request) });
    const io = recordIo();
    const call = callCommand(["policy", "eval", "--policy", path("p.rego"), path("r.json")], io);
    expect(await codeOfAsync(() => call)).toBe("policy/request-denied");
    expect(io.printed).toHaveLength(2);
    for (const line of io.printed) expect(line).not.toContain("\n");
  });

  test("ends between two requests when it is interrupted", async () => {
    const path = files({ "p.rego": otherPolicy("v0"), "r.jsonl": linesOf(EXEC, EXEC, EXEC) });
    const controller = new AbortController();
    const printed: string[] = [];
    const out = (line: string): void => {
      printed.push(line);
      setImmediate(() => controller.abort(new ContrastError("lib/interrupted", "interrupted")));
    };
    const words = ["policy", "eval", "--policy", path("p.rego"), path("r.jsonl")];
    const call = callCommand(words, recordIo({ out, signal: controller.signal }));
    expect(await codeOfAsync(() => call)).toBe("lib/interrupted");
    expect(printed).toEqual(["1 deny ExecProcessRequest"]);
  });

  test.each([
    ["a refusal", [EXEC, CREATE], "policy/request-denied"],
    ["no verdict", [CREATE, { kind: "SetPolicyRequest", request: {} }, EXEC], "policy/request-undecided"],
    ["no verdict beside a refusal", [EXEC, { kind: "SetPolicyRequest", request: {} }], "policy/request-undecided"],
  ])("fails with %s", async (_, requests, code) => {
    const path = files({ "p.rego": otherPolicy("v1"), "r.json": JSON.stringify(requests) });
    const words = ["policy", "eval", "--policy", path("p.rego"), path("r.json")];
    const io = recordIo({ format: "json" });
    expect(await codeOfAsync(() => callCommand(words, io))).toBe(code);
    expect(io.printed).toHaveLength(requests.length);
    for (const line of io.printed) expect(JSON.parse(line).schema).toBe("contrast/policy-eval/v1");
  });

  test("prints one JSON object for each request", async () => {
    const path = files({ "p.rego": otherPolicy("v0") });
    const io = recordIo({ format: "json", readInput: async () => new TextEncoder().encode(linesOf(CREATE)) });
    await callCommand(["policy", "eval", "--policy", path("p.rego"), "--engine", "guest"], io);
    expect(JSON.parse(io.printed[0] ?? "")).toMatchObject({
      ok: true,
      number: 1,
      verdict: "allowed",
      kind: "CreateContainerRequest",
      policy: { rules: "other" },
      ops: [{ path: "/pstate/namespace" }, { path: "/pstate/a" }],
      prints: [expect.stringContaining("container: id = a"), expect.anything()],
    });
  });

  test("takes bare requests, and leaves them as they are where asked to", async () => {
    const policy =
      "package agent_policy\ndefault ReadStreamRequest := false\nReadStreamRequest { input.len == 0; not input.more }";
    const path = files({ "p.rego": policy, "r.json": '{"more": true}' });
    const words = ["policy", "eval", "--policy", path("p.rego"), "--kind", "ReadStreamRequest", path("r.json")];
    expect(await codeOfAsync(() => callCommand(words, recordIo()))).toBe("no error, returned undefined");
    expect(await codeOfAsync(() => callCommand([...words, "--exact"], recordIo()))).toBe("policy/request-denied");
  });

  test("names file and line of what is no Rego", async () => {
    const path = files({ "p.rego": "package agent_policy\nX := ]\n", "r.json": "[]" });
    const words = ["policy", "eval", "--policy", path("p.rego"), path("r.json")];
    const error = await callCommand(words, recordIo()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ProblemsError);
    expect((error as ProblemsError).problems).toMatchObject([
      { code: "rego/syntax-invalid", file: path("p.rego"), line: 2, column: 6 },
    ]);
  });

  test("warns of policies that do not say what they seem to say", async () => {
    const path = files({
      "p.rego": "package agent_policy\nAllowRequestsFailingPolicy := true\nSetPolicyRequest if { 1 == 2 }",
      "r.json": '{"kind":"SetPolicyRequest","request":{}}',
    });
    const warnings: string[] = [];
    const io = recordIo();
    const log = { ...io.log, warn: (text: string) => void warnings.push(text) };
    await callCommand(["policy", "eval", "--policy", path("p.rego"), path("r.json")], { ...io, log });
    expect(warnings).toHaveLength(2);
  });

  test.each([
    ["that decide otherwise", "auto", "SetPolicyRequest { not bits.lsh(1, 100000000) }", 1],
    ["that refuse it", "auto", 'SetPolicyRequest { base64.encode("x") == "" }', 1],
    ["that decide alike", "auto", "SetPolicyRequest { false }", 0],
    ["only where it is not said which decide", "current", "SetPolicyRequest { not bits.lsh(1, 100000000) }", 0],
  ])("warns of older guests %s", async (_, engine, rule, count) => {
    const path = files({
      "p.rego": `package agent_policy\ndefault SetPolicyRequest := false\n${rule}`,
      "r.json": '{"kind":"SetPolicyRequest","request":{}}',
    });
    const warnings: string[] = [];
    const io = recordIo();
    const log = { ...io.log, warn: (text: string) => void warnings.push(text) };
    const words = ["policy", "eval", "--policy", path("p.rego"), "--engine", engine, path("r.json")];
    expect(await codeOfAsync(() => callCommand(words, { ...io, log }))).toBe("policy/request-denied");
    expect(warnings).toHaveLength(count);
  });

  const annotated = (name: string): string => {
    const policy = Buffer.from(`${rulesText()}\npolicy_data := {"request_defaults": {"name": "${name}"}}`).toString(
      "base64",
    );
    return `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  annotations: {io.katacontainers.config.agent.policy: "${policy}"}\nspec:\n  runtimeClassName: contrast-cc\n  containers: [{name: c, image: i}]\n`;
  };

  test("takes the one policy that is meant out of several", async () => {
    const path = files({
      "all.yaml": `${annotated("web")}---\n${annotated("db")}`,
      "r.json": '{"kind":"StartContainerRequest","request":{}}',
    });
    const words = ["policy", "eval", "--policy", path("all.yaml"), path("r.json")];
    for (const [workload, code] of [
      ["", "policy/choice-unclear"],
      ["w", "policy/choice-unclear"],
      ["web", "no error, returned undefined"],
      ["Pod db", "no error, returned undefined"],
      ["Deployment db", "policy/choice-unclear"],
    ]) {
      const choice = workload === "" ? [] : ["--workload", workload!];
      expect([workload, await codeOfAsync(() => callCommand([...words, ...choice], recordIo()))]).toEqual([
        workload,
        code,
      ]);
    }
  });

  test.each([
    ["reads standard input twice", ["--policy", "-"]],
    ["knows no other engine", ["--policy", "x", "--engine", "opa"]],
    ["knows no other Rego", ["--policy", "x", "--rego", "v2"]],
  ])("%s: usage", async (_, flags) => {
    const path = files({ x: otherPolicy("v0") });
    const words = ["policy", "eval", ...flags.map((flag) => (flag === "x" ? path("x") : flag))];
    expect(await codeOfAsync(() => callCommand(words, recordIo()))).toBe("terminal/invalid-argument");
  });
});
