import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Problems } from "../../../src/lib/problems.ts";
import { parseImageFacts } from "../../../src/policy/policy-test/image-facts.ts";
import { findTestDirectories } from "../../../src/policy/policy-test/find-test-directories.ts";
import { type PolicyTest, preparePolicyTest } from "../../../src/policy/policy-test/prepare-policy-test.ts";
import { renderJunit } from "../../../src/policy/policy-test/render-junit.ts";
import { countCases, runPolicyTest } from "../../../src/policy/policy-test/run-policy-test.ts";
import { parseTestCases } from "../../../src/policy/policy-test/test-cases.ts";
import { loadProfile } from "../../../src/policy/settings/profiles.ts";
import { PolicyEngine } from "../../../src/rego/policy-engine.ts";
import { codeOf, codeOfAsync } from "../../fakes/error-code.ts";
import { rulePolicy } from "../../fakes/rule-policy.ts";
import { createContainer, execProcess, IDS } from "../../fakes/rule-requests.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const POD = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
    - name: web
      image: registry.example/web:1
      env: [{name: COLOUR, valueFrom: {configMapKeyRef: {name: settings, key: colour}}}]
`;
const CONFIG = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {colour: green}
`;
const FACTS = JSON.stringify({
  "registry.example/web:1": { config: { Entrypoint: ["/web"] } },
  "mcr.microsoft.com/oss/kubernetes/pause:3.6": { config: { Entrypoint: ["/pause"], User: "65535:65535" } },
});
const CASE = { description: "start", kind: "StartContainerRequest", request: {}, allowed: true };

function directoryWith(files: Readonly<Record<string, string>>): string {
  const directory = temporaryDirectory();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  return directory;
}

async function prepare(directory: string, problems = new Problems()): Promise<PolicyTest | undefined> {
  const [found] = await findTestDirectories([directory]);
  const images = parseImageFacts(FACTS, "facts.json");
  return await preparePolicyTest(found!, await loadProfile("upstream"), images, problems);
}

describe("findTestDirectories()", () => {
  test("finds tests at any depth in the order of names, with their YAML files", async () => {
    const root = temporaryDirectory();
    for (const name of ["b", "a/deep", "a"]) {
      mkdirSync(join(root, name), { recursive: true });
      writeFileSync(join(root, name, "testcases.json"), "[]");
    }
    for (const name of ["pod.yaml", "config.yml", "notes.txt"]) writeFileSync(join(root, "b", name), "");
    mkdirSync(join(root, "c"));
    symlinkSync(root, join(root, "c", "loop"));
    const found = await findTestDirectories([root]);
    expect(found.map(({ path }) => path)).toEqual(["a", "a/deep", "b"].map((name) => join(root, name)));
    expect(found[2]?.yamlFiles).toEqual(["config.yml", "pod.yaml"].map((name) => join(root, "b", name)));
  });

  test("refuses a directory without tests, a file and a path that is not there", async () => {
    const root = directoryWith({ "pod.yaml": POD });
    for (const path of [root, join(root, "pod.yaml"), join(root, "missing")]) {
      expect(await codeOfAsync(() => findTestDirectories([path]))).toBe("policy/test-directory-invalid");
    }
  });
});

describe("parseTestCases()", () => {
  test("reads cases and drops members that it does not know", () => {
    expect(parseTestCases(JSON.stringify([{ ...CASE, note: "x" }]), "f")).toEqual([CASE]);
  });

  test.each(["", "{", "[1] 2"])("refuses text that is not JSON: %p", (text) => {
    expect(codeOf(() => parseTestCases(text, "f"))).toBe("lib/json-invalid");
  });

  test.each([
    [{}],
    [[1]],
    [[{ ...CASE, allowed: "true" }]],
    [[{ ...CASE, request: [] }]],
    [[{ ...CASE, request: null }]],
    [[{ ...CASE, kind: undefined }]],
    [[CASE, { ...CASE, description: 1 }]],
  ])("refuses %j", (value) => {
    expect(codeOf(() => parseTestCases(JSON.stringify(value), "f"))).toBe("policy/test-cases-invalid");
  });

  test("tells everything that is wrong, with case and member", () => {
    const text = JSON.stringify([CASE, { ...CASE, allowed: "no" }, { description: "new" }]);
    const problems = [
      { path: "[1].allowed", message: 'got "no", want true or false' },
      { path: "[2].kind", message: "member kind is missing", object: '"new"' },
      { path: "[2].request" },
      { path: "[2].allowed" },
    ];
    expect(() => parseTestCases(text, "f")).toThrow(
      expect.objectContaining({ problems: problems.map((problem) => expect.objectContaining(problem)) }),
    );
  });
});

describe("preparePolicyTest()", () => {
  test("derives the policy from all YAML files of the directory, whatever the runtime class", async () => {
    const directory = directoryWith({
      "pod.yaml": POD,
      "config.yaml": CONFIG,
      "testcases.json": JSON.stringify([CASE]),
    });
    const prepared = await prepare(directory);
    expect(prepared?.policyDataText).toContain("COLOUR=green");
    expect(prepared?.cases).toEqual([CASE]);
  });

  test("wants exactly one workload", async () => {
    const none = directoryWith({ "config.yaml": CONFIG, "testcases.json": "[]" });
    const two = directoryWith({ "pod.yaml": `${POD}---\n${POD}`, "testcases.json": "[]" });
    for (const directory of [none, two]) {
      expect(await codeOfAsync(() => prepare(directory))).toBe("policy/test-directory-invalid");
    }
  });

  test("reports faulty YAML, also where nothing is confidential", async () => {
    const problems = new Problems();
    const directory = directoryWith({ "pod.yaml": "a: [", "testcases.json": "[]" });
    expect(await prepare(directory, problems)).toBeUndefined();
    expect(problems.errors.map(({ code }) => code)).toEqual(["kubernetes/yaml-syntax"]);
  });

  test("reports a workload without policy", async () => {
    const problems = new Problems();
    const directory = directoryWith({ "pod.yaml": POD, "testcases.json": "[]" });
    expect(await prepare(directory, problems)).toBeUndefined();
    expect(problems.errors.map(({ code }) => code)).toEqual(["policy/reference-unresolved"]);
  });
});

describe("runPolicyTest()", () => {
  const policyDataText = JSON.stringify(rulePolicy());

  test("decides in order with one state, and tells right from wrong", async () => {
    const create = {
      description: "create",
      kind: "CreateContainerRequest",
      request: createContainer("web"),
      allowed: true,
    };
    const exec = { description: "exec", kind: "ExecProcessRequest", request: execProcess(), allowed: true };
    const remove = { ...CASE, kind: "RemoveContainerRequest", request: { container_id: IDS.web } };
    const cases = [{ ...exec, allowed: false }, create, exec, remove, exec];
    const result = runPolicyTest(await PolicyEngine.load(), { directory: "d", policyDataText, cases });
    expect(result.cases.map(({ ok }) => ok)).toEqual([true, true, true, true, false]);
    expect(result.cases[4]).toMatchObject({ expected: true, actual: false });
    expect(countCases([result])).toEqual({ passed: 4, failed: 1 });
  });

  test("counts a request without verdict as wrong, also where it is to be denied", async () => {
    const cases = [
      { ...CASE, kind: "NoSuchRequest", allowed: false },
      { ...CASE, request: { container_id: 1 }, allowed: false },
    ];
    const result = runPolicyTest(await PolicyEngine.load(), { directory: "d", policyDataText, cases });
    expect(result.cases.map(({ ok, actual }) => [ok, actual])).toEqual([
      [false, undefined],
      [false, undefined],
    ]);
  });
});

describe("renderJunit()", () => {
  test("is XML that holds any text", () => {
    const shared = { kind: "K", expected: true, error: undefined };
    const text = renderJunit([
      {
        directory: `a"<b`,
        cases: [
          { ...shared, description: "fine", actual: true, ok: true },
          { ...shared, description: "]]>&\u0000\n\uD800", actual: false, ok: false },
        ],
      },
    ]);
    expect(text).toBe(
      [
        `<?xml version="1.0" encoding="UTF-8"?>`,
        `<testsuites name="contrast policy test" tests="2" failures="1">`,
        `  <testsuite name="a&#34;&#60;b" tests="2" failures="1">`,
        `    <testcase classname="a&#34;&#60;b" name="K: fine"/>`,
        `    <testcase classname="a&#34;&#60;b" name="K: ]]&#62;&#38;\uFFFD&#10;\uFFFD"><failure message="denied, want allowed"/></testcase>`,
        `  </testsuite>`,
        `</testsuites>`,
        ``,
      ].join("\n"),
    );
  });
});
