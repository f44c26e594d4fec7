import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { selfCheckCases } from "../../src/policy/self-check/self-check-cases.ts";
import { derive } from "../fakes/policy-input.ts";
import type { Tree } from "../fakes/rule-policy.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { pinned } from "./sample-images.ts";
import { GenerateBench, type Workspace } from "./workspace.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(120_000);

const WEB = pinned("registry.example/web:1.0");
const INITIALIZER = pinned("registry.example/contrast/initializer:v1");
const MESH = pinned("registry.example/contrast/mesh:v1");
const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const MEMORY = "io.katacontainers.config.hypervisor.default_memory";

/** Two containers with GPUs, one without, and one that warms them up. */
const YAML = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: infer
  namespace: shop
spec:
  selector:
    matchLabels: {app: infer}
  template:
    metadata:
      labels: {app: infer}
      annotations:
        contrast.edgeless.systems/servicemesh-ingress: "web#8080#false"
        cdi.k8s.io/gpu: "nvidia.com/pgpu=0,nvidia.com/pgpu=1,nvidia.com/pgpu=2"
        ${MEMORY}: "16384"
    spec:
      runtimeClassName: contrast-cc
      initContainers:
        - name: warm
          image: ${WEB}
          env: [{name: NVIDIA_VISIBLE_DEVICES, value: all}]
          resources: {limits: {memory: 64Mi, nvidia.com/GH100_H100_PCIE: 1}}
      containers:
        - name: train
          image: ${WEB}
          env: [{name: NVIDIA_VISIBLE_DEVICES, value: all}]
          resources: {limits: {memory: 64Mi, nvidia.com/GH100_H100_PCIE: 2}}
        - name: serve
          image: ${WEB}
          env: [{name: NVIDIA_VISIBLE_DEVICES, value: all}]
          resources: {limits: {memory: 64Mi, nvidia.com/GH100_H100_PCIE: "1"}}
        - name: log
          image: ${WEB}
          args: [--log]
          resources: {limits: {memory: 64Mi}}
`;

/** What a host may try on a container, and the one check that refuses it. */
type Attack = readonly [container: string, title: string, check: string, edit: (request: Tree) => void];

const annotate =
  (key: string, value: string) =>
  (request: Tree): void => {
    request.OCI.Annotations[key] = value;
  };
const plug = (request: Tree): void => {
  request.devices.push({
    id: "vfio10",
    type_: "vfio-pci-gk",
    vm_path: "",
    container_path: "/dev/vfio/devices/vfio10",
    options: ["0000:41:00.0=01/00"],
  });
};

const ATTACKS: readonly Attack[] = [
  [
    "",
    "four GPUs for the sandbox of a pod with three",
    "vfio",
    (request) => {
      for (const number of [0, 1, 2, 3]) annotate(`cdi.k8s.io/vfio1${number}`, `nvidia.com/gpu=${number}`)(request);
    },
  ],
  ["", "device for the sandbox", "vfio", plug],
  ["contrast-initializer", "GPU for the initializer", "annotations", annotate("cdi.k8s.io/vfio10", "nvidia.com/gpu=0")],
  ["contrast-initializer", "device for the initializer", "vfio", plug],
  ["contrast-service-mesh", "GPU for the sidecar", "annotations", annotate("cdi.k8s.io/vfio10", "nvidia.com/gpu=0")],
  [
    "contrast-service-mesh",
    "visible GPUs for the sidecar",
    "env",
    (request) => request.OCI.Process.Env.push("NVIDIA_VISIBLE_DEVICES=all"),
  ],
  ["warm", "second GPU", "vfio", annotate("cdi.k8s.io/vfio11", "nvidia.com/gpu=1")],
  ["train", "third GPU", "vfio", annotate("cdi.k8s.io/vfio12", "nvidia.com/gpu=2")],
  ["train", "device that is plugged in later", "vfio", plug],
  ["train", "all GPUs", "annotations", annotate("cdi.k8s.io/vfio10", "nvidia.com/gpu=all")],
  ["train", "other kind of device", "annotations", annotate("cdi.k8s.io/vfio10", "nvidia.com/nvswitch=0")],
  ["train", "other device of the node", "annotations", annotate("cdi.k8s.io/gpu", "nvidia.com/pgpu=7")],
  ["train", "other memory", "annotations", annotate(MEMORY, "512")],
  [
    "train",
    "annotation without a number",
    "annotations",
    (request) => {
      delete request.OCI.Annotations["cdi.k8s.io/vfio10"];
      annotate("cdi.k8s.io/vfio", "nvidia.com/gpu=0")(request);
    },
  ],
  [
    "train",
    "device file of the host",
    "linux_devices",
    (r) => r.OCI.Linux.Devices.push({ Path: "/dev/nvidia0", Type: "c", Major: 195, Minor: 0 }),
  ],
  ["train", "other driver library", "env", (r) => r.OCI.Process.Env.push("LD_PRELOAD=/tmp/libcuda.so")],
  ["train", "address of no device", "env", (r) => r.OCI.Process.Env.push("PCI_RESOURCE_NVIDIA_COM_A=$(x)")],
  ["log", "GPU for a container without one", "annotations", annotate("cdi.k8s.io/vfio10", "nvidia.com/gpu=0")],
  ["log", "visible GPUs", "env", (r) => r.OCI.Process.Env.push("NVIDIA_VISIBLE_DEVICES=all")],
];

const bench = new GenerateBench(temporaryDirectory());
let workspace: Workspace;
let genuine: ReadonlyMap<string, Tree>;

beforeAll(async () => {
  workspace = bench.workspace({ "infer.yml": YAML });
  const { status } = await workspace.generate(["infer.yml"], { platform: "k3s-qemu-snp-gpu" });
  expect(status).toBe(0);
  const root = { passwd: "root:x:0:0:root:/root:/bin/sh\n", group: "root:x:0:\n" };
  const facts = {
    [WEB]: {
      config: { Env: [PATH, "PORT=8080"], Entrypoint: ["/bin/web"], Cmd: ["--serve"], WorkingDir: "/srv" },
      ...root,
    },
    [MESH]: { config: { Env: [PATH], Entrypoint: ["/service-mesh"] }, ...root },
    [INITIALIZER]: { config: { Env: [PATH], Entrypoint: ["/initializer"] }, ...root },
  };
  const policy = await derive(workspace.read("infer.yml"), { facts });
  const cases = await selfCheckCases({ ...policy, data: policy.data! });
  genuine = new Map(
    cases
      .filter(({ description, allowed }) => allowed && description.endsWith(": container"))
      .map(({ request }): [string, Tree] => {
        const tree: Tree = request;
        return [tree.OCI.Annotations["io.kubernetes.cri.container-name"] ?? "", tree];
      }),
  );
});

/** All that a host asks for: before each container what it tries on it; attacks have their number. */
function requests(): readonly { readonly attack: Attack | undefined; readonly kind: string; readonly request: Tree }[] {
  const kind = "CreateContainerRequest";
  return [...genuine].flatMap(([name, request]) => [
    ...ATTACKS.filter(([container]) => container === name).map((attack) => {
      const edited = structuredClone(request);
      attack[3](edited);
      return { attack, kind, request: edited };
    }),
    { attack: undefined, kind, request },
  ]);
}

describe("contrast generate for GPU pods", () => {
  test("keeps limits, annotations and variables, and says in the policy which container gets how many", () => {
    const yaml = workspace.read("infer.yml");
    expect(yaml).toContain("runtimeClassName: contrast-cc-k3s-qemu-snp-gpu-");
    expect(yaml).toContain("cdi.k8s.io/gpu: ");
    expect(yaml).toContain(`${MEMORY}: "16384"`);
    expect(genuine.size).toBe(7);
    expect(Object.keys(genuine.get("train").OCI.Annotations).filter((key) => key.includes("vfio"))).toEqual([
      "cdi.k8s.io/vfio10",
      "cdi.k8s.io/vfio11",
    ]);
  });

  test("refuses platforms without GPU, as lint does, and changes nothing", async () => {
    const plain = bench.workspace({ "infer.yml": YAML });
    const { status, json } = await plain.generateJson(["infer.yml"], { platform: "metal-qemu-snp" });
    expect(status).not.toBe(0);
    expect(JSON.stringify(json)).toContain('"generate/gpu-platform"');
    expect(plain.read("infer.yml")).toBe(YAML);
  });

  test.each(["auto", "guest", "current"])("makes policies that the engine %s enforces", async (engine) => {
    const list = requests();
    workspace.write("requests.json", JSON.stringify(list.map(({ kind, request }) => ({ kind, request }))));
    const words = ["policy", "eval", "--format=json", `--engine=${engine}`, "--policy=infer.yml", "requests.json"];
    const { stdout } = await workspace.run(words);
    const decided = stdout
      .split("\n")
      .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as { verdict: string; prints?: readonly string[] }]));
    // The compiled rules drop what they would print.
    const hasPrints = engine !== "auto";
    const told = decided.map(({ verdict, prints }) => [verdict, / refuses: (.*)$/.exec(prints?.join() ?? "")?.[1]]);
    expect(told.slice(0, list.length)).toEqual(
      list.map(({ attack }) =>
        attack === undefined ? ["allowed", undefined] : ["denied", hasPrints ? attack[2] : undefined],
      ),
    );
  });

  test("makes policies whose refusals are those of one check each", async () => {
    const list = requests();
    workspace.write("requests.json", JSON.stringify(list.map(({ kind, request }) => ({ kind, request }))));
    const { stdout } = await workspace.run([
      "policy",
      "explain",
      "--format=json",
      "--policy=infer.yml",
      "requests.json",
    ]);
    const { requests: explained } = JSON.parse(stdout) as { requests: { checks: { check: string }[] }[] };
    expect(explained.map(({ checks }) => checks.map(({ check }) => check))).toEqual(
      list.map(({ attack }) => (attack === undefined ? [] : [attack[2]])),
    );
  });

  test("lints the input without a word about GPUs, and names what is wrong in another", async () => {
    workspace.write("in/good.yml", YAML);
    const words = ["lint", "--format=json", "--reference-values=k3s-qemu-snp-gpu"];
    const good = JSON.parse((await workspace.run([...words, "in/good.yml"])).stdout) as {
      findings: { code: string }[];
    };
    expect(good.findings.filter(({ code }) => code.startsWith("gpu-"))).toEqual([]);
    const bad = YAML.replace(",nvidia.com/pgpu=2", "").replace('"16384"', "16Gi").replace("PCIE: 2", "PCIE: 500m");
    workspace.write("in/bad.yml", bad);
    const found = JSON.parse((await workspace.run([...words, "in/bad.yml"])).stdout) as typeof good;
    expect(new Set(found.findings.map(({ code }) => code).filter((code) => code.startsWith("gpu-")))).toEqual(
      new Set(["gpu-device", "gpu-memory", "gpu-exposed", "gpu-limit"]),
    );
  });
});
