import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdirSync } from "node:fs";
import { hasPrograms } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { deploymentYaml, podYaml } from "./sample-yaml.ts";
import { GenerateBench, type ReportedProblem, type Workspace } from "./workspace.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const bench = new GenerateBench(temporaryDirectory());
const MAX_ELAPSED_MS = 15_000;
const MAX_PEAK_BYTES = 600 * 1024 * 1024;

interface Refusal {
  readonly code: string | undefined;
  readonly problems: readonly ReportedProblem[];
  readonly stderr: string;
}

/** Runs on files that cannot be worked on: fails within bounds, and nothing appears, vanishes or changes. */
async function refusal(workspace: Workspace, args: readonly string[] = ["."]): Promise<Refusal> {
  const before = workspace.snapshot();
  const { status, json, stderr, elapsedMs, peakBytes } = await workspace.generateJson(args, { measured: true });
  expect([json.ok, status]).toEqual([false, 7]);
  expect(workspace.snapshot()).toEqual(before);
  expect(elapsedMs).toBeLessThan(MAX_ELAPSED_MS);
  expect(peakBytes).toBeLessThan(MAX_PEAK_BYTES);
  // Log lines come first.
  expect(stderr).toMatch(/^(?:time=.*\n)*Error: /);
  expect(stderr).not.toContain("internal error");
  return { code: json.code, problems: json.findings?.filter(({ severity }) => severity === "error") ?? [], stderr };
}

/** Code and place of every problem with one file. */
async function problemsOf(content: string | Uint8Array): Promise<readonly string[]> {
  const { problems } = await refusal(bench.workspace({ "x.yaml": content }));
  return problems.map(({ code, file, line, column, path }) => {
    return `${file}:${line}:${column} ${code}${path === undefined || path === "" ? "" : ` ${path}`}`;
  });
}

const nested = (open: string, close: string, depth: number): string => {
  return `${podYaml("deep")}deep: ${open.repeat(depth)}${close.repeat(depth)}\n`;
};

describe("contrast generate", () => {
  test.concurrent("refuses YAML that ends anywhere, with the place", async () => {
    const text = `# runtimeClassName: contrast-cc\n${deploymentYaml("é", { container: "args: ['a', \"b\", {c: [d]}]" })}`;
    const bytes = new TextEncoder().encode(text);
    const cuts = Array.from({ length: Math.floor(bytes.length / 3) }, (_, index) => index * 3 + 1);
    const files = cuts.map((cut) => [`cut-${String(cut).padStart(4, "0")}.yaml`, bytes.slice(0, cut)] as const);
    const { problems } = await refusal(bench.workspace(Object.fromEntries(files)));
    const faulty = new Set(problems.map(({ file }) => file));
    // What is cut between two values is good YAML, and before the runtime class it concerns nobody.
    expect(faulty.size).toBeGreaterThan(cuts.length / 5);
    for (const problem of problems) {
      expect(problem.code).toMatch(/^kubernetes\/(?:yaml-|field-|object-)|^generate\/name-invalid$/);
      expect([problem.line, problem.column]).toEqual([expect.any(Number), expect.any(Number)]);
    }
  });

  test.concurrent("refuses aliases that expand without end or contain themselves", async () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const inner = level === 0 ? "x" : Array.from({ length: 9 }, () => `*l${level - 1}`).join(", ");
      return `l${level}: &l${level} [${inner}]\n`;
    });
    expect(await problemsOf(`${podYaml("bomb")}${levels.join("")}`)).toEqual([
      expect.stringMatching(/^x\.yaml:\d+:\d+ kubernetes\/yaml-too-complex/),
    ]);
    expect(await problemsOf(`${podYaml("cycle")}self: &self [1, *self]\n`)).toEqual([
      expect.stringMatching(/^x\.yaml:12:17 kubernetes\/yaml-alias self\[1\]/),
    ]);
    expect(await problemsOf(`${podYaml("cycle")}self: &self {<<: *self}\n`)).toContainEqual(
      expect.stringMatching(/^x\.yaml:12:18 kubernetes\/yaml-alias/),
    );
    expect(await problemsOf(`${podYaml("unknown")}other: *nowhere\n`)).toEqual([
      expect.stringMatching(/^x\.yaml:12:8 kubernetes\/yaml-alias/),
    ]);
  });

  test.concurrent.each([
    ["flow lists", nested("[", "]", 20_000)],
    ["flow maps", nested("{a: ", "}", 20_000)],
    ["block lists", `${podYaml("deep")}deep:\n  ${"- ".repeat(20_000)}x\n`],
    [
      "block maps",
      `${podYaml("deep")}deep:\n${Array.from({ length: 3000 }, (_, i) => `${" ".repeat(i + 1)}a:\n`).join("")}`,
    ],
    ["brackets that stay open", `${podYaml("deep")}deep: ${"[".repeat(20_000)}`],
  ])("refuses nesting without end (%s)", async (_name, text) => {
    const [first = ""] = await problemsOf(text);
    expect(first).toMatch(/^x\.yaml:\d+:\d+ kubernetes\/yaml-(?:too-complex|syntax)/);
  });

  test.concurrent("refuses bytes that are no UTF-8, and characters that are no text", async () => {
    const bad = new TextEncoder().encode(podYaml("latin"));
    bad[20] = 0xe9;
    expect(await problemsOf(bad)).toEqual([expect.stringMatching(/^x\.yaml:2:\d+ kubernetes\/yaml-encoding/)]);
    const utf16 = Buffer.from(`\uFEFF${podYaml("wide")}`, "utf16le");
    const workspace = bench.workspace({ "a.yaml": podYaml("good"), "wide.yaml": `${podYaml("nul")}#\0\n` });
    expect((await refusal(workspace)).problems).toMatchObject([{ file: "wide.yaml", line: 12, column: 2 }]);
    const { status, json } = await bench.workspace({ "wide.yaml": utf16 }).generateJson(["."]);
    expect([status, json.ok]).toEqual([7, false]);
  });

  test.concurrent("bears keys and values of a megabyte", async () => {
    const long = "k".repeat(1_000_000);
    const workspace = bench.workspace({ "x.yaml": podYaml("long", `nodeSelector: {${long}: x}`) });
    const { status, elapsedMs, peakBytes } = await workspace.generate(["."], { measured: true });
    expect(status).toBe(0);
    expect(elapsedMs).toBeLessThan(MAX_ELAPSED_MS);
    expect(peakBytes).toBeLessThan(MAX_PEAK_BYTES);
    expect(workspace.read("x.yaml")).toContain(`  nodeSelector: {${long}: x}\n`);
    const key = "k".repeat(600_000);
    expect(await problemsOf(podYaml("long", `nodeSelector: {${key}: x, ${key}: y}`))).toEqual([
      expect.stringMatching(/^x\.yaml:12:600023 kubernetes\/yaml-duplicate-key/),
    ]);
    const lines = `${podYaml("many")}# contrast-cc\n${"x: 1\n".repeat(300_000)}`;
    const [first = ""] = await problemsOf(lines);
    expect(first).toMatch(/^x\.yaml:\d+:\d+ kubernetes\/yaml-(?:duplicate-key|too-complex)/);
    const [values = ""] = await problemsOf(`# contrast-cc\n${"- a\n".repeat(5_000_000)}`);
    expect(values).toMatch(/^x\.yaml:\d+:\d+ kubernetes\/yaml-too-complex/);
  });

  test.concurrent("names every wrong type and duplicate key of every file in one run", async () => {
    const wrong = `    args: [1, true]
    env: {name: map}
    ports: [{containerPort: http}]
  volumes: nothing`.replace("  volumes", "volumes");
    const workspace = bench.workspace({
      "a.yaml": podYaml("a", wrong),
      "b.yaml": `${podYaml("b")}---\n${podYaml("c").replace("spec:", "metadata: {name: twice}\nspec:")}`,
      "c.yaml": `${podYaml("d")}- item\n`,
      "d.yaml": podYaml("good"),
      "e.yaml": `- contrast-cc\n`,
      "f.yaml": "kind: Pod\nspec: {runtimeClassName: contrast-cc}\n",
    });
    const { code, problems, stderr } = await refusal(workspace);
    expect(code).toBe("lib/input-problems");
    const found = problems.map(({ file, code: each }) => `${file} ${each}`);
    expect([...new Set(found)].toSorted()).toEqual([
      "a.yaml kubernetes/field-type",
      "b.yaml kubernetes/yaml-duplicate-key",
      "c.yaml kubernetes/yaml-syntax",
      "e.yaml kubernetes/object-invalid",
      "f.yaml kubernetes/object-invalid",
    ]);
    for (const { file, line, column } of problems) expect(stderr).toContain(`\n  ${file}:${line}:${column}: `);

    const onlyTypes = bench.workspace({ "a.yaml": podYaml("a", wrong), "d.yaml": podYaml("d", "hostPID: 1") });
    const types = (await refusal(onlyTypes)).problems;
    expect(types.map(({ file, path }) => `${file} ${path}`)).toEqual(
      expect.arrayContaining([
        "a.yaml spec.containers[0].args[0]",
        "a.yaml spec.containers[0].args[1]",
        "a.yaml spec.containers[0].env",
        "a.yaml spec.volumes",
        "d.yaml spec.hostPID",
      ]),
    );
    expect(new Set(types.map(({ code: each }) => each))).toEqual(new Set(["kubernetes/field-type"]));
    expect(types.every(({ line, column, object }) => line! > 0 && column! > 0 && object !== undefined)).toBe(true);
  });

  test.concurrent("lists every image that is missing without network", async () => {
    const image = (name: string): string => `registry.example/absent/${name}:1`;
    const workspace = bench.workspace({
      "a.yaml": `${deploymentYaml("one", { image: image("one") })}---\n${deploymentYaml("two", { image: image("two") })}`,
      "b.yaml": podYaml("three", "initContainers: [{name: i, image: 'registry.example/absent/three:1'}]"),
      "c.yaml": podYaml("four", "", "registry.example/web:1.0@sha256:short"),
    });
    const { problems } = await refusal(workspace);
    const found = problems.map(({ file, code, path }) => `${file} ${code} ${path}`);
    expect(found.toSorted()).toEqual([
      "a.yaml oci/offline-missing spec.template.spec.containers[0].image",
      "a.yaml oci/offline-missing spec.template.spec.containers[0].image",
      "b.yaml oci/offline-missing spec.initContainers[0].image",
      "c.yaml oci/reference-invalid spec.containers[0].image",
    ]);
    for (const name of ["one", "two", "three"]) {
      expect(problems.some(({ message }) => message.includes(image(name)))).toBe(true);
    }
  });

  test.concurrent("names every field that no policy can represent, and missing names", async () => {
    const workspace = bench.workspace({
      "a.yaml": podYaml("a", "hostPID: true"),
      "b.yaml": podYaml(
        "b",
        "    volumeMounts: [{name: v, mountPath: /v, subPath: x}]\nvolumes: [{name: v, emptyDir: {}}]",
      ),
      "d.yaml": podYaml("d", "    env: [{name: E, valueFrom: {configMapKeyRef: {name: none, key: k}}}]"),
      "e.yaml": podYaml("e", "    volumeMounts: [{name: none, mountPath: /v}]"),
      "g.yaml": podYaml("g", "hostIPC: true"),
    });
    const { problems } = await refusal(workspace);
    const found = problems.map(({ file, code, path, line }) => `${file}:${line} ${code} ${path}`);
    expect(found.toSorted()).toEqual([
      "a.yaml:12 policy/field-unsupported spec.hostPID",
      "b.yaml:12 policy/field-unsupported spec.containers[0].volumeMounts[0].subPath",
      "d.yaml:12 policy/reference-unresolved spec.containers[0].env[0].valueFrom.configMapKeyRef",
      "e.yaml:12 policy/volume-unknown spec.containers[0].volumeMounts[0].name",
      "g.yaml:12 policy/field-unsupported spec.hostIPC",
    ]);
    const nameless = bench.workspace({
      "a.yaml": podYaml("x").replace("  name: x\n", ""),
      "b.yaml": podYaml("x").replace("  name: x\n", "  generateName: x-\n"),
    });
    const names = (await refusal(nameless)).problems.map(({ file, code }) => `${file} ${code}`);
    expect(names).toEqual(expect.arrayContaining(["a.yaml policy/name-missing", "b.yaml generate/name-missing"]));
  });

  test.concurrent("refuses names that Kubernetes does not accept, and pods without containers", async () => {
    const workspace = bench.workspace({
      "a.yaml": podYaml('"Web\\u001b[31m"'),
      "b.yaml": podYaml("b").replace("namespace: shop", "namespace: my.shop"),
      "c.yaml": podYaml("c").replace("name: main", "name: main_1"),
      "d.yaml":
        "{apiVersion: v1, kind: Pod, metadata: {name: d}, spec: {runtimeClassName: contrast-cc, containers: []}}",
    });
    const { problems, stderr } = await refusal(workspace);
    expect(problems.map(({ file, code, path }) => `${file} ${code} ${path}`)).toEqual([
      "a.yaml generate/name-invalid metadata.name",
      "b.yaml generate/name-invalid metadata.namespace",
      "c.yaml generate/name-invalid spec.containers[0].name",
      "d.yaml kubernetes/field-missing spec.containers",
    ]);
    expect(stderr).not.toContain("\u001b");
  });

  test.concurrent("refuses one file for two results", async () => {
    const workspace = bench.workspace({ "x.yaml": podYaml("x") });
    const codeOf = async (...args: readonly string[]): Promise<unknown> =>
      (await refusal(workspace, [...args, "."])).code;
    expect(await codeOf("-o", "manifest.json")).toBe("lib/file-unwritable");
    expect(await codeOf("-p", "same", "-s", "./same")).toBe("lib/file-unwritable");
    expect(await codeOf("-m", "no/manifest.json")).toBe("lib/file-unwritable");
    expect(await codeOf("-w", "seedshare-owner.pem")).toBe("manifest/key-file-invalid");
  });

  test.concurrent("refuses mesh annotations with wrong syntax and a volume that stands in its way", async () => {
    const key = "contrast.edgeless.systems/servicemesh";
    const workspace = bench.workspace({
      "a.yaml": deploymentYaml("a", { metadata: `annotations: {${key}-ingress: "web#http#false"}` }),
      "b.yaml": deploymentYaml("b", { metadata: `annotations: {${key}-egress: "db#10.0.0.1:1#db:1"}` }),
      "c.yaml": deploymentYaml("c", { metadata: `annotations: {${key}-admin-interface-port: "x"}` }),
      "d.yaml": podYaml("d", "volumes: [{name: contrast-secrets, configMap: {name: x}}]"),
    });
    const found = (await refusal(workspace)).problems.map(({ file, code }) => `${file} ${code}`);
    expect(found.toSorted()).toEqual([
      "a.yaml servicemesh/port-invalid",
      "b.yaml servicemesh/listen-invalid",
      "c.yaml servicemesh/port-invalid",
      "d.yaml generate/secrets-volume",
    ]);
  });

  test.concurrent("refuses two workloads of one name with one policy", async () => {
    const workspace = bench.workspace({ "a.yaml": podYaml("same"), "b.yaml": podYaml("same") });
    expect((await refusal(workspace)).code).toBe("manifest/policy-collision");
  });

  test.concurrent("refuses broken tables of images and reference values", async () => {
    const workspace = bench.workspace({
      "x.yaml": podYaml("x"),
      "images.txt": "a = b\nno line\n",
      "values.json": '{"contrast-cc-7173acb5": {}}',
      "other.json": "{}",
    });
    expect((await refusal(workspace, ["--image-replacements=images.txt", "."])).code).toBe(
      "generate/image-line-invalid",
    );
    const values = (name: string): readonly string[] => [`--reference-values-file=${name}`, "."];
    expect((await refusal(workspace, values("values.json"))).code).toBe("manifest/handler-invalid");
    expect((await refusal(workspace, values("other.json"))).code).toBe("manifest/platform-without-values");
    expect((await refusal(workspace, values("none.json"))).code).toBe("lib/file-unreadable");
  });

  test.concurrent("takes no directory for a file, but what is in it", async () => {
    const workspace = bench.workspace({ "good.yaml": podYaml("good") });
    mkdirSync(workspace.path("x.yaml"));
    expect((await refusal(workspace, ["x.yaml"])).code).toBe("kubernetes/no-yaml-files");
    workspace.write("x.yaml/y.yaml", "a: [contrast-cc");
    expect((await refusal(workspace)).problems).toMatchObject([
      { file: "x.yaml/y.yaml", code: "kubernetes/yaml-syntax" },
    ]);
  });

  /** Root reads everything, so its special rights are taken away. */
  const isRoot = process.getuid?.() === 0;
  const canDropRights = !isRoot || hasPrograms("files without permission", "setpriv");
  const withoutRights = isRoot ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"] : [];

  test.concurrent.if(canDropRights)("names files that cannot be read, all at once, and directories too", async () => {
    const workspace = bench.workspace({ "a.yaml": podYaml("a"), "b.yaml": podYaml("b"), "c/d.yaml": podYaml("d") });
    const locked = ["a.yaml", "b.yaml", "c"];
    const before = workspace.snapshot();
    for (const name of locked) chmodSync(workspace.path(name), 0);
    const { status, json } = await workspace.generateJson(["."], { wrapper: withoutRights });
    for (const name of locked) chmodSync(workspace.path(name), name === "c" ? 0o755 : 0o644);
    expect(status).toBe(7);
    expect(json.findings?.map(({ file }) => file).toSorted()).toEqual(locked);
    expect(json.findings?.every(({ code }) => code === "kubernetes/file-unreadable")).toBe(true);
    expect(workspace.snapshot()).toEqual(before);
  });

  test.concurrent.if(canDropRights)("changes nothing where it may not write", async () => {
    const workspace = bench.workspace({ "r/x.yaml": podYaml("x"), "w/other": "" });
    chmodSync(workspace.path("r"), 0o555);
    const before = workspace.snapshot();
    const inputs = await workspace.generateJson(["."], { wrapper: withoutRights });
    expect([inputs.status, inputs.json.code]).toEqual([7, "lib/file-unwritable"]);
    expect(workspace.snapshot()).toEqual(before);
    chmodSync(workspace.path("."), 0o555);
    const own = await workspace.generateJson(["-o", "w/out.yaml", "r/x.yaml"], { wrapper: withoutRights });
    chmodSync(workspace.path("."), 0o755);
    expect([own.status, own.json.code]).toEqual([7, "lib/file-unwritable"]);
    expect(workspace.snapshot()).toEqual(before);
    chmodSync(workspace.path("r"), 0o755);
  });
});
