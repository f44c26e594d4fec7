import { describe, expect, test } from "bun:test";
import { compileOpaModule } from "../../src/rego/opa-module.ts";
import { PolicyEngine } from "../../src/rego/policy-engine.ts";
import { codeOf, codeOfAsync } from "../fakes/error-code.ts";
import { type FakeModule, fakeOpaModule } from "../fakes/opa-module.ts";
import { rulePolicy, type Tree } from "../fakes/rule-policy.ts";
import { createContainer, IDS } from "../fakes/rule-requests.ts";

const load = async (fake: FakeModule): Promise<PolicyEngine> =>
  await PolicyEngine.load(compileOpaModule(fakeOpaModule(fake)));

const policyText = (edit: (policy: Tree) => void = () => {}): string => {
  const policy = rulePolicy();
  edit(policy);
  return JSON.stringify(policy);
};

describe("PolicyEngine.load()", () => {
  test("takes the rules that the program ships", async () => {
    const engine = await PolicyEngine.load();
    expect(engine.kinds).toContain("CreateContainerRequest");
  });

  test("refuses bytes that are no module", () => {
    expect(codeOf(() => compileOpaModule(new Uint8Array(8)))).toBe("rego/module-invalid");
  });

  test("refuses a module that is not OPA's", async () => {
    const empty = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    expect(await codeOfAsync(() => PolicyEngine.load(empty))).toBe("rego/module-invalid");
  });

  test.each([["http.send"], ["sprintf"], ["my.function"]])(
    "refuses a module that calls %s of its host",
    async (name) => {
      expect(await codeOfAsync(() => load({ builtins: [name] }))).toBe("rego/module-invalid");
    },
  );
});

describe("PolicySession.decide()", () => {
  test("keeps what allowed requests settle, and nothing else", async () => {
    const engine = await PolicyEngine.load();
    const session = engine.open(policyText());
    const other = createContainer("web");
    other.OCI.Process.Args = ["/bin/sh"];
    expect(session.decide("CreateContainerRequest", other)).toEqual({ allowed: false, ops: [] });
    expect(JSON.parse(session.document()).pstate).toEqual({});
    expect(session.decide("CreateContainerRequest", createContainer("web")).allowed).toBe(true);
    expect(JSON.parse(session.document()).pstate).toEqual({
      sandbox_name: "web-x7k2p",
      namespace: "shop",
      sandbox_id: "ab".repeat(32),
      network_namespace: "",
      [`container:${IDS.web}`]: 1,
    });
    expect(session.decide("RemoveContainerRequest", { container_id: IDS.web }).ops).toEqual([
      { op: "add", key: `container:${IDS.web}`, value: -1 },
    ]);
    expect(JSON.parse(session.document()).pstate[`container:${IDS.web}`]).toBe(-1);
    session.reset();
    expect(JSON.parse(session.document()).pstate).toEqual({});
  });

  test("keeps sessions apart, whatever the order of calls", async () => {
    const engine = await PolicyEngine.load();
    const reads = engine.open(policyText());
    const silent = engine.open(policyText((policy) => (policy.request_defaults.ReadStreamRequest = false)));
    for (const _ of [1, 2, 3]) {
      expect(reads.decide("ReadStreamRequest", {}).allowed).toBe(true);
      expect(silent.decide("ReadStreamRequest", {}).allowed).toBe(false);
    }
    reads.decide("CreateContainerRequest", createContainer("pause"));
    expect(JSON.parse(silent.document()).pstate).toEqual({});
  });

  test.each([["NoSuchRequest"], [""], ["__proto__"], ["toString"]])("refuses the unknown request %p", async (kind) => {
    const session = (await PolicyEngine.load()).open(policyText());
    expect(codeOf(() => session.decide(kind, {}))).toBe("rego/entry-point-unknown");
    expect(session.decide("StartContainerRequest", {}).allowed).toBe(true);
  });

  test("answers the next request after one that is too deep", async () => {
    const session = (await PolicyEngine.load()).open(policyText());
    let deep: Tree = {};
    for (let level = 0; level < 3000; level++) deep = { deep };
    const outcome = codeOf(() => session.decide("CreateContainerRequest", deep));
    expect(["no error, returned object", "rego/evaluation-failed"]).toContain(outcome);
    expect(session.decide("StartContainerRequest", {}).allowed).toBe(true);
  });

  test("stops at its memory limit and goes on with the next request", async () => {
    const session = (await PolicyEngine.load()).open(policyText());
    const request = createContainer("web");
    request.OCI.Process.Env = Array.from({ length: 100 }, () => "x".repeat(3_000_000));
    expect(codeOf(() => session.decide("CreateContainerRequest", request))).toBe("rego/evaluation-failed");
    expect(session.decide("CreateContainerRequest", createContainer("web")).allowed).toBe(true);
  });

  test("refuses policy data that are not JSON", async () => {
    const engine = await PolicyEngine.load();
    expect(codeOf(() => engine.open("{").decide("StartContainerRequest", {}))).toBe("rego/evaluation-failed");
    expect(engine.open(policyText()).decide("StartContainerRequest", {}).allowed).toBe(true);
  });

  test("reports rules that contradict each other", async () => {
    const engine = await load({ abort: "complete rules must not produce multiple outputs" });
    expect(codeOf(() => engine.open("{}").decide("Fake", {}))).toBe("rego/evaluation-failed");
  });

  test("reports a trap, time after time", async () => {
    const session = (await load({ trap: true })).open("{}");
    for (const _ of [1, 2]) expect(codeOf(() => session.decide("Fake", {}))).toBe("rego/evaluation-failed");
  });

  test("refuses to remove what is not there", async () => {
    const result = `[{"result":{"allowed":true,"ops":[{"op":"remove","path":"/pstate/x"}]}}]`;
    const session = (await load({ result })).open("{}");
    expect(codeOf(() => session.decide("Fake", {}))).toBe("rego/state-change-failed");
  });

  test("makes all changes of a request or none", async () => {
    const ops = `[{"op":"add","path":"/pstate/a","value":1},{"op":"remove","path":"/pstate/b"}]`;
    const session = (await load({ result: `[{"result":{"allowed":true,"ops":${ops}}}]` })).open("{}");
    expect(codeOf(() => session.decide("Fake", {}))).toBe("rego/state-change-failed");
    expect(JSON.parse(session.document()).pstate).toEqual({});
  });

  test("does not let memory grow with the number of decisions", async () => {
    const engine = await PolicyEngine.load();
    const session = engine.open(policyText());
    const requests = (["pause", "web", "blocks", "gpus"] as const).map((name) => createContainer(name));
    // Up to here, memory is used up before it is freed for the first time.
    for (let round = 0; round < 120; round++) {
      for (const request of requests) session.decide("CreateContainerRequest", request);
    }
    const before = engine.memoryBytes;
    for (let round = 0; round < 120; round++) {
      for (const request of requests) session.decide("CreateContainerRequest", request);
    }
    expect(engine.memoryBytes).toBe(before);
  });
});
