import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { vectorsFolder } from "../fakes/vectors.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { runBinary } from "./run-binary.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const POD = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers: [{name: web, image: "registry.example/web:1@sha256:${"ab".repeat(32)}"}]
`;
const FACTS = JSON.stringify({
  [`registry.example/web:1@sha256:${"ab".repeat(32)}`]: { config: { Entrypoint: ["/web"] } },
  "mcr.microsoft.com/oss/kubernetes/pause:3.6": { config: { Entrypoint: ["/pause"], User: "65535:65535" } },
});
const logs = { kind: "ReadStreamRequest", request: {} };

/** A folder with the test `t` and the facts about its images. */
function folderWith(cases: readonly object[], pod = POD): string {
  const folder = temporaryDirectory();
  mkdirSync(join(folder, "t"));
  writeFileSync(join(folder, "t", "pod.yaml"), pod);
  writeFileSync(join(folder, "t", "testcases.json"), JSON.stringify(cases));
  writeFileSync(join(folder, "images.json"), FACTS);
  return folder;
}

describe("contrast policy test", () => {
  const vectors = vectorsFolder("kata-policy");
  test.skipIf(vectors === undefined)("gives the expected verdict for every vector of upstream", async () => {
    const facts = join(vectors!, "images.json");
    const words = ["policy", "test", "--profile", "upstream", "--image-facts", facts, vectors!];
    expect(await runBinary(words)).toMatchObject({
      stdout: "64 passed, 0 failed, 11 policies\n",
      stderr: "",
      status: 0,
    });
  });

  test("makes policies as for bare metal unless told otherwise", async () => {
    const cwd = folderWith([{ ...logs, description: "logs", allowed: true }]);
    const words = ["policy", "test", "--image-facts", "images.json", "t"];
    expect(await runBinary(words, { cwd })).toMatchObject({ stdout: "1 passed, 0 failed, 1 policy\n", status: 0 });
    const upstream = await runBinary([...words, "--profile", "upstream"], { cwd });
    expect(upstream.stdout).toBe(
      "FAIL t: ReadStreamRequest: logs: denied, want allowed\n0 passed, 1 failed, 1 policy\n",
    );
    expect(upstream.stderr).toStartWith("Error: Policy test failed: 1 of 1 verdicts are not as expected\n");
    expect(upstream.status).toBe(1);
  });

  test("prints one JSON object, and writes JUnit beside it", async () => {
    const cwd = folderWith([
      { ...logs, description: "logs", allowed: false },
      { kind: "NoSuchRequest", request: {}, description: "unknown", allowed: false },
    ]);
    const words = ["policy", "test", "--image-facts", "images.json", "--junit", "junit.xml", "--format", "json", "t"];
    const { stdout, status } = await runBinary(words, { cwd });
    expect(status).toBe(4);
    expect(JSON.parse(stdout)).toEqual({
      schema: "contrast/policy-test/v1",
      ok: false,
      passed: 0,
      failed: 2,
      directories: [
        {
          directory: "t",
          passed: 0,
          failed: 2,
          cases: [
            { description: "logs", kind: "ReadStreamRequest", expected: false, actual: true, ok: false },
            expect.objectContaining({ kind: "NoSuchRequest", expected: false, ok: false, error: expect.any(String) }),
          ],
        },
      ],
    });
    expect(readFileSync(join(cwd, "junit.xml"), "utf8")).toContain(`tests="2" failures="2"`);
  });

  test("takes own settings", async () => {
    const cwd = folderWith([{ ...logs, description: "logs", allowed: false }]);
    const settings = JSON.parse(readFileSync(join(import.meta.dir, "../../policy/settings-metal.json"), "utf8"));
    settings.request_defaults.ReadStreamRequest = false;
    writeFileSync(join(cwd, "settings.json"), JSON.stringify(settings));
    const words = ["policy", "test", "--image-facts", "images.json", "--settings", "settings.json", "t"];
    const { stdout, stderr } = await runBinary(words, { cwd });
    expect([stdout, stderr]).toEqual(["1 passed, 0 failed, 1 policy\n", ""]);
  });

  test.each([
    [["policy", "test"], "wants at least 1"],
    [["policy", "test", "missing"], `Cannot read directory "missing"`],
    [["policy", "test", "--image-facts", "images.json", "."], "no testcases.json"],
    [["policy", "test", "--profile", "other", "t"], `invalid argument "other" for "--profile" flag`],
    [["policy", "test", "--image-facts", "missing.json", "t"], `Cannot read image facts "missing.json"`],
    [["policy", "test", "--offline", "t"], "registry.example/web"],
  ])("tells what is wrong with %j", async (words, message) => {
    const cwd = words.at(-1) === "." ? temporaryDirectory() : folderWith([]);
    if (words.at(-1) === ".") writeFileSync(join(cwd, "images.json"), FACTS);
    const { stdout, stderr, status } = await runBinary(words, { cwd });
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
    expect(stdout).not.toContain("passed");
  });

  test("reports every fault of a workload with its place", async () => {
    const faulty = POD.replace("containers:", "volumes: [{name: v, cephfs: {}}]\n  containers:").replace(
      "image:",
      "imag:",
    );
    const { stderr, status } = await runBinary(["policy", "test", "--image-facts", "images.json", "t"], {
      cwd: folderWith([], faulty),
    });
    expect(status).toBe(1);
    expect(stderr).toContain("t/pod.yaml:");
  });
});
