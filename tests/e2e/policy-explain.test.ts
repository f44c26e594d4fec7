import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DeniedPod, deniedPod } from "../fakes/denied-pod.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { runBash, runBinary } from "./run-binary.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(120_000);

const FOLDER = temporaryDirectory();
let pod: DeniedPod;
beforeAll(async () => {
  pod = await deniedPod(FOLDER);
});

/** The program in the folder of the pod's files, with a text on standard input. */
const contrast = (words: readonly string[], stdin: unknown = "") =>
  runBinary(words, { cwd: FOLDER, stdin: typeof stdin === "string" ? stdin : JSON.stringify(stdin) });

/** An event as `kubectl describe pod` shows it for rules of upstream. */
function eventOf(request: unknown): string {
  const blocked = `CreateContainerRequest is blocked by policy: agent_policy:122: input = ${JSON.stringify(request)}`;
  const quoted = JSON.stringify(`failed to create shim task: ${JSON.stringify(blocked)}: unknown`);
  return `Events:\n  Warning  Failed  2s (x3 over 9s)  kubelet  Error: ${quoted}\n`;
}

describe("contrast policy explain", () => {
  test("explains a pasted event, without colours where nobody looks", async () => {
    const { status, stdout, stderr } = await contrast(
      ["policy", "explain", "--policy", "web.yaml"],
      eventOf(pod.denied),
    );
    expect(stdout).toStartWith(
      'policy of Deployment web (web.yaml)\nDENIED CreateContainerRequest for container "main": env\n',
    );
    expect(stdout).toContain("      change    web.yaml:17:22 spec.template.spec.containers[0].env[0].value\n");
    expect(stderr.split("\n")[0]).toBe("Error: Policy denied 1 of 1 requests");
    expect(status).toBe(1);
  });

  test("uses colours as NO_COLOR and FORCE_COLOR say", async () => {
    const words = ["policy", "explain", "--policy", "web.yaml", "--request", "-"];
    const options = { cwd: FOLDER, stdin: JSON.stringify(pod.denied) };
    const forced = await runBinary(words, { ...options, env: { FORCE_COLOR: "1" } });
    expect(forced.stdout).toContain("\u001b[");
    const both = await runBinary(words, { ...options, env: { FORCE_COLOR: "1", NO_COLOR: "1" } });
    expect(both.stdout).not.toContain("\u001b[");
  });

  test.each<[string, () => unknown, number, string]>([
    ["an allowed request", () => pod.request, 0, "allowed"],
    ["a refused one", () => pod.denied, 4, "denied"],
    ["a cut one", () => JSON.stringify(pod.request).slice(0, 3000), 7, "unknown"],
  ])("gives %s its exit status and one JSON object", async (_what, request, status, verdict) => {
    const words = ["policy", "explain", "--policy", "web.yaml", "--format", "json"];
    const outcome = await contrast(words, request());
    expect(outcome.status).toBe(status);
    const result = JSON.parse(outcome.stdout);
    expect(result).toMatchObject({ schema: "contrast/policy-explain/v1", ok: status === 0, requests: [{ verdict }] });
  });

  test.each<[string, string, readonly string[], number]>([
    ["no request", "hello", [], 7],
    ["bytes", "\u0000\u00ff".repeat(100_000), [], 7],
    ["deep JSON", `{"OCI":${'{"Process":'.repeat(200_000)}`, [], 7],
    ["nothing", "", [], 7],
    ["a workload that is not there", "{}", ["--workload", "nobody"], 2],
  ])("ends with one clear error for %s", async (_what, text, words, status) => {
    const call = ["policy", "explain", "--policy", "web.yaml", "--format", "json", ...words];
    const outcome = await contrast(call, text);
    expect(outcome.status).toBe(status);
    expect(outcome.stderr).toStartWith("Error: ");
    expect(JSON.parse(outcome.stdout)).toMatchObject({ ok: false });
  });

  test("refuses a policy of 50 MB in bounded time and memory", async () => {
    const path = join(FOLDER, "large.rego");
    writeFileSync(path, `${readFileSync(pod.policy, "utf8")}\n${"# comment\n".repeat(5_000_000)}`);
    const script = `ulimit -v 8000000; "$PROGRAM" policy explain --policy ${path} --format json < /dev/null`;
    const { status, stdout } = await runBash(script);
    expect(status).toBe(7);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false });
  });

  test("records a denial that policy test repeats", async () => {
    writeFileSync(join(FOLDER, "event.txt"), eventOf(pod.denied));
    const recorded = await contrast(["policy", "record", "--policy", "web.yaml", "--request", "event.txt", "cases"]);
    expect(recorded).toMatchObject({
      status: 0,
      stdout: [
        'Recorded in cases/testcases.json: CreateContainerRequest, "container \\"main\\": env", wanted denied',
        "Copied the YAML of Deployment web to cases/web.yaml",
        "",
      ].join("\n"),
    });
    const tested = await contrast(["policy", "test", "--image-facts", "images.json", "cases"]);
    expect(tested).toMatchObject({ status: 0, stdout: "1 passed, 0 failed, 1 policy\n" });
  });
});
