import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { callCommand } from "../../fakes/call-command.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";
import { serviceYaml, workloadYaml } from "../../fakes/topology.ts";

const EXAMPLE = join(import.meta.dir, "../../../docs/examples/emojivoto");
const directory = temporaryDirectory();
const two = join(directory, "two.yaml");
writeFileSync(
  two,
  workloadYaml("web", { ingress: "a#80#true" }) + workloadYaml("db", { egress: "x#127.0.0.2:1#no:1" }),
);

async function call(words: readonly string[], change: Parameters<typeof recordIo>[0] = {}) {
  const io = recordIo(change);
  const code = await codeOfAsync(async () => await callCommand(["mesh", ...words], io));
  return { code, text: io.printed.join("\n"), told: io.told };
}
const DONE = "no error, returned undefined";

describe("meshRenderCommand", () => {
  test("tells ports, remotes, and what lint says about the mesh", async () => {
    const { code, text } = await call(["render", EXAMPLE]);
    expect(code).toBe(DONE);
    expect(text).toContain("httpGet on port 8080 fails");
    expect(text).toContain("[topology/clear-text]");
    expect(text).toContain("4 workloads, 3 with sidecar; 0 errors, 2 warnings, 1 info");
  });
  test("prints one JSON object with bootstrap and rules", async () => {
    const { text } = await call(["render", two], { format: "json" });
    expect(JSON.parse(text)).toMatchObject({
      schema: "contrast/mesh-render/v1",
      ok: true,
      workloads: [
        { id: "Deployment/web", sidecar: { rules: expect.arrayContaining([]) } },
        { id: "Deployment/db", remotes: [{ verdict: "nowhere", severity: "error" }] },
      ],
      findings: expect.arrayContaining([
        expect.objectContaining({
          severity: "warning",
          code: "topology/clear-text",
          object: expect.any(String),
          workload: "Deployment/web",
        }),
      ]),
    });
  });
  test("prints rules and the bootstrap of a chosen workload", async () => {
    const rules = await call(["render", "--show", "rules", two]);
    expect(rules.text).toContain("# Deployment web\niptables --wait -t mangle -N CONTRAST_INBOUND");
    const bootstrap = await call(["render", "--show", "bootstrap", "--workload", "deployment/db", two]);
    expect(JSON.parse(bootstrap.text)).toHaveProperty("staticResources.listeners.0.name", "x");
    expect((await call(["render", "--show", "bootstrap", two])).code).toBe("topology/workload-unknown");
    expect((await call(["render", "--workload", "wep", two])).code).toBe("topology/workload-unknown");
  });
  test("fails where the user says so, and shows everything before", async () => {
    expect((await call(["render", "--fail-on", "error", EXAMPLE])).code).toBe(DONE);
    const { code, text } = await call(["render", "--fail-on", "warning", EXAMPLE], { format: "json" });
    expect(code).toBe("topology/findings");
    expect(JSON.parse(text)).toMatchObject({ ok: false });
    expect((await call(["render", "--fail-on", "loud", EXAMPLE])).code).toBe("terminal/invalid-argument");
  });
  test("tells nothing about sidecars that generate will not inject", async () => {
    expect((await call(["render", "--skip-service-mesh", two])).text).toContain("2 workloads, 0 with sidecar");
  });
  test("shows what can be read, and fails for the rest", async () => {
    const faulty = join(directory, "faulty.yaml");
    writeFileSync(faulty, "runtimeClassName: contrast-cc\n  a: [");
    const { code, text, told } = await call(["render", two, faulty]);
    expect(code).toBe("topology/input-faulty");
    expect(text).toContain("Deployment web");
    expect(told[0]).toContain("faulty.yaml");
  });
  test("reads standard input", async () => {
    const readInput = async () => new TextEncoder().encode(workloadYaml("piped", { ingress: "" }));
    expect((await call(["render", "-"], { readInput })).text).toContain("Deployment piped");
  });
});

describe("meshGraphCommand", () => {
  test("tells who talks to whom", async () => {
    const { code, text } = await call(["graph", EXAMPLE]);
    expect(code).toBe(DONE);
    expect(text).toContain("voting: 127.137.0.2:8081 -> voting-svc:8080");
  });
  test("prints one JSON object", async () => {
    const { text } = await call(["graph", EXAMPLE], { format: "json" });
    expect(JSON.parse(text)).toMatchObject({ schema: "contrast/mesh-graph/v1", ok: true, edges: expect.anything() });
  });
  test.each([
    ["svg", "<svg"],
    ["dot", "digraph"],
    ["mermaid", "flowchart"],
    ["text", "clients outside"],
  ])("writes %s to a file or standard output", async (kind, beginning) => {
    const file = join(directory, `mesh.${kind}`);
    expect((await call(["graph", "--as", kind, EXAMPLE])).text).toStartWith(beginning);
    expect((await call(["graph", "--as", kind, "--output", file, EXAMPLE])).text).toBe(`✔️ Wrote ${file}`);
    expect(readFileSync(file, "utf8")).toStartWith(beginning);
  });
  test("gives JSON and another kind different places", async () => {
    const json = { format: "json" } as const;
    expect((await call(["graph", "--as", "svg", EXAMPLE], json)).code).toBe("terminal/exclusive-flags");
    const file = join(directory, "beside.svg");
    const { text } = await call(["graph", "--as", "svg", "-o", file, EXAMPLE], json);
    expect(JSON.parse(text)).toMatchObject({ output: file });
  });
  test("fails for a connection that leads nowhere, where the user says so", async () => {
    expect((await call(["graph", two])).code).toBe(DONE);
    expect((await call(["graph", "--fail-on", "error", two])).code).toBe("topology/findings");
  });
  test("takes another domain of the cluster", async () => {
    const file = join(directory, "domain.yaml");
    const egress = "x#127.0.0.2:1#db.shop.svc.corp.example:1";
    writeFileSync(
      file,
      workloadYaml("web", { namespace: "shop", egress }) +
        workloadYaml("db", { namespace: "shop" }) +
        serviceYaml("db", [{ port: 1 }], {}, "shop"),
    );
    expect((await call(["graph", "--cluster-domain", ".corp.example.", file])).text).toContain("no sidecar  ");
  });
});
