import { beforeAll, describe, expect, test } from "bun:test";
import { Problems } from "../../../src/lib/problems.ts";
import type { ContainerPolicy, PolicyData } from "../../../src/policy/policy-data.ts";
import { loadProfile } from "../../../src/policy/settings/profiles.ts";
import { selfCheck } from "../../../src/policy/self-check/self-check.ts";
import { selfCheckCases } from "../../../src/policy/self-check/self-check-cases.ts";
import { PolicyEngine } from "../../../src/rego/policy-engine.ts";
import {
  derive,
  type DerivedPolicy,
  type DeriveOptions,
  IMAGE,
  IMAGE_FACTS,
  podYaml,
} from "../../fakes/policy-input.ts";
import { FEATURES } from "../../fakes/pod-features.ts";

let engine: PolicyEngine;

beforeAll(async () => {
  engine = await PolicyEngine.load();
});

/** Checks a policy, or another one for the same pod, and gives `code: message` of what was found. */
async function check(policy: DerivedPolicy, data = policy.data, by: PolicyEngine = engine) {
  if (data === undefined) throw new Error(policy.errors.join("\n"));
  const problems = new Problems();
  const summary = await selfCheck({ ...policy, data, engine: by, problems });
  return { summary, found: problems.errors.map(({ code, message }) => `${code}: ${message}`) };
}

const SANDBOX_STORAGES = (await loadProfile("metal")).sandbox.storages;

function withProcess(
  container: ContainerPolicy,
  edit: Partial<ContainerPolicy["OCI"]["Process"]>,
): Partial<ContainerPolicy> {
  return { OCI: { ...container.OCI, Process: { ...container.OCI.Process, ...edit } } };
}

function withLinux(container: ContainerPolicy, edit: Partial<ContainerPolicy["OCI"]["Linux"]>): ContainerPolicy {
  return { ...container, OCI: { ...container.OCI, Linux: { ...container.OCI.Linux, ...edit } } };
}

/** An engine that gives every request the same answer. */
function engineThat(allowed: boolean): PolicyEngine {
  const answer = () => ({ allowed, ops: [] });
  return { open: () => ({ decide: answer, evaluate: answer }) } as unknown as PolicyEngine;
}

describe("selfCheck()", () => {
  test.each(["metal", "aks", "upstream"] as const)(
    "finds nothing wrong with the policies of profile %s",
    async (profile) => {
      for (const [name, yaml] of Object.entries(FEATURES)) {
        const { found } = await check(await derive(yaml, { profile }));
        expect([name, found]).toEqual([name, []]);
      }
    },
  );
  test.each(["block-plain", "shared-fs", "local"] as const)("knows emptyDirs of type %s", async (emptydir_type) => {
    const upstream = await loadProfile("upstream");
    const root_path =
      emptydir_type === "shared-fs"
        ? "/run/kata-containers/shared/containers/$(bundle-id)/rootfs"
        : upstream.common.root_path;
    const settings = {
      ...upstream,
      common: { ...upstream.common, root_path },
      cluster_config: { ...upstream.cluster_config, emptydir_type },
    };
    expect((await check(await derive(FEATURES["emptyDirs"]!, { settings }))).found).toEqual([]);
  });
  test("asks for every container and tries to forge it", async () => {
    const { summary } = await check(
      await derive(podYaml("", `initContainers: [{name: a, image: "${IMAGE}"}]`)),
      undefined,
      await PolicyEngine.load(),
    );
    expect(summary.allowed).toBeGreaterThan(15);
    expect(summary.denied).toBeGreaterThan(120);
  });

  test.each<[string, (main: ContainerPolicy) => Partial<ContainerPolicy>]>([
    ["argument", (main) => withProcess(main, { Args: [...(main.OCI.Process.Args ?? []), "x"] })],
    ["variable", (main) => withProcess(main, { Env: main.OCI.Process.Env?.slice(0, 1) ?? [] })],
    ["user", (main) => withProcess(main, { User: { ...main.OCI.Process.User, UID: 4711 } })],
    ["capabilities", (main) => withProcess(main, { Capabilities: { ...main.OCI.Process.Capabilities, Bounding: [] } })],
    ["mount", ({ OCI }) => ({ OCI: { ...OCI, Mounts: OCI.Mounts?.slice(0, -1) ?? [] } })],
    ["image", ({ image }) => ({ image: image?.replaceAll("ab", "cd") ?? "" })],
    ["storage", () => ({ storages: SANDBOX_STORAGES })],
    [
      "namespace",
      ({ OCI }) => ({
        OCI: {
          ...OCI,
          Annotations: new Map([...OCI.Annotations!, ["io.kubernetes.cri.sandbox-namespace", "elsewhere"]]),
        },
      }),
    ],
  ])("finds a policy with another %s", async (_, edit) => {
    const policy = await derive(podYaml());
    const [pause, main] = policy.data!.containers;
    const { found } = await check(policy, { ...policy.data!, containers: [pause!, { ...main!, ...edit(main!) }] });
    expect(found[0]).toStartWith(
      'policy/self-check-denied: the policy of container "main" refuses the CreateContainerRequest',
    );
  });
  test("finds a command that the policy lacks", async () => {
    const policy = await derive(podYaml("livenessProbe: {exec: {command: [ls]}}"));
    const containers = policy.data!.containers.map((container) => ({ ...container, exec_commands: [] }));
    const { found } = await check(policy, { ...policy.data!, containers });
    expect(found[0]).toBe(
      'policy/self-check-denied: the policy of container "main" refuses the ExecProcessRequest that the runtime will send (command of a probe or hook)',
    );
  });

  test.each<[string, (data: PolicyData) => Partial<PolicyData>]>([
    [
      "file outside",
      ({ request_defaults: requests }) => ({ request_defaults: { ...requests, CopyFileRequest: [".*"] } }),
    ],
    ["guest hook", ({ sandbox }) => ({ sandbox: { ...sandbox, allowed_guest_hooks: ["/tmp/added"] } })],
    [
      "loopback interface",
      ({ request_defaults: requests }) => ({
        request_defaults: {
          ...requests,
          UpdateInterfaceRequest: { ...requests.UpdateInterfaceRequest, forbidden_names: [] },
        },
      }),
    ],
    [
      "route from a loopback address",
      ({ request_defaults: requests }) => ({
        request_defaults: {
          ...requests,
          UpdateRoutesRequest: { ...requests.UpdateRoutesRequest, forbidden_source_regex: [] },
        },
      }),
    ],
    [
      "added device node",
      ({ containers }) => ({
        containers: containers.map((container) =>
          withLinux(container, { Devices: [{ Type: "b", Path: "/dev/added" }] }),
        ),
      }),
    ],
    [
      "added kernel parameter",
      ({ containers }) => ({
        containers: containers.map((container) =>
          withLinux(container, {
            Sysctl: new Map([...container.OCI.Linux.Sysctl!, ["kernel.core_pattern", "|/bin/added"]]),
          }),
        ),
      }),
    ],
    ["no image", ({ common }) => ({ common: { ...common, image_verification: "none" } })],
  ])("finds a policy that allows: %s", async (name, edit) => {
    const policy = await derive(podYaml());
    const { found } = await check(policy, { ...policy.data!, ...edit(policy.data!) });
    const named = found.filter((text) => text.startsWith("policy/self-check-allowed: ") && text.endsWith(`(${name})`));
    expect(named).not.toEqual([]);
  });
  test("leaves to the user what the settings admit on purpose", async () => {
    const metal = await loadProfile("metal");
    const requests = metal.request_defaults;
    const settings = {
      ...metal,
      request_defaults: {
        ...requests,
        CreateContainerRequest: { allow_env_regex: ["(?s).*"] },
        ExecProcessRequest: { allowed_commands: [["/bin/sh", "-c", "added"]], regex: [".*"] },
        WriteStreamRequest: true,
      },
    };
    const yaml = podYaml("livenessProbe: {exec: {command: [ls]}}");
    expect((await check(await derive(yaml, { settings }))).found).toEqual([]);
  });
  test("reports every forgery that is allowed, at the pod spec", async () => {
    const policy = await derive(FEATURES["volumes"]!);
    const { found } = await check(policy, policy.data, engineThat(true));
    const cases = await selfCheckCases({ ...policy, data: policy.data! });
    expect(found).toHaveLength(new Set(cases.filter(({ allowed }) => !allowed)).size);
    for (const name of [
      "image digest",
      "image digest in the metadata",
      "changed argument",
      "added argument",
      "removed argument",
      "changed variable",
      "added variable",
      "added mount",
      "source before a literal one",
      "source behind a shared file",
      "mount option",
      "writable mount",
      "added bounding capability",
      "user",
      "group",
      "additional group",
      "added device",
      "added storage",
      "storage source",
      "removed storage",
      "namespace",
      "working directory",
      "terminal",
      "no-new-privileges",
      "path before the root",
      "path behind the root",
      "pod name",
      "unknown annotation",
      "added kernel parameter",
      "second image",
      "no image",
      "kernel module",
      "link that climbs",
      "route through the loopback device",
      "command that the pod does not name",
      "command of another container",
      "user of the command",
    ]) {
      expect(found.some((text) => text.endsWith(`(${name})`)) ? name : `missing: ${name}`).toBe(name);
    }
    const problems = new Problems();
    await selfCheck({ ...policy, data: policy.data!, engine: engineThat(true), problems });
    expect(problems.errors[0]).toMatchObject({ file: "test.yaml", object: "Pod web", path: "spec" });
  });
  test("asks nothing more about a container that could not be created", async () => {
    const policy = await derive(podYaml("livenessProbe: {exec: {command: [ls]}}"));
    const { found } = await check(policy, policy.data, engineThat(false));
    expect(found.filter((text) => text.includes("ExecProcessRequest"))).toEqual([]);
    expect(found.filter((text) => text.includes('"main" refuses the CreateContainerRequest'))).not.toEqual([]);
  });

  test("remembers answers for workloads that differ only in their names", async () => {
    const fresh = await PolicyEngine.load();
    const deployment = (name: string, arg: string) =>
      `{apiVersion: apps/v1, kind: Deployment, metadata: {name: ${name}, namespace: prod}, spec: {template: {spec: {containers: [{name: main, image: "${IMAGE}", args: [${arg}]}]}}}}`;
    const summary = async (name: string, arg: string) =>
      (await check(await derive(deployment(name, arg)), undefined, fresh)).summary;
    expect((await summary("one", "a")).denied).toBeGreaterThan(100);
    expect(await summary("two", "a")).toEqual({ allowed: 0, denied: 0 });
    const other = await summary("three", "b");
    expect(other.allowed).toBe(2);
    expect(other.denied).toBeGreaterThan(2);
    expect(other.denied).toBeLessThan(20);
  });
  test("asks again under other settings", async () => {
    const fresh = await PolicyEngine.load();
    const run = async (options: DeriveOptions) =>
      (await check(await derive(podYaml(), options), undefined, fresh)).summary;
    await run({ profile: "metal" });
    expect((await run({ profile: "upstream" })).denied).toBeGreaterThan(100);
  });
  test("expects a refusal where an image has no digest, and lets generation go on", async () => {
    const yaml = podYaml("livenessProbe: {exec: {command: [ls]}}").replace(`"${IMAGE}"`, "app");
    const { found } = await check(await derive(yaml, { facts: { app: IMAGE_FACTS[IMAGE] } }));
    expect(found).toEqual([]);
  });
});
