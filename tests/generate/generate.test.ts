import { describe, expect, test } from "bun:test";
import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "../../src/generate/generate.ts";
import { ProblemsError } from "../../src/lib/problems.ts";
import { rulesText } from "../../src/policy/rules-text.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { IMAGE, POD, scene } from "../fakes/generate-scene.ts";

function snapshot(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" }).toSorted();
  return Object.fromEntries(
    names
      .filter((name) => !name.startsWith("cache") && statSync(join(directory, name)).isFile())
      .map((name) => [name, readFileSync(join(directory, name), "utf8")]),
  );
}

describe("generate()", () => {
  test("reads a pipe once in each run, and never takes its content for that of the last run", async () => {
    const { options, services, directory } = scene(POD);
    const table = readFileSync(options.imageReplacementsPath ?? "", "utf8");
    const imageReplacementsPath = join(directory, "images.pipe");
    execFileSync("mkfifo", [imageReplacementsPath]);
    const run = async (text: string) => {
      spawn("sh", ["-c", 'printf "%s" "$1" > "$2"', "sh", text, imageReplacementsPath], { stdio: "ignore" });
      return await generate({ ...options, imageReplacementsPath }, services);
    };
    await run(table);
    expect((await run(table)).workloads).toHaveLength(1);
    expect(await codeOfAsync(() => run("not a table\n"))).toBe("generate/image-line-invalid");
  });

  test("patches the YAML, makes a policy that proves itself, and writes the manifest", async () => {
    const { directory, options, services, images } = scene(POD);
    const result = await generate(options, services);
    const yaml = readFileSync(join(directory, "resources", "pod.yaml"), "utf8");
    expect(yaml).toStartWith("# kept\n");
    expect(yaml).toContain("- name: web # kept too\n");
    expect(yaml).toContain(`image: ${IMAGE}@${images.digest}`);
    expect(yaml).toContain(`runtimeClassName: ${result.runtimeHandler}\n`);
    const manifest = JSON.parse(readFileSync(options.manifestPath, "utf8"));
    const [workload] = result.workloads;
    expect(manifest.Policies).toEqual({
      [workload!.policyHash]: { SANs: ["web", "*"], WorkloadSecretID: "core/v1/Pod/shop/web" },
    });
    expect(result.hint).toBe(
      '  Please fill in the reference values for K3s-QEMU-SNP; "contrast manifest observe" helps to find them',
    );
    expect(readdirSync(directory).toSorted()).toEqual([
      "cache",
      "images.txt",
      "manifest.json",
      "resources",
      "rules.rego",
      "seedshare-owner.pem",
      "settings.json",
      "workload-owner.pem",
    ]);
  });

  test("changes no byte the second time, with and without the record of the first run", async () => {
    const { directory, options, services } = scene(POD);
    await generate(options, services);
    const first = snapshot(directory);
    expect((await generate(options, services)).written).toEqual([]);
    expect(snapshot(directory)).toEqual(first);
    rmSync(join(directory, "cache"), { recursive: true });
    expect((await generate(options, services)).written).toEqual([]);
    expect(snapshot(directory)).toEqual(first);
  });

  test("trusts the record of a run only while files and tags are as they were", async () => {
    const { directory, options, services, images, log } = scene(POD);
    const unchanged = (): number => log.lines.filter((line) => line.includes("nothing has changed")).length;
    const first = await generate(options, services);
    const again = await generate(options, services);
    expect(unchanged()).toBe(1);
    expect(again.workloads).toEqual(first.workloads);
    expect(again.warnings).toEqual(first.warnings);

    images.digest = `sha256:${"cd".repeat(32)}`;
    await generate(options, services);
    expect(unchanged()).toBe(1);

    await generate(options, services);
    expect(unchanged()).toBe(2);
    writeFileSync(join(directory, "resources", "more.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n");
    await generate(options, services);
    expect(unchanged()).toBe(2);

    await generate(options, services);
    expect(unchanged()).toBe(3);
    rmSync(options.manifestPath);
    await generate(options, services);
    expect(unchanged()).toBe(3);

    await generate(options, services);
    expect(unchanged()).toBe(4);
    await generate({ ...options, skipServiceMesh: true }, services);
    await generate(options, { ...services, programId: "other" });
    await generate(options, { ...services, programId: undefined });
    expect(unchanged()).toBe(4);
  });

  test("tells problems of workloads in the order of the input", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `web${index}`);
    const mount = "      volumeMounts: [{name: gone, mountPath: /x}]\n";
    const { options, services } = scene(
      names.map((name) => POD.replace("name: web", `name: ${name}`) + mount).join("---\n"),
    );
    const error = await generate(options, services).catch((reason: unknown) => reason);
    const { problems, warnings } = error as ProblemsError;
    expect(problems.map(({ object }) => object)).toEqual(names.map((name) => `Pod ${name}`));
    // A volume that does not exist is told once.
    expect(warnings.filter(({ path }) => path?.includes("volumeMounts"))).toEqual([]);
  });

  test("counts an edit that is made during the run as a change", async () => {
    const { directory, options, services, images, log } = scene(POD, { selfCheck: false });
    const config = join(directory, "resources", "config.yaml");
    const text = (value: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\ndata: {a: ${value}}\n`;
    writeFileSync(config, text("before"));
    const editing = {
      image: async (reference: string) => {
        writeFileSync(config, text("during"));
        writeFileSync(options.rulesPath, `${rulesText()}# edited\n`);
        return await images.image(reference);
      },
    };
    await generate(options, { ...services, images: editing });
    await generate(options, services);
    expect(log.lines.filter((line) => line.includes("nothing has changed"))).toEqual([]);
    await generate(options, services);
    expect(log.lines.filter((line) => line.includes("nothing has changed"))).toHaveLength(1);
  });

  test("reports what every step finds in one run, in the order of the input", async () => {
    const pod = (name: string, lines: string): string =>
      `---\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shop}\nspec:\n  runtimeClassName: contrast-cc\n${lines}`;
    const { directory, options, services } = scene(
      [
        pod("policy", `  hostPID: true\n  containers: [{name: a, image: "${IMAGE}"}]\n`),
        pod("type", `  containers: [{name: a, image: "${IMAGE}", tty: 5}]\n`),
        pod("image", `  containers: [{name: a, image: "registry.example/none:1"}]\n`),
        pod(
          "patch",
          `  volumes: [{name: contrast-secrets, configMap: {name: c}}]\n  containers: [{name: a, image: "${IMAGE}"}]\n`,
        ),
      ].join(""),
    );
    const before = snapshot(directory);
    try {
      await generate(options, services);
      expect.unreachable();
    } catch (error) {
      expect((error as ProblemsError).problems.map(({ code, line }) => `${code} ${line}`)).toEqual([
        "policy/field-unsupported 7",
        "kubernetes/field-type 15",
        "oci/image-not-found 22",
        "generate/secrets-volume 29",
      ]);
    }
    expect(snapshot(directory)).toEqual(before);
  });

  test("reports faulty types beside YAML that cannot be read, without asking for images", async () => {
    const { directory, options, services, images } = scene(POD.replace("name: web #", "tty: 5 #"));
    writeFileSync(join(directory, "resources", "a.yaml"), "kind: ConfigMap\napiVersion: v1\nmetadata: {name: [}\n");
    try {
      await generate(options, services);
      expect.unreachable();
    } catch (error) {
      const { problems } = error as ProblemsError;
      expect(problems.map(({ file, code }) => `${file?.slice(-6)} ${code}`)).toEqual([
        "a.yaml kubernetes/yaml-syntax",
        "d.yaml kubernetes/field-missing",
        "d.yaml kubernetes/field-type",
      ]);
    }
    expect(images.asked).toEqual([]);
  });

  test("reports missing images together and changes nothing", async () => {
    const { directory, options, services } = scene(
      `${POD}    - {name: second, image: "registry.example/none:1"}\n    - {name: third, image: "registry.example/none:2"}\n`,
    );
    const before = snapshot(directory);
    try {
      await generate(options, services);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ProblemsError);
      const { problems } = error as ProblemsError;
      expect(problems.map(({ code, line }) => `${code} ${line}`)).toEqual([
        "oci/image-not-found 14",
        "oci/image-not-found 15",
      ]);
    }
    expect(snapshot(directory)).toEqual(before);
  });

  test.each([
    [60_000, []],
    [70_000, ["generate/policy-line-long"]],
    [150_000, ["generate/policy-large", "generate/policy-line-long"]],
  ])("warns when a value of %d characters makes a policy that may be refused", async (length, codes) => {
    const value = "x".repeat(length);
    const { options, services } = scene(
      POD.replace("      image:", `      env: [{name: BIG, value: ${value}}]\n      image:`),
    );
    const { warnings } = await generate(options, services);
    expect(warnings.map(({ code }) => code).filter((code) => code.startsWith("generate/policy-"))).toEqual(
      codes as never,
    );
  });

  test("takes a policy to be wrong when it refuses what the runtime will ask", async () => {
    const { directory, options, services } = scene(POD);
    await generate(options, services);
    const settings = JSON.parse(readFileSync(options.settingsPath, "utf8"));
    settings.common.root_path = "/somewhere/else/$(bundle-id)";
    writeFileSync(options.settingsPath, JSON.stringify(settings));
    const before = snapshot(directory);
    expect(await codeOfAsync(() => generate(options, services))).toBe("policy/self-check-denied");
    expect(snapshot(directory)).toEqual(before);
    await generate({ ...options, selfCheck: false }, services);
    expect(snapshot(directory)).not.toEqual(before);
  });

  test("keeps foreign rules and settings, and tells so in every run", async () => {
    const { options, services } = scene(POD, { selfCheck: false });
    const rules = `${rulesText()}# mine\n`;
    writeFileSync(options.rulesPath, rules);
    await generate(options, services);
    const settings = JSON.parse(readFileSync(options.settingsPath, "utf8"));
    writeFileSync(options.settingsPath, JSON.stringify(settings));
    for (const run of [1, 2]) {
      const { warnings } = await generate(options, services);
      const codes = warnings.map(({ code }) => code).filter((code) => code.endsWith("-differ"));
      expect([run, ...codes]).toEqual([run, "generate/rules-differ", "generate/settings-differ"]);
    }
    expect(readFileSync(options.rulesPath, "utf8")).toBe(rules);
  });

  test("warns of fields that Kubernetes does not have, and offers one that it has", async () => {
    const { options, services } = scene(POD.replace("  containers:", "  hostNetwrok: true\n  containers:"));
    const { warnings } = await generate(options, services);
    expect(warnings).toContainEqual(
      expect.objectContaining({
        code: "generate/field-unknown",
        line: 11,
        path: "spec.hostNetwrok",
        hint: "Did you mean hostNetwork?",
      }),
    );
  });

  test("warns of confidential pods that are not patched for want of metadata", async () => {
    const nameless = "{apiVersion: v1, kind: Pod, spec: {runtimeClassName: contrast-cc, containers: []}}\n";
    const { options, services } = scene(`${POD}---\n${nameless}`);
    const { warnings, workloads } = await generate(options, services);
    expect(warnings.map(({ code }) => code)).toContain("generate/object-not-patched");
    expect(workloads).toHaveLength(1);
  });

  test("writes one file and leaves the inputs alone where an output is named", async () => {
    const { directory, options, services } = scene(POD);
    const outputPath = join(directory, "all.yaml");
    await generate({ ...options, outputPath }, services);
    expect(readFileSync(join(directory, "resources", "pod.yaml"), "utf8")).toBe(POD);
    expect(readFileSync(outputPath, "utf8")).toStartWith("---\n# kept\n");
  });

  test("returns the YAML of standard input", async () => {
    const { options, services, directory } = scene(POD);
    const readInput = async (): Promise<Uint8Array> => new TextEncoder().encode(POD);
    const result = await generate({ ...options, paths: ["-"] }, { ...services, readInput });
    expect([...(result.standardOutput ?? [])].join("")).toContain("io.katacontainers.config.agent.policy: ");
    expect(readFileSync(join(directory, "resources", "pod.yaml"), "utf8")).toBe(POD);
  });

  test("takes standard input alone", async () => {
    const { options, services } = scene(POD);
    const call = () => generate({ ...options, paths: ["-", ...options.paths] }, services);
    expect(await codeOfAsync(call)).toBe("generate/standard-input-alone");
  });
});
