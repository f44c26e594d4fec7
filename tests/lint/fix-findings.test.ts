import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { embeddedImageReplacements } from "../../src/generate/image-replacements.ts";
import { Problems } from "../../src/lib/problems.ts";
import { fixFindings } from "../../src/lint/fix-findings.ts";
import { readLintFiles } from "../../src/lint/read-lint-files.ts";
import { lintObjects } from "../../src/lint/lint-objects.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { LINT_OPTIONS, podYaml } from "../fakes/lint.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const COORDINATOR = "ghcr.io/edgelesssys/contrast/coordinator";
const POD = `# kept
apiVersion: v1
kind: Pod
metadata:
  name: web # kept
  annotations:
    contrast.edgeless.systems/servicemesh-ingress: "##web# 8080#true##"
    contrast.edgeless.systems/servicemesh-admin-interface-port: 9901
    on: true
spec:
  runtimeClassName: contrast-cc
  containers:
    - {name: c, image: ${COORDINATOR}:v1.0.0, resources: {limits: {nvidia.com/pgpu: 2}}}
`;

/** Repairs the files of a directory once. */
async function fix(folder: string): Promise<readonly string[]> {
  const problems = new Problems();
  const files = await readLintFiles([folder], async () => new Uint8Array(), problems);
  const findings = await lintObjects(
    files.flatMap((file) => file.objects),
    LINT_OPTIONS,
  );
  return (await fixFindings(files, findings)).map(({ code, path }) => `${code} ${path}`);
}

describe("fixFindings()", () => {
  test("makes the smallest change, and none the second time", async () => {
    const folder = temporaryDirectory();
    const path = join(folder, "pod.yaml");
    writeFileSync(path, `${POD}---\n${podYaml()}\n`);
    const repairs = await fix(folder);
    expect(repairs.map((repair) => repair.split(" ")[0] ?? "").toSorted()).toEqual([
      "annotation-not-text",
      "annotation-not-text",
      "component-version",
      "gpu-device",
      "gpu-memory",
      "mesh-syntax",
    ]);
    const release = embeddedImageReplacements().get(`${COORDINATOR}:latest`);
    const text = readFileSync(path, "utf8");
    expect(text).toBe(
      `${POD.replace('"##web# 8080#true##"', '"web#8080#true"')
        .replace(": 9901", ': "9901"')
        .replace(
          "    on: true\n",
          '    on: "true"\n    cdi.k8s.io/gpu: nvidia.com/pgpu=0,nvidia.com/pgpu=1\n    io.katacontainers.config.hypervisor.default_memory: "16384"\n',
        )
        .replace(`${COORDINATOR}:v1.0.0`, release!)}---\n${podYaml()}\n`,
    );
    expect(await fix(folder)).toEqual([]);
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test("leaves all files alone where one cannot be written", async () => {
    const folder = temporaryDirectory();
    writeFileSync(join(folder, "a.yaml"), POD);
    writeFileSync(join(folder, "b.yaml"), POD);
    const problems = new Problems();
    const files = await readLintFiles([folder], async () => new Uint8Array(), problems);
    const findings = await lintObjects(
      files.flatMap((file) => file.objects),
      LINT_OPTIONS,
    );
    const [first, second] = files;
    const lost = [first!, { ...second!, path: join(folder, "missing", "b.yaml") }];
    expect(await codeOfAsync(() => fixFindings(lost, findings))).toBe("lib/file-unwritable");
    expect(readFileSync(join(folder, "a.yaml"), "utf8")).toBe(POD);
  });

  test("has nothing to do where findings are for people", async () => {
    const folder = temporaryDirectory();
    const yaml = podYaml({ container: "securityContext: {privileged: true}" });
    writeFileSync(join(folder, "pod.yaml"), yaml);
    expect(await fix(folder)).toEqual([]);
    expect(readFileSync(join(folder, "pod.yaml"), "utf8")).toBe(yaml);
  });
});
