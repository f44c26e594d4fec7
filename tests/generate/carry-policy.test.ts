import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { generate } from "../../src/generate/generate.ts";
import type { ProblemsError } from "../../src/lib/problems.ts";
import { parsePlatform } from "../../src/manifest/platforms.ts";
import { decodeInitdataAnnotation } from "../../src/policy/initdata/initdata-annotation.ts";
import { initdataDigests } from "../../src/policy/initdata/initdata-digests.ts";
import { parseInitdata } from "../../src/policy/initdata/parse-initdata.ts";
import { renderInitdata } from "../../src/policy/initdata/render-initdata.ts";
import { INITDATA_ANNOTATION, POLICY_ANNOTATION } from "../../src/kubernetes/policy-annotations.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { POD, scene, type Scene } from "../fakes/generate-scene.ts";

const COORDINATOR = POD.replace(
  "metadata:\n",
  "metadata:\n  annotations: {contrast.edgeless.systems/pod-role: coordinator}\n",
);

function annotations({ directory }: Scene): Readonly<Record<string, string>> {
  const pod = parse(readFileSync(join(directory, "resources", "pod.yaml"), "utf8")) as {
    metadata: { annotations: Record<string, string> };
  };
  return pod.metadata.annotations;
}

function documentOf(made: Scene): string {
  return decodeInitdataAnnotation(annotations(made)[INITDATA_ANNOTATION] ?? "", "annotation");
}

function writeExtra(
  { directory }: Scene,
  members: Readonly<Record<string, string>>,
  algorithm: "sha256" | "sha384",
): string {
  const path = join(directory, "extra.toml");
  writeFileSync(path, renderInitdata({ algorithm, data: new Map(Object.entries(members)) }));
  return path;
}

const initdataCodes = (warnings: readonly { readonly code: string }[]): readonly string[] =>
  warnings.map(({ code }) => code).filter((code) => code.startsWith("generate/initdata"));

describe("carryPolicy()", () => {
  test("packs the same policy that travels alone, and names it by the digest of its document", async () => {
    const made = scene(POD);
    const { options, services } = made;
    await generate(options, services);
    const alone = Buffer.from(annotations(made)[POLICY_ANNOTATION] ?? "", "base64").toString();

    const { workloads, warnings } = await generate({ ...options, initdata: {} }, services);
    expect(Object.keys(annotations(made))).toEqual([INITDATA_ANNOTATION]);
    const document = documentOf(made);
    expect(parseInitdata(document, "d")).toEqual({ algorithm: "sha256", data: new Map([["policy.rego", alone]]) });
    const digests = initdataDigests(document, "sha256");
    expect(workloads.map(({ policyHash, initdata }) => [policyHash, initdata])).toEqual([[digests.digest, digests]]);
    expect(Object.keys(JSON.parse(readFileSync(options.manifestPath, "utf8")).Policies)).toEqual([digests.digest]);
    expect(initdataCodes(warnings)).toEqual(["generate/initdata-runtime"]);

    // Back again, the other annotation goes.
    await generate(options, services);
    expect(Object.keys(annotations(made))).toEqual([POLICY_ANNOTATION]);
  });

  test("keeps an annotation that another compressor made of the same document", async () => {
    const made = scene(POD);
    const { options, services, directory } = made;
    const other = { ...options, initdata: {} };
    await generate(other, services);
    const own = annotations(made)[INITDATA_ANNOTATION] ?? "";
    const recompressed = Buffer.from(Bun.gzipSync(documentOf(made), { level: 1 })).toString("base64");
    expect(recompressed).not.toBe(own);
    const path = join(directory, "resources", "pod.yaml");
    writeFileSync(path, readFileSync(path, "utf8").replace(own, recompressed));
    expect((await generate(other, services)).written).toEqual([]);
    expect(annotations(made)[INITDATA_ANNOTATION]).toBe(recompressed);
  });

  test("takes members and algorithm of a given document", async () => {
    const made = scene(POD);
    const path = writeExtra(made, { "aa.toml": "[token]\n", z: "'''" }, "sha384");
    const { workloads, warnings } = await generate({ ...made.options, initdata: { path } }, made.services);
    const { algorithm, data } = parseInitdata(documentOf(made), "d");
    expect([algorithm, [...data.keys()], data.get("z")]).toEqual(["sha384", ["aa.toml", "policy.rego", "z"], "'''"]);
    expect(workloads[0]?.policyHash).toBe(workloads[0]?.initdata?.digest.slice(0, 64) ?? "none");
    expect(initdataCodes(warnings)).toEqual(["generate/initdata-runtime", "generate/initdata-algorithm"]);
  });
});

describe("planInitdata()", () => {
  test("refuses a policy in the given document, and two algorithms", async () => {
    const made = scene(POD);
    const call = (algorithm: "sha256" | "sha512", path: string) => () =>
      generate({ ...made.options, initdata: { algorithm, path } }, made.services);
    expect(await codeOfAsync(call("sha256", writeExtra(made, { "policy.rego": "x" }, "sha256")))).toBe(
      "generate/initdata-conflict",
    );
    expect(await codeOfAsync(call("sha512", writeExtra(made, { a: "x" }, "sha256")))).toBe(
      "generate/initdata-conflict",
    );
  });

  test("refuses platforms whose runtime reads no initdata", async () => {
    const { options, services } = scene(POD, { platform: parsePlatform("aks-clh-snp"), initdata: {} });
    expect(await codeOfAsync(() => generate(options, services))).toBe("generate/initdata-platform");
  });

  test("refuses a Coordinator whose hash nobody could look up", async () => {
    const { options, services } = scene(COORDINATOR);
    const call = (algorithm: "sha256" | "sha512") => generate({ ...options, initdata: { algorithm } }, services);
    const error = await call("sha512").catch((reason: unknown) => reason);
    expect((error as ProblemsError).problems.map(({ code }) => code)).toEqual(["generate/initdata-coordinator"]);
    await call("sha256");
    expect(readFileSync(options.coordinatorHashPath, "utf8")).toHaveLength(64);
  });
});
