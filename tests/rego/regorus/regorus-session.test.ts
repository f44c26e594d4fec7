import { describe, expect, test } from "bun:test";
import { completeRequest } from "../../../src/policy/complete-request.ts";
import { openRegorusSession, type RegorusOptions } from "../../../src/rego/regorus/regorus-session.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../../fakes/campaign.ts";
import { codeOf, codeOfAsync } from "../../fakes/error-code.ts";
import { otherContainer, otherPolicy } from "../../fakes/other-rules.ts";

const ENGINES = ["guest", "current"] as const;

const open = (rules: string, options: RegorusOptions = { engine: "current" }) =>
  openRegorusSession(`package agent_policy\n${rules}`, options);

describe.each(ENGINES)("RegorusSession of the %s engine", (engine) => {
  describe.each(["v0", "v1"] as const)("with rules in Rego %s", (version) => {
    test("decides as the agent does, keeps the state, and gives what rules print", async () => {
      const session = await openRegorusSession(otherPolicy(version), { engine });
      const create = (id: string, namespace: string, env?: readonly string[]) => {
        const request = completeRequest("CreateContainerRequest", otherContainer(id, namespace, env));
        return session.decide("CreateContainerRequest", request);
      };
      expect(create("a", "prod", ["MODE=debug"]).allowed).toBe(false);
      const first = create("a", "prod");
      expect(first.allowed).toBe(true);
      expect(first.ops).toEqual([
        { op: "add", path: "/pstate/namespace", value: "prod" },
        { op: "add", path: "/pstate/a", value: "/app" },
      ]);
      expect(first.prints?.[0]).toEndWith(": container: id = a");
      expect(first.prints).toHaveLength(2);
      expect(create("b", "other").allowed).toBe(false);
      expect(create("b", "prod").ops).toEqual([{ op: "add", path: "/pstate/b", value: "/app" }]);

      const exec = (id: string) => ({ container_id: id, process: { Args: ["cat", "/tmp/ready"] } });
      expect(session.decide("ExecProcessRequest", exec("b")).allowed).toBe(true);
      expect(session.decide("ExecProcessRequest", exec("c")).allowed).toBe(false);
      session.reset();
      expect(session.decide("ExecProcessRequest", exec("b")).allowed).toBe(false);
    });
  });

  test("leaves the state alone where it is only asked, and after refusals", async () => {
    const session = await open(
      `X := {"allowed": input.yes, "ops": [{"op": "add", "path": "/pstate/seen", "value": 1}]}
       Seen { data.pstate.seen }
       default Seen := false`,
      { engine },
    );
    session.evaluate("X", { yes: true });
    session.decide("X", { yes: false });
    expect(session.decide("Seen", {}).allowed).toBe(false);
    session.decide("X", { yes: true });
    expect(session.decide("Seen", {}).allowed).toBe(true);
  });

  test("applies any operation of JSON Patch, all or none", async () => {
    const session = await open(
      `X := {"allowed": true, "ops": input.ops}
       default Is := false
       Is { data.pstate == input }`,
      { engine },
    );
    const change = (...ops: readonly object[]) => codeOf(() => session.decide("X", { ops: ops as never }));
    change({ op: "add", path: "/pstate/a", value: { b: [1, 2] } }, { op: "replace", path: "/pstate/a/b/1", value: 3 });
    change({ op: "copy", from: "/pstate/a/b", path: "/pstate/c~1d" }, { op: "test", path: "/pstate/c~1d/0", value: 1 });
    const settled = { a: { b: [1, 3] }, "c/d": [1, 3] };
    expect(session.decide("Is", settled).allowed).toBe(true);
    const failed = change({ op: "remove", path: "/pstate/a" }, { op: "remove", path: "/pstate/none" });
    expect(failed).toBe("rego/state-change-failed");
    expect(change({ op: "lose", path: "/pstate/a" })).toBe("rego/state-change-failed");
    expect(session.decide("Is", settled).allowed).toBe(true);
  });

  test("allows what it refuses or does not know where the policy says so", async () => {
    const rules = `X := {"allowed": false, "ops": [{"op": "add", "path": "/pstate/x", "value": 1}]}
      default Y := false
      Y { data.pstate.x }`;
    const session = await open(`${rules}\nAllowRequestsFailingPolicy := true`, { engine });
    expect(session.isLenient).toBe(true);
    expect(session.decide("X", {})).toEqual({ allowed: true, ops: [], prints: [] });
    expect(session.decide("Unknown", {}).allowed).toBe(true);
    const strict = await open(rules, { engine });
    expect(strict.isLenient).toBe(false);
    expect(strict.decide("X", {}).allowed).toBe(false);
    expect(codeOf(() => strict.decide("Unknown", {}))).toBe("rego/entry-point-unknown");
  });

  test.each(['"yes"', "1", "[true]", '{"ops": []}', '{"allowed": "yes"}', '{"allowed": true, "ops": {}}'])(
    "refuses %s as a decision",
    async (value) => {
      const session = await open(`X := ${value}`, { engine });
      expect(codeOf(() => session.evaluate("X", {}))).toBe("rego/result-invalid");
    },
  );

  test("names rules that exist, and keywords that a text takes for names", async () => {
    const session = await open("A := 1\ndefault B := false\nf(x) := x\nC if { 1 == 2 }", { engine });
    expect(session.declared(["B", "X", "C", "f", "if", "A", "no name", "every"])).toEqual(["B", "C", "f", "if", "A"]);
    const imported = await open("import rego.v1\nC if { 1 == 2 }", { engine });
    expect(imported.declared(["if", "C"])).toEqual(["C"]);
    // What the author meant and what guests read.
    expect(session.evaluate("B", {}).allowed).toBe(false);
    expect((await open("C if { 1 == 2 }", { engine })).evaluate("C", {}).allowed).toBe(true);
    const v1 = await open("default C := false\nC if { 1 == 2 }", { engine, syntax: "v1" });
    expect(v1.evaluate("C", {}).allowed).toBe(false);
  });

  test("counts the lines that were evaluated", async () => {
    const rules = "\ndefault X := false\nX {\n  input.a\n  input.b\n}\nY {\n  input.c\n}";
    const session = await open(rules, { engine, coverage: true });
    session.evaluate("X", {});
    expect(session.coverage()).toEqual({ covered: [3, 5], notCovered: [6, 9] });
    session.evaluate("X", { a: 1, b: 2 });
    expect(session.coverage().covered).toContain(6);
  });

  test("names line and column of faults", async () => {
    const fault = await open("X {\n  1 == 1\n", { engine }).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: "rego/syntax-invalid", details: { line: 4 } });
    const session = await open('Y := 1\nX { glob.match("a", [], "b") }', { engine });
    const failure = (() => {
      try {
        return session.evaluate("X", {});
      } catch (error) {
        return error;
      }
    })();
    expect(failure).toMatchObject({ code: "rego/evaluation-failed", details: { line: 3, column: 15 } });
  });

  test("refuses names that are none, and goes on", async () => {
    const session = await open("X := true", { engine });
    for (const name of ["", "X; true", "X.y", "..", "X X"]) {
      expect(codeOf(() => session.evaluate(name, {}))).toBe("rego/evaluation-failed");
    }
    expect(session.evaluate("X", {}).allowed).toBe(true);
  });

  const PATIENCE = { engine, patienceMs: 150 };
  const HOSTILE: Readonly<Record<string, readonly [string, string]>> = {
    "functions that call themselves": ["X { f(1) }\nf(x) { f(x + 1) }", "rego/limit-exceeded"],
    "rules that need each other": ["X { Y }\nY { X }", "rego/evaluation-failed"],
    "comprehensions without end": [
      "a := numbers.range(1, 5000)\nX { count([1 | a[_] + a[_] + a[_] == 0]) == 1 }",
      "rego/limit-exceeded",
    ],
    "loops that make nothing": [
      "a := numbers.range(1, 5000)\nX { every i in a { every j in a { every k in a { i + j + k > 0 } } } }",
      "rego/limit-exceeded",
    ],
    "texts beyond any memory": [
      'a := concat("", [x | numbers.range(1, 10000)[_]; x := "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"])\nX { count(concat("", [x | numbers.range(1, 10000)[_]; x := a])) > 0 }',
      "rego/limit-exceeded",
    ],
    "ranges beyond any memory": ["X { count(numbers.range(1, 100000000000)) > 0 }", "rego/limit-exceeded"],
    "texts that double": [
      `X { count(x40) > 0 }\nx0 := "aaaaaaaa"\n${Array.from({ length: 40 }, (_, n) => `x${n + 1} := concat("", [x${n}, x${n}])`).join("\n")}`,
      "rego/limit-exceeded",
    ],
  };

  test.each(Object.entries(HOSTILE))("ends %s, and is of use afterwards", async (_, [rules, code]) => {
    const imports = "import future.keywords.every\nimport future.keywords.in\n";
    const session = await open(
      `${imports}${rules}\nGood { data.pstate.a == input.a }\nSet := {"allowed": true, "ops": [{"op": "add", "path": "/pstate/a", "value": 7}]}`,
      PATIENCE,
    );
    session.decide("Set", {});
    const started = performance.now();
    expect(codeOf(() => session.evaluate("X", {}))).toBe(code);
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(session.evaluate("Good", { a: 7 }).allowed).toBe(true);
  });

  test.if(IS_CAMPAIGN)(
    "ends what fills its memory before its time is over",
    async () => {
      const grow = "a := numbers.range(1, 100000)\nX { count([[i, j, k] | a[i]; a[j]; a[k]]) == 1 }";
      const session = await open(grow, { engine, patienceMs: 60_000 });
      expect(codeOf(() => session.evaluate("X", {}))).toBe("rego/limit-exceeded");
    },
    CAMPAIGN_TIMEOUT_MS,
  );

  test("takes patterns that others need exponential time for", async () => {
    const session = await open('default X := false\nX { regex.match("^(a|a)*(a|aa)*$", input.text) }', { engine });
    expect(session.evaluate("X", { text: `${"a".repeat(20_000)}b` }).allowed).toBe(false);
    expect(session.evaluate("X", { text: "a".repeat(20_000) }).allowed).toBe(true);
  });

  test("treats patterns beyond its limits as errors or as undefined, never as matches", async () => {
    const pattern = `((((a{1,50}){1,50}){1,50}){1,50})`;
    const session = await open(`default X := false\nX { regex.match("${pattern}", "a") }`, { engine });
    const code = codeOf(() => expect(session.evaluate("X", {}).allowed).toBe(false));
    expect(["no error, returned undefined", "rego/evaluation-failed"]).toContain(code);
  });

  test.each([
    ["arrays", "[", "]"],
    ["parentheses", "(", ")"],
    ["sets and objects", '{"a": ', "}"],
  ])("refuses %s that are nested too deep", async (_, before, after) => {
    const value = `${before.repeat(20_000)}1${after.repeat(20_000)}`;
    const code = await codeOfAsync(() => open(`X := ${value}`, { engine }));
    expect(["rego/limit-exceeded", "rego/syntax-invalid"]).toContain(code);
  });

  test("asks a policy no more that has run out of time three times", async () => {
    const rules = "X { numbers.range(1, 100000)[i]; numbers.range(1, 100000)[j]; i * j == -1 }\nY { true }";
    const session = await open(rules, { engine, patienceMs: 60 });
    expect(session.evaluate("Y", {}).allowed).toBe(true);
    const codes = [1, 2, 3].map(() => codeOf(() => session.evaluate("X", {})));
    expect(codes).toEqual(["rego/limit-exceeded", "rego/limit-exceeded", "rego/limit-exceeded"]);
    expect(codeOf(() => session.evaluate("Y", {}))).toBe("rego/limit-exceeded");
  });

  test("asks a policy again after limits that cost no time", async () => {
    const session = await open("X { f(1) }\nf(x) { f(x + 1) }\nY { true }", { engine });
    for (let times = 0; times < 4; times++) codeOf(() => session.evaluate("X", {}));
    expect(session.evaluate("Y", {}).allowed).toBe(true);
  });

  test("reads patterns with the tables of Unicode, as guests do", async () => {
    const session = await open('X { regex.match("^\\\\w+\\\\d\\\\p{L}$", input.text) }', { engine });
    expect(session.evaluate("X", { text: "übergröße7é" }).allowed).toBe(true);
  });
});

describe("openRegorusSession()", () => {
  test("refuses texts that no guest would load", async () => {
    expect(await codeOfAsync(() => open("# ".padEnd(17 * 1024 * 1024, "x")))).toBe("rego/policy-too-large");
  });

  test("gives each version of the engine the functions of its guests", async () => {
    const rules = 'default X := false\nX { base64.decode("YQ==") == "a" }';
    expect((await open(rules, { engine: "current" })).evaluate("X", {}).allowed).toBe(true);
    const guest = await open(rules, { engine: "guest" });
    expect(codeOf(() => guest.evaluate("X", {}))).toBe("rego/evaluation-failed");
  });
});
