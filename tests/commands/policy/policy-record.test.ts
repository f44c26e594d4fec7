import { beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { callCommand } from "../../fakes/call-command.ts";
import { type DeniedPod, deniedPod } from "../../fakes/denied-pod.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

setDefaultTimeout(30_000);

const RECORDED = "no error, returned undefined";

const FOLDER = temporaryDirectory();

let pod: DeniedPod;
let directory = "";
let number = 0;
beforeAll(async () => {
  pod = await deniedPod(FOLDER);
});
beforeEach(() => {
  directory = join(pod.folder, `cases-${++number}`);
});

async function call(words: readonly string[], input: unknown = "") {
  const text = typeof input === "string" ? input : JSON.stringify(input);
  const io = recordIo({ readInput: async () => new TextEncoder().encode(text) });
  const code = await codeOfAsync(() => callCommand(words, io));
  return { code, lines: io.printed };
}

const record = (input: unknown, ...words: readonly string[]) =>
  call(["policy", "record", "--policy", pod.yaml, ...words, directory], input);
const testPolicies = () => call(["policy", "test", "--image-facts", pod.facts, directory]);
const textOf = (): string => readFileSync(join(directory, "testcases.json"), "utf8");
const cases = () => JSON.parse(textOf());

describe("policyRecordCommand", () => {
  test("makes a directory that policy test runs", async () => {
    const { code, lines } = await record(pod.denied);
    expect([code, lines.length]).toEqual([RECORDED, 2]);
    expect(cases()).toEqual([
      { description: 'container "main": env', kind: "CreateContainerRequest", request: pod.denied, allowed: false },
    ]);
    expect(await testPolicies()).toEqual({ code: RECORDED, lines: ["1 passed, 0 failed, 1 policy"] });
  });

  test("adds to a file of cases without touching a byte of it", async () => {
    mkdirSync(directory);
    const written = '[ {"description":"logs",  "kind":"ReadStreamRequest","request":{},"allowed":true}\n]';
    writeFileSync(join(directory, "testcases.json"), written);
    expect((await record(pod.denied, "--description", "debug log")).code).toBe(RECORDED);
    expect(textOf().startsWith(written.slice(0, -2))).toBe(true);
    expect(cases().map((one: { description: string }) => one.description)).toEqual(["logs", "debug log"]);
    expect((await testPolicies()).lines).toEqual(["2 passed, 0 failed, 1 policy"]);
  });

  test.each([
    [[], false, "1 passed, 0 failed, 1 policy"],
    [["--denied"], false, "1 passed, 0 failed, 1 policy"],
    [["--allowed"], true, "0 passed, 1 failed, 1 policy"],
  ])("wants the verdict of the policy, or that of %p", async (words, allowed, summary) => {
    await record(pod.denied, ...words);
    expect(cases()[0].allowed).toBe(allowed);
    expect((await testPolicies()).lines.at(-1)).toBe(summary);
  });

  test("puts the creation of a container before a command in it", async () => {
    const creation = { kind: "CreateContainerRequest", request: pod.request };
    const id = (pod.request as { readonly container_id: string }).container_id;
    const command = {
      kind: "ExecProcessRequest",
      request: { container_id: id, process: { Args: ["sh"], Cwd: "/srv" } },
    };
    const log = [...pod.start, command].map((entry) => JSON.stringify(entry)).join("\n");
    expect((await record(log)).code).toBe(RECORDED);
    expect(cases()).toMatchObject([
      { ...creation, allowed: true },
      { kind: "ExecProcessRequest", allowed: false },
    ]);
    expect((await testPolicies()).lines).toEqual(["2 passed, 0 failed, 1 policy"]);
  });

  test("finds another title for a second case like the first, but takes no given one twice", async () => {
    await record(pod.denied);
    await record(pod.denied);
    expect(cases().map((one: { description: string }) => one.description)).toEqual([
      'container "main": env',
      'container "main": env (2)',
    ]);
    const before = textOf();
    expect((await record(pod.denied, "--description", 'container "main": env')).code).toBe("policy/case-unchanged");
    expect(textOf()).toBe(before);
  });

  test("keeps YAML that lies there, and copies none with other workloads", async () => {
    mkdirSync(directory);
    writeFileSync(join(directory, "own.yaml"), "# mine\n");
    await record(pod.denied);
    expect(existsSync(join(directory, "web.yaml"))).toBe(false);
    const both = join(pod.folder, "both.yaml");
    writeFileSync(both, `${readFileSync(pod.yaml, "utf8")}---\n${readFileSync(pod.other, "utf8")}`);
    directory = join(directory, "two");
    const { lines } = await call(["policy", "record", "--policy", both, "--workload", "web", directory], pod.denied);
    expect(lines.at(-1)).toStartWith("Put the YAML of Deployment web beside it");
  });

  test("refuses a request that the cases before it make refused", async () => {
    await record(pod.request);
    const before = textOf();
    const other = JSON.stringify(pod.request).replaceAll(/"io\.kubernetes\.cri\.sandbox-name":"[^"]*"/g, (text) =>
      text.replace(/."$/, 'z"'),
    );
    expect(other).not.toBe(JSON.stringify(pod.request));
    expect((await record(other)).code).toBe("policy/case-unchanged");
    expect(textOf()).toBe(before);
  });

  test.each<[string, () => unknown, string]>([
    ["a cut request", () => JSON.stringify(pod.denied).slice(0, 4000), "policy/request-undecided"],
    ["a line without a request", () => 'container "main" refuses: env', "policy/request-not-found"],
    ["allowed requests", () => pod.start.map((step) => JSON.stringify(step)).join("\n"), "policy/request-not-found"],
  ])("records nothing of %s", async (_what, input, code) => {
    expect((await record(input())).code).toBe(code);
    expect(existsSync(directory)).toBe(false);
  });

  test.each([
    ["no JSON", "lib/json-invalid"],
    ["{}", "policy/test-cases-invalid"],
  ])("leaves a file of cases alone that holds %s", async (text, code) => {
    mkdirSync(directory);
    writeFileSync(join(directory, "testcases.json"), text);
    expect((await record(pod.denied)).code).toBe(code);
    expect(textOf()).toBe(text);
  });
});
