import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { encodeBase64 } from "../../../src/lib/base64.ts";
import { sha256Hex } from "../../../src/lib/digest.ts";
import { ProblemsError } from "../../../src/lib/problems.ts";
import { findPolicies } from "../../../src/policy/find/find-policies.ts";
import { encodeInitdataAnnotation } from "../../../src/policy/initdata/initdata-annotation.ts";
import { renderInitdata } from "../../../src/policy/initdata/render-initdata.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const root = temporaryDirectory();
const TEXT = 'package agent_policy\n\npolicy_data := {"containers": []}';
const HASH = sha256Hex(TEXT);
const DOCUMENT = renderInitdata({ algorithm: "sha256", data: new Map([["policy.rego", TEXT]]) });

const POLICY = "io.katacontainers.config.agent.policy";
const INITDATA = "io.katacontainers.config.hypervisor.cc_init_data";

function deployment(name: string, annotations: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  template:
    metadata:
      annotations: {${annotations}}
    spec: {runtimeClassName: contrast-cc, containers: [{name: main, image: x}]}
`;
}

const WEB = deployment("web", `${POLICY}: ${encodeBase64(TEXT)}`);

function manifest(hashes: readonly string[], secret = "apps/v1/StatefulSet/shop/db"): string {
  const entries = hashes.map((hash) => [hash, { SANs: ["*", "db", "*"], WorkloadSecretID: secret }]);
  return JSON.stringify({ Policies: Object.fromEntries(entries) });
}

/** A new directory with these files. */
function folder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const path = mkdtempSync(join(root, "f-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return path;
}

async function find(...paths: readonly string[]) {
  return await findPolicies(paths, recordIo());
}

/** The codes of all problems of a search. */
async function codesOf(...paths: readonly string[]): Promise<readonly string[]> {
  try {
    await find(...paths);
    return [];
  } catch (error) {
    return error instanceof ProblemsError
      ? error.problems.map(({ code }) => code)
      : [await codeOfAsync(() => find(...paths))];
  }
}

describe("findPolicies()", () => {
  test("finds annotated workloads with their places", async () => {
    const path = join(folder({ "web.yml": WEB }), "web.yml");
    const [policy, ...others] = await find(path);
    expect(others).toEqual([]);
    expect(policy).toMatchObject({ label: "Deployment web", namespace: "shop", file: path, hashHex: HASH, text: TEXT });
    expect(policy.place).toMatchObject({ line: 7, object: "Deployment web" });
    expect(policy.object?.name).toBe("web");
    expect([policy.manifests, policy.manifestEntries]).toEqual([[], []]);
  });
  test("finds the policy inside the initdata of later versions, and names it by the digest of the document", async () => {
    const yaml = deployment("web", `${INITDATA}: ${encodeInitdataAnnotation(DOCUMENT)}`);
    const path = folder({ "web.yml": yaml, "manifest.json": manifest([sha256Hex(DOCUMENT)]) });
    const [policy] = await find(path);
    expect(policy).toMatchObject({ carrier: "initdata", text: TEXT, hashHex: sha256Hex(DOCUMENT) });
    expect(policy.manifestEntries).toHaveLength(1);
  });
  test.each([
    ["a policy text", "p.rego", TEXT, HASH],
    ["base64", "p.txt", encodeBase64(TEXT), HASH],
    ["base64 in lines", "p.b64", `${encodeBase64(TEXT).replace(/(.{40})/g, "$1\n")}\n`, HASH],
    ["an initdata document", "initdata.toml", DOCUMENT, sha256Hex(DOCUMENT)],
    ["base64 of packed initdata", "initdata", encodeInitdataAnnotation(DOCUMENT), sha256Hex(DOCUMENT)],
    ["YAML of any name", "all.txt", WEB, HASH],
  ])("reads %s from a file and from standard input", async (_, name, content, hash) => {
    const [named] = await find(join(folder({ [name]: content }), name));
    const io = recordIo({ readInput: async () => new TextEncoder().encode(content) });
    const [piped] = await findPolicies(["-"], io);
    expect([named.text, piped.text]).toEqual([TEXT, TEXT]);
    expect([named.hashHex, piped.hashHex]).toEqual([hash, hash]);
    expect(piped.file).toBe("standard input");
  });
  test("keeps every byte of a text", async () => {
    const text = `\uFEFF${TEXT}\r\n`;
    const [policy] = await find(join(folder({ p: text }), "p"));
    expect(policy.text).toBe(text);
    expect(policy.hashHex).toBe(sha256Hex(text));
  });

  test("takes a file called .rego for a policy, whatever stands in it", async () => {
    const text = "# [data]\n  package x";
    expect((await find(join(folder({ "p.rego": text }), "p.rego")))[0].text).toBe(text);
  });

  test("names what verify wrote after the manifests beside it, the last one first to say", async () => {
    const other = `${TEXT} `;
    const path = folder({
      [`policy.${HASH}.rego`]: TEXT,
      [`policy.${sha256Hex(other)}.rego`]: other,
      "manifest.2.json": manifest([HASH], "core/v1/Pod/ops/old"),
      "manifest.10.json": manifest([HASH]),
      "coordinator-root.pem": "x",
    });
    const found = await find(path);
    const policy = found.find(({ hashHex }) => hashHex === HASH);
    expect(policy).toMatchObject({ label: "StatefulSet db", namespace: "shop", carrier: "text", object: undefined });
    expect(policy?.manifestEntries.map(({ file }) => file)).toEqual(
      ["manifest.2.json", "manifest.10.json"].map((name) => join(path, name)),
    );
    const unknown = found.find(({ hashHex }) => hashHex !== HASH);
    expect(unknown?.label).toBe(`policy ${sha256Hex(other).slice(0, 12)}`);
    expect([unknown?.manifests.length, unknown?.manifestEntries]).toEqual([2, []]);
  });
  test("takes a name of the certificate where the secret does not name a workload", async () => {
    const path = folder({ "p.rego": TEXT, "manifest.json": manifest([HASH.toUpperCase()], "") });
    expect((await find(join(path, "p.rego")))[0].label).toBe("db");
  });
  test("tells a text once where a workload carries it", async () => {
    const path = folder({
      "web.yml": WEB,
      [`verify/policy.${HASH}.rego`]: TEXT,
      "verify/manifest.0.json": manifest([HASH]),
    });
    const found = await find(path);
    expect(found.map(({ label }) => label)).toEqual(["Deployment web"]);
    expect(found[0].manifestEntries).toHaveLength(1);
  });
  test("keeps workloads apart that share a policy", async () => {
    const path = folder({ "a.yml": WEB, "b.yml": deployment("shop", `${POLICY}: ${encodeBase64(TEXT)}`) });
    expect((await find(path)).map(({ label }) => label)).toEqual(["Deployment web", "Deployment shop"]);
  });
  test("warns about confidential workloads without policy, and about YAML that it ignores", async () => {
    const io = recordIo();
    const path = folder({ "web.yml": WEB, "bare.yml": deployment("bare", ""), "broken.yml": "a: [" });
    await findPolicies([path], io);
    const lines = (io.log as ReturnType<typeof recordIo>["log"] & { readonly lines: readonly string[] }).lines;
    expect(lines).toHaveLength(2);
    expect(lines.join()).toContain("Deployment bare is to be confidential");
  });

  test.each([
    ["nothing", {}, "policy/none-found"],
    ["YAML without policies", { "a.yml": "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n" }, "policy/none-found"],
    ["a manifest alone", { "manifest.json": manifest([HASH]) }, "policy/none-found"],
    ["an annotation that is not base64", { "a.yml": deployment("a", `${POLICY}: "%"`) }, "policy/carrier-invalid"],
    ["an annotation that is a number", { "a.yml": deployment("a", `${POLICY}: 7`) }, "policy/carrier-invalid"],
    ["a policy that is not UTF-8", { "a.yml": deployment("a", `${POLICY}: gICA`) }, "lib/text-not-utf8"],
    ["a file that does not have its hash", { [`policy.${HASH}.rego`]: `${TEXT}\n` }, "policy/hash-mismatch"],
    ["a manifest that is not JSON", { "w.yml": WEB, "manifest.json": "{" }, "policy/manifest-invalid"],
    ["a manifest of another form", { "w.yml": WEB, "manifest.json": '{"Policies": [1]}' }, "policy/manifest-invalid"],
    ["YAML that is broken around a policy", { "w.yml": `${WEB}  x: [` }, "kubernetes/yaml-syntax"],
  ])("refuses %s", async (_, files, code) => {
    expect(await codesOf(folder(files))).toEqual([code]);
  });
  test("looks into directories, but follows links only where they are named", async () => {
    const other = deployment("other", `${POLICY}: ${encodeBase64(`${TEXT} `)}`);
    const elsewhere = join(folder({ "other.yml": other }), "other.yml");
    const path = folder({ "a/b/web.yml": WEB });
    symlinkSync(elsewhere, join(path, "link.yml"));
    expect((await find(path)).map(({ label }) => label)).toEqual(["Deployment web"]);
    expect((await find(join(path, "link.yml"))).map(({ label }) => label)).toEqual(["Deployment other"]);
  });
  test("refuses initdata without a policy", async () => {
    const toml = renderInitdata({ algorithm: "sha256", data: new Map([["aa.toml", "x"]]) });
    expect(await codesOf(join(folder({ "i.toml": toml }), "i.toml"))).toEqual(["policy/carrier-invalid"]);
  });
  test("refuses what is not there, standard input beside files, and directories as files of a search", async () => {
    expect(await codesOf(join(root, "nowhere"))).toEqual(["policy/path-missing"]);
    expect(await codesOf("-", root)).toEqual(["policy/standard-input-alone"]);
  });
  test("tells several problems at once", async () => {
    const files = {
      "a.yml": deployment("a", `${POLICY}: "%"`),
      [`policy.${HASH}.rego`]: "package x",
      "manifest.json": "",
    };
    expect(await codesOf(folder(files), join(root, "nowhere"))).toEqual([
      "policy/carrier-invalid",
      "policy/hash-mismatch",
      "policy/path-missing",
      "policy/manifest-invalid",
    ]);
  });
  test("refuses a policy of 50 MB by its size alone", async () => {
    const path = join(folder({ "p.rego": TEXT }), "p.rego");
    truncateSync(path, 50_000_000);
    expect(await codesOf(path)).toEqual(["lib/file-too-large"]);
  });
  test("refuses a policy that no guest would load", async () => {
    const path = join(folder({ "p.rego": TEXT + " ".repeat(16 * 1024 * 1024) }), "p.rego");
    expect(await codesOf(path)).toEqual(["rego/policy-too-large"]);
  });
});
