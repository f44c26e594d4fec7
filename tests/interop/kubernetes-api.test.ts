import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Value, valueAt } from "../../src/kubernetes/value.ts";
import { PLATFORMS } from "../../src/manifest/platforms.ts";
import {
  hasKubernetesPeer,
  KUBERNETES_PEER_NEED,
  type KubernetesCluster,
  startCluster,
} from "../fakes/kubernetes-cluster.ts";
import { textAt } from "../fakes/leaves.ts";
import { OWN_NAMES, ownScene } from "../fakes/own-resources.ts";
import { isReady } from "../fakes/peers.ts";
import { ALL_RESOURCES, listedResources, printedResources } from "../fakes/printed-resources.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const K3S = ["--platform", "k3s-qemu-snp"];
const APPLY = ["apply", "--validate=strict", "-f", "-"];

/** The pod that the controller of StatefulSets, which does not run here, would make of a Coordinator. */
async function coordinatorPod(platform: string): Promise<unknown> {
  const { items } = await listedResources(["coordinator", "--platform", platform]);
  const { metadata, spec } = JSON.parse(JSON.stringify(items[0])).spec.template;
  const volumes = [{ name: "state-device", persistentVolumeClaim: { claimName: "state-device-coordinator-0" } }];
  return { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, name: platform }, spec: { ...spec, volumes } };
}

describe.skipIf(!isReady("contrast resources and a Kubernetes API server", hasKubernetesPeer, KUBERNETES_PEER_NEED))(
  "contrast resources",
  () => {
    const directory = temporaryDirectory();
    let cluster: KubernetesCluster;
    let everything = "";

    beforeAll(async () => {
      const texts = await Promise.all(Object.values(ALL_RESOURCES).map((words) => printedResources(words)));
      everything = texts.join("---\n");
      cluster = await startCluster(directory);
    }, 120_000);

    afterAll(async () => await cluster.stop());

    test.each(["client", "server"])("is accepted by kubectl apply --dry-run=%s", (mode) => {
      const { status, out, err } = cluster.kubectl([...APPLY, `--dry-run=${mode}`], everything);
      expect(err).toBe("");
      expect(status).toBe(0);
      expect(out.trimEnd().split("\n")).toHaveLength(9 * 5 + 9 * 2 + 1);
    });

    test("would not be accepted with a field that there is not", () => {
      const faulty = everything.replace("hostPID: true", "hostPid: true");
      const { status, err } = cluster.kubectl([...APPLY, "--dry-run=server"], faulty);
      expect(err).toContain("hostPid");
      expect(status).toBe(1);
    });

    test("would not be accepted with a value that only a server refuses", () => {
      const faulty = everything.replace("type: DirectoryOrCreate", "type: Folder");
      expect(cluster.kubectl([...APPLY, "--dry-run=server"], faulty).status).toBe(1);
    });

    test("is accepted as JSON, and is then as the YAML was", async () => {
      for (const words of [["runtime", "--platform", "k3s-qemu-tdx"], ["port-forwarder"]]) {
        const first = cluster.kubectl(APPLY, await printedResources(words, { format: "json" }));
        expect(first).toMatchObject({ status: 0, err: "" });
        const second = cluster.kubectl(APPLY, await printedResources(words));
        expect(second.status).toBe(0);
        expect(
          second.out
            .trimEnd()
            .split("\n")
            .every((line) => line.endsWith(" unchanged")),
        ).toBe(true);
      }
    });

    test("gives pods of each platform the overhead and the nodes of their runtime", async () => {
      const runtimes = PLATFORMS.map(async ({ name }) =>
        printedResources(["runtime", "--platform", name, "--node-selector", "example.com/tee=yes"]),
      );
      const applied = cluster.kubectl(APPLY, (await Promise.all(runtimes)).join("---\n"));
      expect(applied).toMatchObject({ status: 0, err: "" });
      const pods = await Promise.all(PLATFORMS.map(async ({ name }) => coordinatorPod(name)));
      const created = cluster.kubectl(
        ["create", "-f", "-"],
        JSON.stringify({ apiVersion: "v1", kind: "List", items: pods }),
      );
      expect(created).toMatchObject({ status: 0, err: "" });
      const list = cluster.get("pods", "-l", "app.kubernetes.io/name=coordinator");
      const names = PLATFORMS.map((_, index) => textAt(list, "items", index, "metadata", "name"));
      for (const { name, gpu, profile } of PLATFORMS) {
        const admitted = valueAt(list, ["items", names.indexOf(name), "spec"]);
        const mebibytes = profile === "aks" ? 426 : gpu ? 1194 : 682;
        expect(valueAt(admitted, ["overhead"]), name).toEqual({ memory: `${mebibytes}Mi` });
        expect(valueAt(admitted, ["nodeSelector"]), name).toEqual({
          "example.com/tee": "yes",
          ...(profile === "aks" ? { "kubernetes.azure.com/kata-cc-isolation": "true" } : {}),
        });
      }
    });

    test("is accepted with the policies of generate, which kubectl keeps twice in a pod", async () => {
      const { run, read } = await ownScene("k3s-qemu-snp");
      await run();
      expect(cluster.kubectl(["create", "namespace", "shop"])).toMatchObject({ status: 0, err: "" });
      const generated = [...OWN_NAMES, "pod"].map(read).join("---\n");
      expect(cluster.kubectl(APPLY, generated)).toMatchObject({ status: 0, err: "" });
      // kubectl compares volume claim templates with what the server has made of them, and always finds a difference.
      const generations = (): readonly Value[] =>
        ["statefulset/coordinator", "pod/web"].map((name) =>
          valueAt(cluster.get(name, "-n", "shop"), ["metadata", "generation"])!,
        );
      const before = generations();
      expect(cluster.kubectl(APPLY, generated)).toMatchObject({ status: 0, err: "" });
      expect(generations()).toEqual(before);
    });

    test("has pods that only namespaces for privileged ones admit", async () => {
      const strict = ["namespace", "strict", "pod-security.kubernetes.io/enforce=baseline"];
      expect(cluster.kubectl(["create", ...strict.slice(0, 2)]).status).toBe(0);
      expect(cluster.kubectl(["label", ...strict]).status).toBe(0);
      const [{ spec }] = JSON.parse(JSON.stringify((await listedResources(["runtime", ...K3S])).items.slice(4)));
      const installer = { apiVersion: "v1", kind: "Pod", metadata: { name: "installer" }, spec: spec.template.spec };
      for (const pod of [await coordinatorPod("k3s-qemu-snp"), installer]) {
        const { status, err } = cluster.kubectl(["create", "-n", "strict", "-f", "-"], JSON.stringify(pod));
        expect(err).toContain("violates PodSecurity");
        expect(status).toBe(1);
      }
      const forwarder = await printedResources(["port-forwarder", "-n", "strict"]);
      expect(cluster.kubectl(APPLY, forwarder)).toMatchObject({ status: 0, err: "" });
    });

    test("lets the node installer watch pods and nothing else", () => {
      const installers = cluster.get("daemonset", "-n", "kube-system");
      const name = textAt(installers, "items", 0, "spec", "template", "spec", "serviceAccountName");
      const account = `system:serviceaccount:kube-system:${name}`;
      const may = (...words: readonly string[]): boolean =>
        cluster.kubectl(["auth", "can-i", ...words, "--as", account]).out.trim() === "yes";
      expect(may("watch", "pods")).toBe(true);
      expect(may("watch", "pods", "--all-namespaces")).toBe(true);
      expect([may("list", "pods"), may("get", "secrets"), may("create", "pods"), may("watch", "nodes")]).toEqual([
        false,
        false,
        false,
        false,
      ]);
    });
  },
);
