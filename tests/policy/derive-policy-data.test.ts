import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { renderPolicyData } from "../../src/policy/render-policy.ts";
import { derive, deriveMain, IMAGE, IMAGE_FACTS, podYaml, errorsOf, mountAt } from "../fakes/policy-input.ts";

const GPU_KEYS = String.raw`^cdi\.k8s\.io/vfio[0-9]+$`;

describe("derivePolicyData(), containers", () => {
  test("lists pause, init containers in their order, then containers", async () => {
    const init = (name: string) => `{name: ${name}, image: "${IMAGE}"}`;
    const { data } = await derive(podYaml("", `initContainers: [${init("first")}, ${init("second")}]`));
    const names = data?.containers.map(({ OCI }) => OCI.Annotations?.get("io.kubernetes.cri.container-name"));
    expect(names).toEqual([undefined, "first", "second", "main"]);
  });
  test("refuses two containers of one name", async () => {
    const twin = `initContainers: [{name: main, image: "${IMAGE}"}]`;
    expect(await errorsOf("", twin)).toEqual(["policy/container-duplicate spec.containers[0].name"]);
  });
  test("refuses a container without image", async () => {
    expect(await errorsOf("", "initContainers: [{name: a}]")).toEqual(["policy/image-missing spec.initContainers[0]"]);
  });
  test("places the error of an image at its reference", async () => {
    const { problems } = await derive(podYaml("", "initContainers: [{name: a, image: gone}]"));
    expect(problems.errors[0]).toMatchObject({
      code: "policy/image-facts-missing",
      file: "test.yaml",
      line: 2,
      object: "Pod web",
    });
    expect(problems.errors[0]?.path).toBe("spec.initContainers[0].image");
  });
  test("reports a broken image reference as a problem of the pod", async () => {
    const { errors } = await derive(podYaml("", 'initContainers: [{name: a, image: "app@sha256:zz@"}]'));
    expect(errors).toEqual(["policy/image-facts-missing spec.initContainers[0].image"]);
  });
  test("reports all problems at once", async () => {
    expect(
      await errorsOf("volumeMounts: [{name: none, mountPath: /x, subPath: part}]", "hostPID: true, hostIPC: true"),
    ).toEqual([
      "policy/field-unsupported spec.hostPID",
      "policy/field-unsupported spec.hostIPC",
      "policy/field-unsupported spec.containers[0].volumeMounts[0].subPath",
      "policy/volume-unknown spec.containers[0].volumeMounts[0].name",
    ]);
  });
  test.each([
    ["hostUsers: false", "policy/field-unsupported spec.hostUsers"],
    ["ephemeralContainers: [{name: debug, image: x}]", "policy/field-unsupported spec.ephemeralContainers"],
  ])("refuses %s", async (spec, expected) => {
    expect(await errorsOf("", spec)).toEqual([expected]);
  });
  test("refuses a workload without name, warns without namespace", async () => {
    const yaml = podYaml().replace("name: web, namespace: prod", "x: y");
    expect((await derive(yaml)).errors).toEqual(["policy/name-missing metadata"]);
    const open = await derive(podYaml().replace("namespace: prod, ", ""));
    expect(open.warnings).toEqual([
      "policy/namespace-missing metadata",
      "policy/identity-implicit spec.containers[0].image",
    ]);
    expect((await derive(podYaml())).warnings).toEqual(["policy/identity-implicit spec.containers[0].image"]);
  });
  test("warns about images without digest where the guest pulls them", async () => {
    const facts = { app: IMAGE_FACTS[IMAGE] };
    const yaml = podYaml("securityContext: {runAsUser: 1}").replace(`"${IMAGE}"`, "app");
    expect((await derive(yaml, { facts })).warnings).toEqual(["policy/image-without-digest spec.containers[0].image"]);
    expect((await derive(yaml, { facts, profile: "upstream" })).warnings).toEqual([]);
  });
  test("warns about identities that only the image explains", async () => {
    const warnings = async (security: string) => (await derive(podYaml(`securityContext: ${security}`))).warnings;
    const implicit = ["policy/identity-implicit spec.containers[0].image"];
    expect(await warnings("{runAsUser: 100}")).toEqual(implicit);
    expect(await warnings("{runAsUser: 100, runAsGroup: 101}")).toEqual(implicit);
    expect(await warnings("{runAsUser: 4711}")).toEqual([]);
    const explicit = podYaml(
      "securityContext: {runAsUser: 100, runAsGroup: 101}",
      "securityContext: {supplementalGroups: [29]}",
    );
    expect((await derive(explicit)).warnings).toEqual([]);
  });
  test("refuses a user that the image does not know", async () => {
    const facts = { [IMAGE]: { config: { User: "ghost", Entrypoint: ["/app"] } } };
    expect((await derive(podYaml(), { facts })).errors).toEqual(["policy/user-unresolved spec.containers[0].image"]);
  });
  test("keeps the image reference where images are verified", async () => {
    expect((await deriveMain()).image).toBe(IMAGE);
    expect((await deriveMain("", "", { profile: "upstream" })).image).toBeUndefined();
  });
});

describe("derivePolicyData(), process", () => {
  test.each([
    ["entrypoint and default arguments", "", ["/app", "serve"]],
    ["args instead of the default arguments", "args: [x]", ["/app", "x"]],
    ["command instead of both", "command: [sh]", ["sh"]],
    ["command and args", "command: [sh], args: [-c, ls]", ["sh", "-c", "ls"]],
    ["the image's arguments for empty lists", "command: [], args: []", ["/app", "serve"]],
  ])("takes %s", async (_, container, expected) => {
    expect((await deriveMain(container)).OCI.Process.Args).toEqual(expected);
  });
  test("expands variables in command and args, but not in what comes from the image", async () => {
    const facts = { [IMAGE]: { config: { Entrypoint: ["$(A)"] } } };
    const main = await deriveMain('env: [{name: A, value: b}], args: ["$(A)", "$$(A)", "$(HOSTNAME)"]', "", { facts });
    expect(main.OCI.Process.Args).toEqual(["$(A)", "b", "$(A)", "$(HOSTNAME)"]);
  });
  test("adds the settings' arguments to the pause container only when they are missing", async () => {
    const { data } = await derive(podYaml());
    expect(data?.containers[0]?.OCI.Process.Args).toEqual(["/pause"]);
  });
  test.each([
    ["the image's", "", "/srv"],
    ["the container's", "workingDir: /work", "/work"],
  ])("takes %s working directory", async (_, container, expected) => {
    expect((await deriveMain(container)).OCI.Process.Cwd).toBe(expected);
  });
  test("falls back to / as working directory", async () => {
    const facts = { [IMAGE]: { config: { Entrypoint: ["x"], WorkingDir: "" } } };
    expect((await deriveMain("", "", { facts })).OCI.Process.Cwd).toBe("/");
  });
  test.each([
    ["", false, false],
    ["tty: true", true, false],
    ["securityContext: {allowPrivilegeEscalation: false}", false, true],
    ["securityContext: {allowPrivilegeEscalation: true}", false, false],
  ])("reads terminal and escalation of {%s}", async (container, terminal, noNewPrivileges) => {
    const { Process } = (await deriveMain(container)).OCI;
    expect([Process.Terminal, Process.NoNewPrivileges]).toEqual([terminal, noNewPrivileges]);
  });
  test("gives the commands of probes and hooks in order", async () => {
    const exec = (word: string) => `{exec: {command: [${word}, "$(A)"]}}`;
    const main = await deriveMain(
      `lifecycle: {preStop: ${exec("e")}, postStart: ${exec("d")}}, startupProbe: ${exec("c")}, readinessProbe: {tcpSocket: {port: 1}}, livenessProbe: ${exec("a")}`,
    );
    expect(main.exec_commands).toEqual([
      ["a", "$(A)"],
      ["c", "$(A)"],
      ["d", "$(A)"],
      ["e", "$(A)"],
    ]);
  });
});

describe("derivePolicyData(), the rest of the container", () => {
  test("follows terminationMessagePath", async () => {
    const main = await deriveMain("terminationMessagePath: /tmp/my.log");
    expect(mountAt(main, "/tmp/my.log")).toBe(String.raw`$(sfprefix)my\.log$ bind rbind,rprivate,rw`);
    expect(mountAt(main, "/dev/termination-log")).toBeUndefined();
  });
  test("makes files of the root read-only with it", async () => {
    const main = await deriveMain("securityContext: {readOnlyRootFilesystem: true}");
    expect(main.OCI.Root).toEqual({ Path: "$(root_path)", Readonly: true });
    expect(mountAt(main, "/etc/hostname")).toBe("$(sfprefix)hostname$ bind rbind,rprivate,ro");
    expect(mountAt(main, "/etc/hosts")).toBe("$(sfprefix)hosts$ bind rbind,rprivate,rw");
  });
  test("shows privileged containers, and then the pause container, a writable sysfs", async () => {
    const { data } = await derive(podYaml("securityContext: {privileged: true}"));
    const [pause, main] = data?.containers ?? [];
    expect(mountAt(pause!, "/sys")).toEndWith("rw");
    expect(mountAt(main!, "/sys")).toEndWith("rw");
    expect(mountAt(main!, "/sys/fs/cgroup")).toEndWith("rw");
    expect(main?.OCI.Linux.MaskedPaths).toEqual([]);
    expect(main?.OCI.Linux.ReadonlyPaths).toEqual([]);
    expect(pause?.OCI.Linux.MaskedPaths).toHaveLength(10);
    expect(mountAt((await derive(podYaml())).data!.containers[0]!, "/sys")).toEndWith("ro");
  });
  test("takes host network out of the pause container's namespaces", async () => {
    const { data } = await derive(podYaml("", "hostNetwork: true"));
    const types = data?.containers.map(({ OCI }) => OCI.Linux.Namespaces.map(({ Type }) => Type).join());
    expect(types).toEqual(["ipc,mount", "ipc,uts,mount"]);
    expect(data?.containers[0]?.OCI.Annotations?.get("nerdctl/network-namespace")).toStartWith(
      "^/var/run/netns/cnitest-",
    );
  });
  test("shares the process namespace with workloads only", async () => {
    const { data } = await derive(podYaml("", "shareProcessNamespace: true"));
    expect(data?.containers.map((container) => container.sandbox_pidns)).toEqual([false, true]);
  });
  test("lets the pod's kernel parameters override the settings'", async () => {
    const main = await deriveMain(
      "",
      'securityContext: {sysctls: [{name: net.ipv4.ping_group_range, value: "5 6"}, {name: a.b, value: "1"}]}',
    );
    expect([...(main.OCI.Linux.Sysctl ?? [])]).toEqual([
      ["a.b", "1"],
      ["net.ipv4.ip_unprivileged_port_start", "0"],
      ["net.ipv4.ping_group_range", "5 6"],
    ]);
  });
  test("lists block devices", async () => {
    const main = await deriveMain("volumeDevices: [{name: v, devicePath: /dev/xvda}]");
    expect(main.devices).toEqual([{ id: "", type_: "", vm_path: "", container_path: "/dev/xvda", options: [] }]);
    expect(main.OCI.Linux.Devices).toEqual([{ Type: "", Path: "/dev/xvda" }]);
  });
  test.each([
    "/dev/vfio/devices/vfio0",
    "/dev/vfio/10",
    "/dev/vfio",
    "/dev//vfio/10",
    "//dev/./vfio/10",
    "/dev/nvidia0",
    "/dev/nvidia-uvm",
  ])("refuses the block device %s, where passed-through devices are", async (devicePath) => {
    expect(await errorsOf(`volumeDevices: [{name: v, devicePath: "${devicePath}"}]`)).toEqual([
      "policy/field-unsupported spec.containers[0].volumeDevices[0].devicePath",
    ]);
  });
  test("lists block devices beside GPUs", async () => {
    const fields = "volumeDevices: [{name: v, devicePath: /dev/vfio0}], resources: {limits: {nvidia.com/pgpu: 1}}";
    const [metal, upstream] = [await deriveMain(fields), await deriveMain(fields, "", { profile: "upstream" })];
    expect([metal.gpus, metal.devices.map(({ container_path }) => container_path)]).toEqual([1, ["/dev/vfio0"]]);
    expect(upstream.devices.map(({ container_path }) => container_path)).toEqual([
      "/dev/vfio0",
      "/dev/vfio/devices/vfio",
    ]);
  });
  test.each([
    ["limits: {nvidia.com/pgpu: 2}", 2],
    ['limits: {nvidia.com/pgpu: "1"}', 1],
    ["limits: {nvidia.com/pgpu: 500m}", 0],
    ["limits: {nvidia.com/pgpu: 2000m}", 2],
    ["limits: {nvidia.com/pgpu: 1e1}", 10],
    ["limits: {nvidia.com/pgpu: 10k}", 0],
    ["limits: {nvidia.com/pgpu: -1}", 0],
    ["limits: {nvidia.com/pgpu: 0}", 0],
    ["requests: {nvidia.com/pgpu: 2}", 0],
    ["limits: {cpu: 2}", 0],
  ])("counts the GPUs of {%s}", async (resources, count) => {
    const main = await deriveMain(`resources: {${resources}}`, "", { profile: "upstream" });
    expect(main.devices.map(({ type_ }) => type_)).toEqual(Array(count).fill("vfio-pci-gk"));
    expect(main.runtime_anno_patterns.size).toBe(count > 0 ? 3 : 2);
  });
  test.each([
    ["limits: {nvidia.com/GH100_H100_PCIE: 2}", 2],
    ["limits: {nvidia.com/GH100_H100_PCIE: 2, nvidia.com/GH100_NVSWITCH: 4}", 6],
    ["limits: {nvidia.com/pgpu: 1k}", 1000],
    ["limits: {nvidia.com/pgpu: 500m}", undefined],
    ["limits: {nvidia.com/pgpu: 9999999999999999999999}", undefined],
    ["limits: {nvidia.company/pgpu: 1}", undefined],
    ["limits: {amd.com/gpu: 1}", undefined],
    ["requests: {nvidia.com/pgpu: 2}", undefined],
  ])("limits the GPUs of {%s} where runtimes only annotate them", async (resources, count) => {
    const data = (await derive(podYaml(`resources: {${resources}}`), { profile: "metal" })).data;
    const [pause, main] = data!.containers;
    expect([pause!.gpus, main!.gpus]).toEqual([count, count]);
    expect(main!.devices).toEqual([]);
    expect(main!.runtime_anno_patterns.has(GPU_KEYS)).toBe(count !== undefined);
    expect(pause!.runtime_anno_patterns.has(GPU_KEYS)).toBe(count !== undefined);
  });
  test("gives GPUs to the containers that ask for them, and as many as run at once to the sandbox", async () => {
    const gpu = (count: number) => `resources: {limits: {nvidia.com/GH100_H100_PCIE: ${count}}}`;
    const yaml = podYaml(
      gpu(2),
      `initContainers: [{name: first, image: "${IMAGE}", ${gpu(4)}}, {name: side, image: "${IMAGE}", restartPolicy: Always, ${gpu(1)}}, {name: plain, image: "${IMAGE}"}]`,
    );
    const data = (await derive(yaml, { profile: "metal" })).data;
    expect(data!.containers.map(({ gpus }) => gpus)).toEqual([4, 4, 1, undefined, 2]);
  });
  test("puts annotations together", async () => {
    const yaml = podYaml().replace(
      "team: blue",
      'team: blue, io.katacontainers.config.agent.policy: old, "9": a, "10": b',
    );
    const main = (await derive(yaml)).data?.containers[1];
    expect([...(main?.OCI.Annotations ?? [])]).toEqual([
      ["10", "b"],
      ["9", "a"],
      ["io.katacontainers.pkg.oci.bundle_path", "/run/containerd/io.containerd.runtime.v2.task/k8s.io/$(bundle-id)"],
      ["io.katacontainers.pkg.oci.container_type", "pod_container"],
      ["io.kubernetes.cri.container-name", "main"],
      ["io.kubernetes.cri.container-type", "container"],
      ["io.kubernetes.cri.image-name", IMAGE],
      ["io.kubernetes.cri.sandbox-id", "^[a-z0-9]{64}$"],
      ["io.kubernetes.cri.sandbox-name", "^web$"],
      ["io.kubernetes.cri.sandbox-namespace", "prod"],
      ["team", "blue"],
    ]);
  });
  test("completes an image name that has neither tag nor digest", async () => {
    const facts = { app: IMAGE_FACTS[IMAGE] };
    const { data } = await derive(podYaml().replace(`"${IMAGE}"`, "app"), { facts });
    expect(data?.containers[1]?.OCI.Annotations?.get("io.kubernetes.cri.image-name")).toBe("app:latest");
  });
  test.each(["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"])("derives the policy of a %s", async (kind) => {
    const yaml = `{apiVersion: apps/v1, kind: ${kind}, metadata: {name: web}, spec: {template: {metadata: {annotations: {a: b}}, spec: {containers: [{name: main, image: "${IMAGE}"}]}}}}`;
    expect((await derive(yaml)).data?.containers[1]?.OCI.Annotations?.get("a")).toBe("b");
  });
  test("derives the policy of a CronJob", async () => {
    const yaml = `{apiVersion: batch/v1, kind: CronJob, metadata: {name: web}, spec: {jobTemplate: {spec: {template: {spec: {securityContext: {runAsUser: 7}, containers: [{name: main, image: "${IMAGE}"}]}}}}}}`;
    expect((await derive(yaml)).data?.containers[1]?.OCI.Process.User.UID).toBe(7);
  });
});

describe("derivePolicyData(), determinism", () => {
  test("does not depend on the order of map keys", async () => {
    const keys = ["alpha", "beta", "gamma", "delta"];
    const text = async (order: readonly string[]) => {
      const annotations = order.map((key) => `${key}: "1"`).join(", ");
      const { data } = await derive(podYaml().replace("team: blue", annotations));
      return renderPolicyData(data!);
    };
    const expected = await text(keys);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(keys, { minLength: keys.length }), async (order) => {
        expect(await text(order)).toBe(expected);
      }),
      { seed: 20_250_601, numRuns: 30 },
    );
  });
  test("orders the members of the data", async () => {
    const { data } = await derive(podYaml());
    const document = JSON.parse(renderPolicyData(data!)) as Record<string, object> & {
      containers: { OCI: { Mounts: object[] } }[];
    };
    expect(Object.keys(document)).toEqual([
      "containers",
      "common",
      "sandbox",
      "request_defaults",
      "devices",
      "cluster_config",
    ]);
    expect(Object.keys(document.containers[1]!)).toEqual([
      "OCI",
      "storages",
      "devices",
      "sandbox_pidns",
      "exec_commands",
      "image",
      "runtime_anno_patterns",
    ]);
    expect(Object.keys(document.containers[1]!.OCI)).toEqual([
      "Version",
      "Process",
      "Root",
      "Mounts",
      "Annotations",
      "Linux",
    ]);
    expect(Object.keys(document["common"]!).slice(-3)).toEqual([
      "dynamic_annotations",
      "image_verification",
      "check_oci_version",
    ]);
    expect(Object.keys(document.containers[1]!.OCI.Mounts[0]!)).toEqual(["destination", "source", "type_", "options"]);
  });
});
