import { describe, expect, test } from "bun:test";
import { openPolicy } from "../../src/policy/open-policy.ts";
import { rulesText } from "../../src/policy/rules-text.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { otherPolicy } from "../fakes/other-rules.ts";

const embedded = (data: string): string => `${rulesText()}\npolicy_data := ${data}`;

describe("openPolicy()", () => {
  test("lets the compiled rules decide exactly what a generator wrote with them", async () => {
    const { rules, kinds, session, isLenient } = await openPolicy(
      embedded('{"request_defaults": {"ReadStreamRequest": true}}'),
    );
    expect(rules).toBe("embedded");
    expect(kinds).toContain("CreateContainerRequest");
    expect(isLenient).toBe(false);
    expect(session.decide("ReadStreamRequest", {})).toEqual({ allowed: true, ops: [] });
  });

  test.each([
    ["goes on behind its data", "{}\nSetPolicyRequest := true { input.x == 1 }"],
    ["has data in which a member stands twice", '{"a": 1, "a": 1}'],
    ["has data that are no JSON", '{"a": {1, 2}}'],
    ["has data that are no object", "[]"],
    ["has no data", undefined],
  ])("leaves a text to the engine for any rules that %s", async (_, data) => {
    const { rules } = await openPolicy(data === undefined ? rulesText() : embedded(data));
    expect(rules).toBe("other");
  });

  test("believes what stands behind the data, as a guest does", async () => {
    const text = embedded('{"request_defaults": {}}\nWriteStreamRequest := true { input.exec_id == "x" }');
    const { session } = await openPolicy(text);
    expect(session.decide("WriteStreamRequest", { exec_id: "x" }).allowed).toBe(true);
    expect(session.decide("WriteStreamRequest", { exec_id: "y" }).allowed).toBe(false);
  });

  test.each(["guest", "current"] as const)(
    "has the %s engine decide the shipped rules where asked to",
    async (engine) => {
      const { rules, session, kinds } = await openPolicy(embedded('{"sandbox": {"storages": []}}'), { engine });
      expect([rules, kinds.includes("ExecProcessRequest")]).toEqual(["embedded", true]);
      const refused = session.decide("CreateSandboxRequest", {
        sandbox_pidns: true,
        kernel_modules: [],
        guest_hook_path: "",
        storages: [],
      });
      expect(refused.allowed).toBe(false);
      expect(refused.prints?.join()).toContain("sandbox_pidns");
    },
  );

  test.each(["v0", "v1"] as const)("knows what rules of others in Rego %s answer", async (version) => {
    const { rules, kinds, misreadWords } = await openPolicy(otherPolicy(version));
    expect(rules).toBe("other");
    expect(kinds).toEqual([
      "CopyFileRequest",
      "CreateContainerRequest",
      "CreateSandboxRequest",
      "ExecProcessRequest",
      "ReadStreamRequest",
      "StartContainerRequest",
      "UpdateInterfaceRequest",
    ]);
    expect(misreadWords).toEqual([]);
  });

  test("answers for nothing in rules of another package", async () => {
    expect((await openPolicy("package other\nCreateContainerRequest := true")).kinds).toEqual([]);
  });

  test("tells words that guests take for names, unless the text is read as Rego v1", async () => {
    const text = "package agent_policy\nX if { 1 == 2 }";
    expect((await openPolicy(text)).misreadWords).toEqual(["if"]);
    expect((await openPolicy(text, { syntax: "v1" })).misreadWords).toEqual([]);
  });

  test("takes data of the size that guests take, and refuses 50 MB", async () => {
    const large = `{"a": [${"0,".repeat(200)}0],\n "b": ["${Array.from({ length: 30_000 }, () => "x".repeat(200)).join('",\n"')}"]}`;
    const { session } = await openPolicy(`package agent_policy\nX { policy_data.a[_] == 0 }\npolicy_data := ${large}`);
    expect(session.decide("X", {}).allowed).toBe(true);
    const hostile = `package agent_policy\npolicy_data := ["${"x".repeat(50_000_000)}"]`;
    expect(await codeOfAsync(() => openPolicy(hostile))).toBe("rego/policy-too-large");
  });
});
