import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PLATFORMS } from "../../../src/manifest/platforms.ts";
import { callCommand } from "../../fakes/call-command.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { recordLog } from "../../fakes/image-provider.ts";
import { textAt } from "../../fakes/leaves.ts";
import { objectsFrom } from "../../fakes/objects.ts";
import { ALL_RESOURCES, listedResources, printedResources } from "../../fakes/printed-resources.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const K3S = ["--platform", "k3s-qemu-snp"];

function inDirectory(content: string): string {
  const path = join(temporaryDirectory(), "file.yaml");
  writeFileSync(path, content);
  return path;
}

const placesOf = (yaml: string): readonly string[] =>
  objectsFrom(yaml).map(({ label, namespace }) => `${label}${namespace === undefined ? "" : ` in ${namespace}`}`);

describe("contrast resources", () => {
  test.each(Object.entries(ALL_RESOURCES))(
    "prints %s the same each time, and as JSON the same objects",
    async (_, words) => {
      const yaml = await printedResources(words);
      expect(await printedResources(words)).toBe(yaml);
      const { items } = await listedResources(words);
      expect(objectsFrom(yaml).map(({ value }) => value)).toEqual([...items]);
    },
  );

  test("prints a List with schema, platform and images as JSON", async () => {
    const text = await printedResources(["coordinator", ...K3S, "-n", "shop"], { format: "json" });
    const { items, images, ...rest } = JSON.parse(text);
    const [{ spec }] = items;
    expect(rest).toEqual({
      schema: "contrast/resources-coordinator/v1",
      ok: true,
      counts: { error: 0, warning: 0, info: 0 },
      findings: [],
      platform: "K3s-QEMU-SNP",
      runtimeHandler: spec.template.spec.runtimeClassName,
      namespace: "shop",
      apiVersion: "v1",
      kind: "List",
    });
    expect(images).toEqual([{ image: spec.template.spec.containers[0].image, isPinned: true }]);
  });

  test("writes a file in place of standard output, whatever the format", async () => {
    const file = join(temporaryDirectory(), "coordinator.yaml");
    const words = ["coordinator", ...K3S];
    const io = recordIo();
    await callCommand(["resources", ...words, "-o", file], io);
    expect(readFileSync(file, "utf8")).toBe(await printedResources(words));
    expect(io.printed).toHaveLength(1);
    const result = JSON.parse(await printedResources([...words, "-o", file], { format: "json" }));
    expect(result).toMatchObject({ file, kind: "List" });
  });

  test("takes images from the user's table before its own", async () => {
    const table = inDirectory("ghcr.io/edgelesssys/contrast/nydus-pull:latest = registry.example/pull:1\n");
    const yaml = await printedResources(["runtime", ...K3S, "--image-replacements", table]);
    expect(yaml).toContain("image: registry.example/pull:1\n");
    expect(yaml).toContain("image: ghcr.io/edgelesssys/contrast/nydus-snapshotter:v1.4.1\n");
  });

  test("takes the name of the runtime from the user's table of reference values", async () => {
    const table = inDirectory('{"contrast-cc-k3s-qemu-snp-12345678": {"snp": []}}');
    for (const kind of ["runtime", "coordinator"]) {
      const yaml = await printedResources([kind, ...K3S, "--reference-values-file", table]);
      expect(yaml).toContain("contrast-cc-k3s-qemu-snp-12345678");
      expect(yaml).not.toMatch(/contrast-cc-k3s-qemu-snp-(?!12345678)[0-9a-f]/);
    }
  });

  test("warns about images without digest, and about a runtime whose name is of this build", async () => {
    const warnings = async (...words: readonly string[]): Promise<readonly string[]> => {
      const log = recordLog();
      await printedResources(words, { log });
      return log.lines.map((line) => (line.includes("name of this build") ? "runtime" : "images"));
    };
    const values = inDirectory('{"contrast-cc-k3s-qemu-snp-12345678": {"snp": []}}');
    const pinned = ["node-installer-kata", "nydus-snapshotter", "nydus-pull"].map(
      (name) => `ghcr.io/edgelesssys/contrast/${name}:latest = registry.example/${name}@sha256:${"0".repeat(64)}\n`,
    );
    const images = inDirectory(pinned.join(""));
    expect(await warnings("runtime", ...K3S)).toEqual(["runtime", "images"]);
    expect(await warnings("runtime", ...K3S, "--reference-values-file", values)).toEqual(["images"]);
    expect(await warnings("runtime", ...K3S, "--image-replacements", images)).toEqual(["runtime"]);
    expect(await warnings("coordinator", ...K3S)).toEqual([]);
    expect(await warnings("port-forwarder")).toEqual(["images"]);
  });

  test.each(PLATFORMS)("takes $display in any letter case", async ({ name, display }) => {
    expect(await printedResources(["runtime", "--platform", display])).toBe(
      await printedResources(["runtime", "--platform", name]),
    );
  });
});

describe("contrast resources runtime", () => {
  test("puts what has a namespace into kube-system, or where it is told to", async () => {
    const { items } = await listedResources(["runtime", ...K3S]);
    const handler = textAt(items[0], "handler");
    const installer = `${handler}-nodeinstaller`;
    const places = (namespace: string) => [
      `RuntimeClass ${handler}`,
      `ServiceAccount ${installer} in ${namespace}`,
      `ClusterRole ${installer}`,
      `ClusterRoleBinding ${installer}`,
      `DaemonSet ${installer} in ${namespace}`,
    ];
    expect(placesOf(await printedResources(["runtime", ...K3S]))).toEqual(places("kube-system"));
    const elsewhere = await printedResources(["runtime", ...K3S, "--namespace", "contrast"]);
    expect(placesOf(elsewhere)).toEqual(places("contrast"));
    expect(elsewhere).not.toContain("kube-system");
  });
});

describe("contrast resources port-forwarder", () => {
  const SERVICES = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 443}]}
---
apiVersion: v1
kind: Service
metadata: {name: database}
spec: {ports: [{port: 5432}, {port: 53, protocol: UDP}]}
`;

  test("prints the pod of the Coordinator, the same on each platform", async () => {
    const yaml = await printedResources(["port-forwarder"]);
    expect(placesOf(yaml)).toEqual(["Pod port-forwarder-coordinator"]);
    for (const { name } of PLATFORMS) {
      expect(await printedResources(["port-forwarder", "--platform", name])).toBe(yaml);
    }
  });

  test("prints a pod for each Service that is named, each once", async () => {
    const yaml = await printedResources([
      "port-forwarder",
      "-n",
      "shop",
      "--service",
      "a",
      "--service",
      "b",
      "--service",
      "a",
      "--port",
      "80",
    ]);
    expect(placesOf(yaml)).toEqual(["Pod port-forwarder-a in shop", "Pod port-forwarder-b in shop"]);
  });

  test("prints a pod for each Service of the input, in its namespace", async () => {
    const path = inDirectory(SERVICES);
    const log = recordLog();
    const yaml = await printedResources(["port-forwarder", path], { log });
    expect(placesOf(yaml)).toEqual(["Pod port-forwarder-web in shop", "Pod port-forwarder-database"]);
    expect(log.lines).toHaveLength(2);
    expect(placesOf(await printedResources(["port-forwarder", "-n", "x", path]))).toEqual([
      "Pod port-forwarder-web in x",
      "Pod port-forwarder-database in x",
    ]);
    expect(placesOf(await printedResources(["port-forwarder", "--service", "web", path]))).toEqual([
      "Pod port-forwarder-web in shop",
    ]);
  });

  test("reads standard input", async () => {
    const readInput = async (): Promise<Uint8Array> => new TextEncoder().encode(SERVICES);
    expect(placesOf(await printedResources(["port-forwarder", "-"], { readInput }))).toHaveLength(2);
  });

  test("ends with an error where there is no Service", async () => {
    const path = inDirectory("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n");
    expect(await codeOfAsync(() => printedResources(["port-forwarder", path]))).toBe("resources/nothing-to-forward");
  });

  test("tells every fault of the input with its place", async () => {
    const path = inDirectory(SERVICES.replace("443", "'443'").replace("name: database", "name: Data"));
    const error = await printedResources(["port-forwarder", "--service", "Data", "--service", "web", path]).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({
      code: "lib/input-problems",
      problems: [
        { code: "resources/service-invalid", file: path, line: 4, path: "spec.ports[0]" },
        { code: "resources/name-invalid", file: path, line: 8, path: "metadata.name" },
      ],
    });
  });
});

describe("contrast resources, called wrongly", () => {
  test.each([
    [["runtime"], "terminal/required-flag"],
    [["coordinator"], "terminal/required-flag"],
    [["runtime", "--platform", "k3s-qemu"], "manifest/platform-unknown"],
    [["port-forwarder", "--platform", "x"], "manifest/platform-unknown"],
    [["runtime", ...K3S, "--namespace", ""], "terminal/invalid-argument"],
    [["runtime", ...K3S, "--namespace", "Kube"], "resources/name-invalid"],
    [["runtime", ...K3S, "--node-selector", "snp"], "resources/node-selector-invalid"],
    [["runtime", ...K3S, "--image-replacements", "/nonexistent/table"], "lib/file-unreadable"],
    [["coordinator", ...K3S, "--namespace", "a/b"], "resources/name-invalid"],
    [["coordinator", ...K3S, "--service-type", "loadbalancer"], "terminal/invalid-argument"],
    [["coordinator", ...K3S, "-o", "/nonexistent/directory/x.yaml"], "lib/file-unwritable"],
    [["port-forwarder", "--service", ""], "resources/name-invalid"],
    [["port-forwarder", "--port", "http"], "resources/port-invalid"],
    [["port-forwarder", "--port", "80", "resources/"], "terminal/invalid-argument"],
    [["port-forwarder", "-", "-"], "terminal/invalid-argument"],
  ] as const)("%p ends with %s", async (words, code) => {
    expect(await codeOfAsync(() => printedResources(words))).toBe(code);
  });
});
