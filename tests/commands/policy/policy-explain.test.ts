import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { MAX_DENIAL_BYTES } from "../../../src/policy/explain/parse-denial.ts";
import { callCommand } from "../../fakes/call-command.ts";
import { type DeniedPod, deniedPod } from "../../fakes/denied-pod.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

setDefaultTimeout(30_000);

const FOLDER = temporaryDirectory();

let pod: DeniedPod;
beforeAll(async () => {
  pod = await deniedPod(FOLDER);
});

/** Runs the command with a text on standard input. */
async function explain(words: readonly string[], input: unknown = "", format: "text" | "json" = "text") {
  const text = typeof input === "string" ? input : JSON.stringify(input);
  const io = recordIo({ format, readInput: async () => new TextEncoder().encode(text) });
  const code = await codeOfAsync(() => callCommand(["policy", "explain", ...words], io));
  const output = io.printed.join("\n");
  return { code, lines: output.trimEnd().split("\n"), text: output };
}

const DENIED = "policy/request-denied";
const ALLOWED = "no error, returned undefined";

describe("policyExplainCommand", () => {
  test("shows both sides, the line of the YAML and what to do", async () => {
    const { code, lines } = await explain(["--policy", pod.yaml], pod.denied);
    expect(code).toBe(DENIED);
    expect(lines).toEqual([
      `policy of Deployment web (${pod.yaml})`,
      'DENIED CreateContainerRequest for container "main": env',
      "  env: environment variables",
      expect.stringMatching(/^ {4}OCI\.Process\.Env\[\d+\]$/),
      '      received  "LOG=debug"',
      '      expected  "LOG=info"',
      `      change    ${pod.yaml}:17:22 spec.template.spec.containers[0].env[0].value`,
      "    settings  request_defaults.CreateContainerRequest.allow_env_regex",
      '  Change the YAML back, or run "contrast generate" again and set the new manifest.',
      expect.stringMatching(/^ {2}other containers: pause fails \d+ checks, first container_type$/),
    ]);
  });

  test("prints one versioned object for programs", async () => {
    const { code, lines } = await explain(["--policy", pod.yaml], pod.denied, "json");
    expect([code, lines.length]).toEqual([DENIED, 1]);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      schema: "contrast/policy-explain/v1",
      ok: false,
      policy: { label: "Deployment web", rules: "embedded" },
      requests: [
        {
          kind: "CreateContainerRequest",
          verdict: "denied",
          nearest: { index: 1, name: "main" },
          firstCheck: "env",
          checks: [{ check: "env", findings: [{ is: "differs", received: "LOG=debug", yaml: { line: 17 } }] }],
          unread: [],
        },
      ],
    });
  });

  test("counts the allowed requests of a log, and keeps their state", async () => {
    const log = [...pod.start, { kind: "CreateContainerRequest", request: pod.denied }];
    const { code, lines } = await explain(["--policy", pod.yaml], log.map((entry) => JSON.stringify(entry)).join("\n"));
    expect([code, lines[1], lines.at(-1)]).toEqual([
      DENIED,
      'DENIED CreateContainerRequest for container "main": env',
      `${log.length - 1} of ${log.length} requests allowed`,
    ]);
    expect((await explain(["--policy", pod.yaml], pod.request)).code).toBe(ALLOWED);
  });

  test("takes places from YAML that does not carry the policy", async () => {
    const words = ["--policy", pod.policy, "--resources", pod.yaml];
    expect((await explain(words, pod.denied)).text).toContain(`${pod.yaml}:17:22 spec.template`);
    const without = await explain(["--policy", pod.policy], pod.denied);
    expect(without.text).toContain("change    containers[name=main].env[name=LOG]");
  });

  test.each<[string, () => readonly string[], () => unknown, string]>([
    ["the container", () => [], () => pod.denied, DENIED],
    ["the printed line", () => [], () => 'container "shop" refuses: env', DENIED],
    ["its name", () => ["--workload", "web"], () => pod.denied, DENIED],
    ["kind and name", () => ["--workload", "Deployment/web"], () => pod.denied, DENIED],
    ["nothing", () => [], () => "CreateContainerRequest is blocked by policy", "policy/choice-unclear"],
    ["a name that none has", () => ["--workload", "nobody"], () => pod.denied, "policy/choice-unclear"],
    [
      "the name of another",
      () => ["--workload", "shop"],
      () => 'container "main" refuses: env',
      "policy/choice-unclear",
    ],
  ])("chooses among several policies by %s", async (_what, words, input, code) => {
    const found = await explain(["--policy", pod.yaml, "--policy", pod.other, ...words()], input());
    expect(found.code).toBe(code);
  });

  test("says what the policy has where the text shows no request", async () => {
    const line = 'is blocked by policy: agent_policy:177: container \\"main\\" refuses: env, mou';
    const { code, text } = await explain(["--policy", pod.yaml], line);
    expect(code).toBe(DENIED);
    expect(text).toContain("received  not in the text");
    expect(text).toContain('expected  "LOG=info"');
    expect(text).toContain("the list of checks was cut");
    expect(text).toContain("Only names of checks are in the text");
  });

  test("does not decide a request that was cut, unless what is there is enough", async () => {
    const text = JSON.stringify({ kind: "CreateContainerRequest", request: pod.request });
    const cut = await explain(["--policy", pod.yaml], text.slice(0, text.indexOf('"Cwd"')));
    expect(cut.code).toBe("policy/request-undecided");
    expect(cut.text).toContain("the request ends in OCI.Process: what follows");
    const hooked = JSON.stringify({ OCI: { Hooks: { Prestart: [] }, Process: {} } });
    const enough = await explain(["--policy", pod.yaml], hooked.slice(0, -2));
    expect(enough.code).toBe(DENIED);
  });

  test.each<[string, readonly string[], unknown, string]>([
    ["text that is no request", [], "hello", "policy/request-not-found"],
    ["an empty text", [], "", "policy/request-not-found"],
    ["a request of many kinds", [], { container_id: "a" }, "policy/request-kind-unclear"],
    ["an unknown kind", ["--kind", "NoRequest"], { container_id: "a" }, "policy/request-kind-unknown"],
    ["a member of another type", [], { OCI: 3 }, "policy/request-invalid"],
    ["two requests", ["--request", "a", "b"], "", "terminal/exclusive-flags"],
    ["a file that does not exist", ["/nowhere/at-all"], "", "lib/file-unreadable"],
    ["deep JSON", [], `{"OCI":${"[".repeat(10_000)}`, "policy/request-invalid"],
  ])("refuses %s", async (_what, words, input, code) => {
    expect((await explain(["--policy", pod.yaml, ...words], input)).code).toBe(code);
  });

  test("lets nothing of a request control the terminal", async () => {
    const evil = "\u001b[2J\u202e";
    const annotations = { [`a${evil}`]: evil, "io.kubernetes.cri.container-name": evil };
    const request = { OCI: { Annotations: annotations, Process: { Args: [evil], Env: [`${evil}=${evil}`] } } };
    const mount = { destination: evil, source: evil, type_: evil, options: [evil] };
    const all = { ...request, OCI: { ...request.OCI, Mounts: [mount], Linux: { Sysctl: { [evil]: evil } } } };
    for (const kind of ["CreateContainerRequest", `x${evil}`]) {
      const { lines } = await explain(["--policy", pod.yaml], { kind, description: evil, request: all });
      expect(lines.join("")).not.toMatch(/[\u001b\u202e]/);
    }
  });

  test("reads standard input once only", async () => {
    expect((await explain(["--policy", "-"], pod.denied)).code).toBe("terminal/invalid-argument");
  });

  test("refuses a request and a policy that are too large", async () => {
    const large = join(pod.folder, "large.json");
    writeFileSync(large, " ".repeat(MAX_DENIAL_BYTES + 1));
    expect((await explain(["--policy", pod.yaml, large])).code).toBe("lib/file-too-large");
    const policy = join(pod.folder, "large.rego");
    writeFileSync(policy, `package agent_policy\n${"# comment\n".repeat(5_000_000)}`);
    expect((await explain(["--policy", policy], pod.denied)).code).toMatch(/too-large$/);
  });

  test("decides with rules of somebody else, and says that the comparison is not theirs", async () => {
    const file = join(pod.folder, "foreign.rego");
    const data = (await Bun.file(pod.policy).text()).split("\npolicy_data := ")[1];
    const rules = "package agent_policy\ndefault CreateContainerRequest := false\ndefault CopyFileRequest := true\n";
    writeFileSync(file, `${rules}\npolicy_data := ${data}`);
    const { code, text } = await explain(["--policy", file], pod.denied);
    expect(code).toBe(DENIED);
    expect(text).toContain("are not those of this program");
    expect(text).toContain('expected  "LOG=info"');
    const agreeable = await explain(["--policy", file], pod.request);
    expect(agreeable.code).toBe(DENIED);
    expect(agreeable.text).toContain("would allow this request");
  });
});
