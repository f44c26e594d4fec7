import { describe, expect, test } from "bun:test";
import type { FoundPolicy } from "../../../src/policy/found-policy.ts";
import { diffPolicies } from "../../../src/policy/diff/diff-policies.ts";
import { renderDifference } from "../../../src/policy/diff/render-difference.ts";
import { NO_PAINT } from "../../../src/terminal/colour.ts";
import { bareText, dataOf, foundIn, withDataAt, withText } from "../../fakes/found-policies.ts";
import { IMAGE, podYaml } from "../../fakes/policy-input.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../../fakes/campaign.ts";
import { FEATURES } from "../../fakes/pod-features.ts";

/** The changes between two policies, each as `effect kind container: part: subject`. */
function changesOf(before: FoundPolicy, after: FoundPolicy): readonly string[] {
  const [difference] = diffPolicies([before], [after]);
  return difference!.changes.map(({ effect, kind, container, part, subject }) =>
    [`${effect} ${kind}`, container, part, subject].filter((word) => word !== "").join(": "),
  );
}

const base = await foundIn(podYaml("livenessProbe: {exec: {command: [cat, /x]}}, env: [{name: A, value: b}]"));
const OCI = ["containers", 1, "OCI"];
const REQUESTS = ["request_defaults"];
const ENV = ["PATH=/bin", "A=b"];
const withEnv = withDataAt(base, [...OCI, "Process", "Env"], ENV);
const withGpus = withDataAt(base, ["containers", 1, "gpus"], 9);
const mounts = [{ destination: "/a", source: "$(sfprefix)a$", type_: "bind", options: ["rbind", "ro"] }];
const withMounts = withDataAt(base, [...OCI, "Mounts"], mounts);

/** One change of the data, and what it is called. */
const CASES: readonly (readonly [
  name: string,
  before: FoundPolicy,
  path: (string | number)[],
  value: unknown,
  change: string,
])[] = [
  ["a new variable", withEnv, [...OCI, "Process", "Env"], [...ENV, "N=1"], "wider added: main: OCI.Process.Env: N"],
  ["a lost variable", withEnv, [...OCI, "Process", "Env"], ["A=b"], "narrower removed: main: OCI.Process.Env: PATH"],
  ["another value", withEnv, [...OCI, "Process", "Env", 1], "A=c", "other changed: main: OCI.Process.Env: A"],
  [
    "a value that becomes the host's",
    withEnv,
    [...OCI, "Process", "Env", 1],
    "A=$(pod-ip)",
    "wider changed: main: OCI.Process.Env: A",
  ],
  [
    "a value that was one of the host's",
    withDataAt(withEnv, [...OCI, "Process", "Env", 1], "A=x-$(host-name)"),
    [...OCI, "Process", "Env", 1],
    "A=x-b",
    "narrower changed: main: OCI.Process.Env: A",
  ],
  [
    "a value that was none of the host's",
    withDataAt(withEnv, [...OCI, "Process", "Env", 1], "A=x-$(host-name)"),
    [...OCI, "Process", "Env", 1],
    "A=b",
    "other changed: main: OCI.Process.Env: A",
  ],
  ["more GPUs", withGpus, ["containers", 1, "gpus"], 10, "wider changed: main: gpus"],
  ["fewer GPUs", withGpus, ["containers", 1, "gpus"], 1, "narrower changed: main: gpus"],
  ["any number of GPUs", withGpus, ["containers", 1, "gpus"], undefined, "wider removed: main: gpus"],
  ["a bound for GPUs", base, ["containers", 1, "gpus"], 2, "other added: main: gpus"],
  [
    "a read-only mount",
    withDataAt(withMounts, [...OCI, "Mounts", 0, "options", 1], "rw"),
    [...OCI, "Mounts", 0, "options", 1],
    "ro",
    "narrower changed: main: OCI.Mounts: /a",
  ],
  [
    "a read-only mount of something else",
    withDataAt(withMounts, [...OCI, "Mounts", 0, "options", 1], "rw"),
    [...OCI, "Mounts", 0],
    { ...mounts[0], source: "elsewhere" },
    "other changed: main: OCI.Mounts: /a",
  ],
  [
    "the digest of an image",
    withDataAt(base, ["containers", 1, "image"], "app"),
    ["containers", 1, "image"],
    `app@sha256:${"ab".repeat(32)}`,
    "narrower changed: main: image",
  ],
  [
    "another image with its digest",
    withDataAt(base, ["containers", 1, "image"], "app"),
    ["containers", 1, "image"],
    `other@sha256:${"ab".repeat(32)}`,
    "other changed: main: image",
  ],
  ["another argument", base, [...OCI, "Process", "Args", 1], "x", "other changed: main: OCI.Process.Args: 1"],
  ["one more argument", base, [...OCI, "Process", "Args", 2], "x", "other added: main: OCI.Process.Args: 2"],
  ["a writable mount", withMounts, [...OCI, "Mounts", 0, "options", 1], "rw", "wider changed: main: OCI.Mounts: /a"],
  [
    "a new mount",
    withMounts,
    [...OCI, "Mounts", 1],
    { ...mounts[0], destination: "/b" },
    "wider added: main: OCI.Mounts: /b",
  ],
  [
    "a new capability",
    base,
    [...OCI, "Process", "Capabilities", "Ambient"],
    ["CAP_KILL"],
    "wider added: main: OCI.Process.Capabilities.Ambient",
  ],
  [
    "a path that is no longer hidden",
    base,
    [...OCI, "Linux", "MaskedPaths"],
    (dataAt(base, [...OCI, "Linux", "MaskedPaths"]) as string[]).slice(1),
    "wider removed: main: OCI.Linux.MaskedPaths",
  ],
  [
    "a lost namespace",
    base,
    [...OCI, "Linux", "Namespaces"],
    (dataAt(base, [...OCI, "Linux", "Namespaces"]) as unknown[]).slice(1),
    "wider removed: main: OCI.Linux.Namespaces",
  ],
  [
    "root",
    withDataAt(base, [...OCI, "Process", "User", "UID"], 5),
    [...OCI, "Process", "User", "UID"],
    0,
    "wider changed: main: OCI.Process.User.UID",
  ],
  [
    "set-user-ID",
    withDataAt(base, [...OCI, "Process", "NoNewPrivileges"], true),
    [...OCI, "Process", "NoNewPrivileges"],
    false,
    "wider changed: main: OCI.Process.NoNewPrivileges",
  ],
  ["a read-only root", base, [...OCI, "Root", "Readonly"], true, "narrower changed: main: OCI.Root.Readonly"],
  ["a command", base, ["containers", 1, "exec_commands", 1], ["sh"], "wider added: main: exec_commands"],
  [
    "one more of the same device",
    withDataAt(base, ["containers", 1, "devices"], [{ id: "" }]),
    ["containers", 1, "devices", 1],
    { id: "" },
    "wider added: main: devices",
  ],
  ["a storage", base, ["containers", 1, "storages"], [{ driver: "x" }], "wider added: main: storages"],
  ["a long storage", base, ["containers", 1, "storages"], [{ driver: "x".repeat(300) }], "wider added: main: storages"],
  ["an image without digest", base, ["containers", 1, "image"], "app", "wider changed: main: image"],
  ["another image", base, ["containers", 1, "image"], IMAGE.replace("ab", "cd"), "other changed: main: image"],
  [
    "any namespace",
    base,
    [...OCI, "Annotations", "io.kubernetes.cri.sandbox-namespace"],
    "",
    "wider changed: main: OCI.Annotations: io.kubernetes.cri.sandbox-namespace",
  ],
  ["an annotation", base, [...OCI, "Annotations", "x"], "y", "wider added: main: OCI.Annotations: x"],
  ["a kernel parameter", base, [...OCI, "Linux", "Sysctl", "x"], "y", "wider added: main: OCI.Linux.Sysctl: x"],
  ["a request", base, [...REQUESTS, "WriteStreamRequest"], true, "wider changed: request_defaults.WriteStreamRequest"],
  [
    "logs that are hidden",
    base,
    [...REQUESTS, "ReadStreamRequest"],
    false,
    "narrower changed: request_defaults.ReadStreamRequest",
  ],
  [
    "a device that is no longer forbidden",
    base,
    [...REQUESTS, "UpdateRoutesRequest", "forbidden_device_names"],
    [],
    "wider removed: request_defaults.UpdateRoutesRequest.forbidden_device_names",
  ],
  [
    "a command for all",
    base,
    [...REQUESTS, "ExecProcessRequest", "regex"],
    [".*"],
    "wider added: request_defaults.ExecProcessRequest.regex",
  ],
  ["a wider constant", base, ["common", "cpath"], "/.*", "wider changed: common.cpath"],
  [
    "images that are not verified",
    base,
    ["common", "image_verification"],
    "none",
    "wider changed: common.image_verification",
  ],
  ["a member that no version has", base, [...OCI, "Extra"], { deep: [1] }, "other added: main: OCI.Extra.deep: 0"],
  ["a member of another type", base, [...OCI, "Root"], "x", "other changed: main: OCI.Root"],
  ["containers that are no list", base, ["containers"], {}, "other changed: containers"],
];

function dataAt(found: FoundPolicy, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<string, unknown>)[step], dataOf(found));
}

describe("diffPolicies()", () => {
  test.each(CASES)("says what %s means", (_, before, path, value, change) => {
    expect(changesOf(before, withDataAt(before, path, value))).toEqual([change]);
  });
  test("finds nothing between a policy and itself, however it is written", async () => {
    const [one] = diffPolicies([base], [withText(base, base.text.replace(/\n {2,}/g, "\n"))]);
    expect(one).toMatchObject({ status: "same", changes: [], rules: [] });
    const reordered = withDataAt(withEnv, [...OCI, "Process", "Env"], ENV.toReversed());
    expect(changesOf(withEnv, reordered)).toEqual([]);
  });
  test(
    "finds every changed value of a policy",
    async () => {
      const found = await foundIn(FEATURES["volumes"]!);
      // Neighbours are alike, so that a sample that reaches every part says nearly as much.
      const leaves = leavesOf(dataOf(found)).filter((_, index) => IS_CAMPAIGN || index % 7 === 0);
      for (const path of leaves) {
        const was = dataAt(found, path);
        const is = typeof was === "boolean" ? !was : typeof was === "number" ? was + 1 : `${String(was)}!`;
        expect(changesOf(found, withDataAt(found, path, is)).length, path.join(".")).toBeGreaterThan(0);
      }
    },
    CAMPAIGN_TIMEOUT_MS,
  );
  test("writes out the lists that capability placeholders stand for", () => {
    const set = [...OCI, "Process", "Capabilities", "Bounding"];
    const all = dataAt(base, ["common", "default_caps"]) as string[];
    expect(changesOf(base, withDataAt(base, set, all))).toEqual([]);
    expect(changesOf(base, withDataAt(base, set, all.slice(1)))).toEqual([
      "narrower removed: main: OCI.Process.Capabilities.Bounding",
    ]);
  });
  test("tells containers that came, went or moved", async () => {
    const init = (name: string) => `{name: ${name}, image: "${IMAGE}"}`;
    const pod = (...names: readonly string[]) =>
      foundIn(podYaml("", `initContainers: [${names.map(init).join(", ")}]`));
    expect(changesOf(await pod("a"), await pod("a", "b"))).toEqual(["wider added: b: container"]);
    expect(changesOf(await pod("a", "b"), await pod("b"))).toEqual(["narrower removed: a: container"]);
    expect(changesOf(await pod("a", "b"), await pod("b", "a"))).toEqual([
      "other moved: b: containers",
      "other moved: a: containers",
    ]);
  });
  test("shows changed rules as lines, and compares texts without data", () => {
    const [rules] = diffPolicies(
      [base],
      [
        withText(
          base,
          base.text.replace("default SignalProcessRequest := true", "default SignalProcessRequest := false"),
        ),
      ],
    );
    expect(rules).toMatchObject({ status: "changed", changes: [] });
    expect(rules?.rules.filter((line) => /^[-+]/.test(line))).toEqual([
      "-default SignalProcessRequest := true",
      "+default SignalProcessRequest := false",
    ]);
    const [texts] = diffPolicies([bareText("package a\n")], [bareText("package b\n")]);
    expect(texts).toMatchObject({ status: "changed", rules: ["@@ -1 +1 @@", "-package a", "+package b"] });
    expect(changesOf(bareText("package a\n"), base)).toEqual(["other added: policy_data"]);
  });
  test("matches workloads by kind, name and namespace", () => {
    const as = (label: string, namespace: string, found = base) => ({ ...found, label, namespace });
    const other = withDataAt(base, ["common", "cpath"], "/x");
    const found = diffPolicies(
      [as("Pod a", ""), as("Pod b", "x"), as("Pod c", "")],
      [as("Pod c", "default", other), as("Pod a", "default"), as("Pod b", "y")],
    );
    expect(found.map(({ label, namespace, status }) => `${label} ${namespace} ${status}`)).toEqual([
      "Pod a default same",
      "Pod b x removed",
      "Pod c default changed",
      "Pod b y added",
    ]);
  });
  test("pairs the last of a history with what is new", () => {
    const version = (cpath: string) => withDataAt(base, ["common", "cpath"], cpath);
    const found = diffPolicies([version("1"), version("2")], [version("2"), version("3")]);
    expect(found.map(({ status }) => status)).toEqual(["same", "changed"]);
    expect(diffPolicies([version("1"), version("2")], [version("3")])[1]?.changes[0]).toMatchObject({ before: "2" });
  });
  test("compares one with one whatever they are called", () => {
    expect(diffPolicies([{ ...base, label: "x" }], [{ ...base, label: "y" }])[0]?.status).toBe("same");
  });
});

describe("renderDifference()", () => {
  test("tells first what is wider, and nothing that a terminal obeys", () => {
    const after = withDataAt(
      withDataAt(withEnv, [...OCI, "Process", "Env"], ["A=\u001b[31m"]),
      [...REQUESTS, "WriteStreamRequest"],
      true,
    );
    const [difference] = diffPolicies([withEnv], [after]);
    const lines = renderDifference(difference!, NO_PAINT, 100);
    expect(lines.join("\n")).not.toContain("\u001b");
    const effects = lines.flatMap((line) => /^ {2}(wider|other|narrower)\b/.exec(line)?.[1] ?? []);
    expect(effects).toEqual(["wider", "other", "narrower"]);
    expect(lines[0]).toEndWith("1 wider, 1 other, 1 narrower");
  });
  test("says on which side there is no policy", () => {
    const sides = (before: readonly FoundPolicy[], after: readonly FoundPolicy[]) =>
      diffPolicies(before, after)
        .flatMap((difference) => renderDifference(difference, NO_PAINT, 100))
        .map((line) => line.trim().replace(/[0-9a-f]{64}.*/, "a hash"));
    expect(sides([], [base])).toEqual([
      "Pod web in namespace prod: new, so wider",
      "before no policy",
      "after  a hash",
    ]);
    expect(sides([base], [])).toEqual([
      "Pod web in namespace prod: gone, so narrower",
      "before a hash",
      "after  no policy",
    ]);
  });
});

function leavesOf(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return value === null ? [] : [[...path]];
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesOf(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}
