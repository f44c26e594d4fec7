import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FoundPolicy } from "../../../src/policy/found-policy.ts";
import { bareText, describeFound, foundIn, withDataAt, withText } from "../../fakes/found-policies.ts";
import { IMAGE, podYaml } from "../../fakes/policy-input.ts";

async function idsOf(found: FoundPolicy): Promise<readonly string[]> {
  return (await describeFound(found)).gaps.map(({ id }) => id).toSorted();
}

const plain = async (): Promise<FoundPolicy> => await foundIn(podYaml("env: [{name: MODE, value: strict}]"));
const REQUESTS = ["request_defaults"];

/** Each gap that not every pod has, with a policy that has it. */
const CASES: Readonly<Record<string, () => Promise<FoundPolicy>>> = {
  "failing-requests-allowed": async () =>
    withText(await plain(), `default AllowRequestsFailingPolicy := true\n${(await plain()).text}`),
  "failing-requests-possible": async () =>
    withText(await plain(), `AllowRequestsFailingPolicy if { input.x }\n${(await plain()).text}`),
  "rules-foreign": async () => withText(await plain(), `# x\n${(await plain()).text}`),
  "storages-unchecked": async () => withText(await plain(), `# x\n${(await plain()).text}`),
  "data-missing": async () => bareText("package agent_policy\n"),
  "data-unreadable": async () => withDataAt(await plain(), ["containers", 1, "OCI", "Mounts"], 7),
  "not-in-manifest": async () => ({ ...(await plain()), manifests: ["manifest.json"] }),
  "settings-changed": async () => withDataAt(await plain(), ["common", "sfprefix"], "^.*"),
  "yaml-changed": async () => withDataAt(await plain(), ["containers", 1, "OCI", "Process", "Env", 3], "MODE=lax"),
  "exec-any-container": async () => withDataAt(await plain(), [...REQUESTS, "ExecProcessRequest", "regex"], [".*"]),
  "exec-probes": async () => await foundIn(podYaml("livenessProbe: {exec: {command: [cat, /x]}}")),
  "stdin-writable": async () => withDataAt(await plain(), [...REQUESTS, "WriteStreamRequest"], true),
  "mounts-changeable": async () => withDataAt(await plain(), [...REQUESTS, "UpdateEphemeralMountsRequest"], true),
  "diagnostics-visible": async () => withDataAt(await plain(), [...REQUESTS, "GetDiagnosticDataRequest"], true),
  privileged: async () => await foundIn(podYaml("securityContext: {privileged: true}")),
  "image-without-digest": async () => withDataAt(await plain(), ["containers", 1, "image"], "app:latest"),
  "image-unverified": async () => withDataAt(await plain(), ["common", "image_verification"], "none"),
  "namespace-any": async () => await foundIn(podYaml().replace("namespace: prod, ", "")),
  "containers-skipped": async () => await foundIn(podYaml("", `initContainers: [{name: first, image: "${IMAGE}"}]`)),
  "secrets-in-variables": async () =>
    await foundIn(
      `${podYaml("env: [{name: T, valueFrom: {secretKeyRef: {name: s, key: t}}}]")}\n---\n{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: prod}, stringData: {t: x}}\n`,
    ),
  "values-host-chosen": async () =>
    await foundIn(podYaml("env: [{name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]")),
  "processes-shared": async () => await foundIn(podYaml("", "shareProcessNamespace: true")),
  "configuration-host-controlled": async () =>
    await foundIn(podYaml("volumeMounts: [{name: s, mountPath: /s}]", "volumes: [{name: s, secret: {secretName: s}}]")),
  "storage-host-controlled": async () =>
    await foundIn(
      podYaml("volumeMounts: [{name: h, mountPath: /h}]", "volumes: [{name: h, hostPath: {path: /var/log}}]"),
    ),
  "hardware-host-chosen": async () =>
    await foundIn(podYaml("resources: {limits: {nvidia.com/pgpu: 1}}"), { profile: "upstream" }),
  "block-devices": async () =>
    await foundIn(
      podYaml(
        "volumeDevices: [{name: b, devicePath: /dev/b}]",
        "volumes: [{name: b, persistentVolumeClaim: {claimName: c}}]",
      ),
    ),
};

/** Gaps of every pod that runs under the shipped settings and has a variable and a volume of its image. */
const EVERY_POD = [
  "annotations-unchecked",
  "guest-hooks",
  "logs-visible",
  "mounts-missing",
  "network-host-controlled",
  "service-account-token",
  "storage-host-controlled",
  "variables-added",
  "variables-missing",
  "variables-readable",
];

describe("docs/policies.md", () => {
  test("explains every gap", () => {
    const page = readFileSync(join(import.meta.dir, "../../../docs/policies.md"), "utf8");
    const told = [...page.matchAll(/^\| `([a-z-]+)` +\| (?:high|medium|note) /gm)].map(([, id]) => id);
    expect(new Set(told)).toEqual(new Set([...Object.keys(CASES), ...EVERY_POD]));
  });
});

describe("findGaps()", () => {
  test("finds in a plain pod what no policy protects, and nothing else", async () => {
    expect(await idsOf(await plain())).toEqual(EVERY_POD);
  });
  test.each(Object.keys(CASES))("finds %s where it is", async (id) => {
    expect(await idsOf(await CASES[id]!())).toContain(id);
  });
  test.each([
    ["metal", ["main: up to 1 GPU"]],
    ["upstream", ["main: /dev/vfio/devices/vfio"]],
  ] as const)("says how many GPUs the host picks under the settings %s", async (profile, concerns) => {
    const found = await foundIn(podYaml("resources: {limits: {nvidia.com/pgpu: 1}}"), { profile });
    const gap = (await describeFound(found)).gaps.find(({ id }) => id === "hardware-host-chosen");
    expect(gap?.concerns).toEqual([...concerns]);
  });
  test("does not find what is switched off", async () => {
    const quiet = withDataAt(await plain(), [...REQUESTS, "ReadStreamRequest"], false);
    expect(await idsOf(quiet)).not.toContain("logs-visible");
    const bare = withDataAt(quiet, ["sandbox", "allowed_guest_hooks"], []);
    expect(await idsOf(bare)).not.toContain("guest-hooks");
    const closed = withDataAt(bare, [...REQUESTS, "CreateContainerRequest", "allow_env_regex"], []);
    expect(await idsOf(closed)).not.toContain("variables-added");
  });
  test("tells the worst first, and says for each why and what to do", async () => {
    const { gaps } = await describeFound(await CASES["failing-requests-allowed"]!());
    expect(gaps[0]?.id).toBe("failing-requests-allowed");
    const weights = gaps.map(({ weight }) => ["high", "medium", "note"].indexOf(weight));
    expect(weights).toEqual(weights.toSorted((left, right) => left - right));
    for (const { title, why, action, concerns } of gaps) {
      expect([title.length, why.length, action.length, concerns.length].every((length) => length > 0)).toBe(true);
    }
  });
  test("takes no variable for changed whose value the YAML does not spell out", async () => {
    const env =
      "env: [{name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}, {name: A, value: x}, {name: B, value: $(A)}]";
    const found = await foundIn(podYaml(env));
    expect(await idsOf(found)).not.toContain("yaml-changed");
  });
  test.each<[string, string, readonly string[], readonly string[]]>([
    ["an argument", "args: [a, b]", ["/app", "a", "x"], ["main: args[1]"]],
    ["a command", "command: [/app], args: [a]", ["/other", "a"], ["main: command[0]"]],
    ["arguments that were more", "command: [/app], args: [a]", ["/app", "a", "b"], ["main: args"]],
    ["arguments that were fewer", "args: [a, b]", ["a"], ["main: args"]],
    ["a command alone", "command: [/app]", ["/app", "serve"], ["main: command"]],
    ["nothing", "command: [/app], args: [a]", ["/app", "a"], []],
    ["nothing where the image has the command", "args: [a]", ["/app", "a"], []],
    ["nothing that has variables", "args: ['--name=$(NAME)']", ["/app", "--name=x"], []],
    ["nothing where all of it is the image's", "", ["/other"], []],
  ])("notices by %s that the YAML was changed", async (_what, container, args, concerns) => {
    const found = withDataAt(await foundIn(podYaml(container)), ["containers", 1, "OCI", "Process", "Args"], args);
    const { gaps } = await describeFound(found);
    expect(gaps.find(({ id }) => id === "yaml-changed")?.concerns ?? []).toEqual(concerns);
  });
  test("weighs the mesh sidecar's privileges less than those of a workload", async () => {
    const privileged = (name: string) =>
      podYaml("", `initContainers: [{name: ${name}, image: "${IMAGE}", securityContext: {privileged: true}}]`);
    const weightOf = async (name: string) =>
      (await describeFound(await foundIn(privileged(name)))).gaps.find(({ id }) => id === "privileged")?.weight;
    expect([await weightOf("contrast-service-mesh"), await weightOf("own")]).toEqual(["note", "high"]);
  });
  test.each([
    ["coordinator", "coordinator", "capabilities: {add: [SYS_ADMIN]}", "note", "coordinator: SYS_ADMIN"],
    ["coordinator", "coordinator", "privileged: true", "high", "coordinator"],
    ["coordinator", "other", "capabilities: {add: [SYS_ADMIN]}", "high", "coordinator: SYS_ADMIN"],
    ["other", "coordinator", "capabilities: {add: [SYS_ADMIN]}", "high", "other: SYS_ADMIN"],
  ])("weighs %s in a pod of role %s with %s as %s", async (name, role, security, weight, concern) => {
    const yaml = podYaml(`securityContext: {${security}}`)
      .replace("name: main", `name: ${name}`)
      .replace("team: blue", `contrast.edgeless.systems/pod-role: ${role}`);
    const { gaps } = await describeFound(await foundIn(yaml));
    expect(gaps.find(({ id }) => id === "privileged")).toMatchObject({ weight, concerns: [concern] });
  });
  test("takes root hashes of layers for a pin, as long as every layer has one", async () => {
    const tagged = withText(
      await CASES["image-without-digest"]!(),
      `# x\n${(await CASES["image-without-digest"]!()).text}`,
    );
    const overlay = (hashes: string) => [{ fstype: "fuse3.kata-overlay", options: ["a:b", hashes] }];
    const layers = (hashes: string) => withDataAt(tagged, ["containers", 1, "storages"], overlay(hashes));
    const hash = "ab".repeat(32);
    expect(await idsOf(layers(`${hash}:${hash}`))).not.toContain("image-without-digest");
    expect(await idsOf(layers(hash))).toContain("image-without-digest");
    expect(await idsOf(layers(`${hash}:x`))).toContain("image-without-digest");
  });
  test("finds images whose layers have no root hashes where those are what is checked", async () => {
    const layers = await idsOf(withDataAt(await plain(), ["common", "image_verification"], "tardev"));
    expect(layers).toContain("image-unverified");
  });
  test("compares settings of other versions only where both have them", async () => {
    const own = withDataAt(withDataAt(await plain(), ["common", "mine"], 1), ["common", "cpath"], "/x");
    const settings = async (found: FoundPolicy) =>
      (await describeFound(found)).gaps.find(({ id }) => id === "settings-changed")?.concerns.length;
    expect([await settings(own), await settings(withText(own, `# x\n${own.text}`))]).toEqual([2, 1]);
  });
  test("names each setting that is not as shipped", async () => {
    const { gaps } = await describeFound(await CASES["settings-changed"]!());
    const changed = gaps.find(({ id }) => id === "settings-changed");
    expect(changed?.concerns).toHaveLength(1);
    expect(changed?.concerns[0]).toStartWith('common.sfprefix: "^.*", shipped as "^$(cpath)');
  });

  test("names variables of Secrets, and whole Secrets by their prefix", async () => {
    const secret = "{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: prod}, stringData: {t: x}}";
    const env = "env: [{name: T, valueFrom: {secretKeyRef: {name: s, key: t}}}]";
    const found = await foundIn(
      `${podYaml(`${env}, envFrom: [{prefix: S_, secretRef: {name: s}}]`)}\n---\n${secret}\n`,
    );
    const gap = (await describeFound(found)).gaps.find(({ id }) => id === "secrets-in-variables");
    expect([gap?.weight, gap?.concerns]).toEqual(["high", ["main: T, S_* (Secret s)"]]);
  });
});
