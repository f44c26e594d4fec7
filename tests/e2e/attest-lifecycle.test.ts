import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash, X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { AttestedDeployment } from "../fakes/attested-deployment.ts";
import type { FakeCoordinator } from "../fakes/coordinator-server.ts";
import { CoordinatorState } from "../fakes/coordinator-state.ts";
import { AttestBench, TRUST } from "./attest-bench.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const bench = new AttestBench();

const VERIFIED = "✔️ Successfully verified Coordinator CVM based on reference values from manifest";
const MATCHES = "✔️ Manifest active at Coordinator matches expected manifest";
const READ_HISTORY = "  Please verify the manifest history and policies";
const NEW_MESH_CA = "  Restart to get certificates of the new mesh CA: deployment/web -n shop";
/** The roots of the fake hardware are told about every time; a good run says nothing else. */
const ROOTS_WARNING = /^WARNING: the roots in "roots\.pem" [^\n]*\n$/;

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function modesIn(directory: string, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, (statSync(join(directory, name)).mode & 0o777).toString(8)]));
}

/** What a command about a Coordinator prints, line by line; nothing goes to stderr but the warning. */
async function linesOf(directory: string, ...words: readonly string[]): Promise<readonly string[]> {
  const { status, stdout, stderr } = await bench.run(directory, [...words, ...TRUST]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(ROOTS_WARNING) });
  expect(stdout).toEndWith("\n");
  return stdout.slice(0, -1).split("\n");
}

function historyLines(manifests: readonly Uint8Array[]): readonly string[] {
  const lines = manifests.map((manifest, index) => {
    const active = index === manifests.length - 1 ? " (active)" : "";
    return `  manifest ${index}: sha256 ${sha256(manifest)}${active}`;
  });
  return [...lines, "  2 policies"];
}

async function startedOn(
  tee: "snp" | "tdx",
): Promise<{ deployment: AttestedDeployment; server: FakeCoordinator; directory: string; address: string }> {
  const deployment = bench.deployment(tee);
  const server = await bench.coordinator(deployment);
  return { deployment, server, directory: deployment.directory, address: server.address };
}

describe.each(["snp", "tdx"] as const)("contrast on %s", (tee) => {
  test.concurrent("goes through the life of a deployment as the manual shows it", async () => {
    const { deployment, server, directory, address } = await startedOn(tee);
    const { state } = server;
    const given = readdirSync(directory);

    expect(await linesOf(directory, "set", "-c", address, "resources")).toEqual([
      "✔️ Connected to coordinator",
      "✔️ Manifest set successfully",
      "✔️ Seed shares received",
    ]);
    const first = deployment.manifest();
    const shares = readFileSync(deployment.path("seed-shares.json"), "utf8");
    const written = ["coordinator-root-ca.pem", "mesh-ca.pem", "seed-shares.json"];
    expect(
      readdirSync(directory)
        .filter((name) => !given.includes(name) && name !== "home")
        .toSorted(),
    ).toEqual(written);
    expect(modesIn(directory, written)).toEqual({
      "coordinator-root-ca.pem": "644",
      "mesh-ca.pem": "644",
      "seed-shares.json": "600",
    });
    const parsed = JSON.parse(shares) as { SeedShares: Record<string, string>[]; salt: string };
    expect(Object.keys(parsed)).toEqual(["SeedShares", "salt"]);
    expect(parsed.SeedShares.map((share) => Object.keys(share))).toEqual([["PublicKey", "EncryptedSeed"]]);
    expect(parsed.salt).toBe(state.salt.toBase64());
    expect(shares).toBe(JSON.stringify(parsed, undefined, 2));

    deployment.changeManifest((manifest) => manifest.WorkloadOwnerKeyDigests?.push("00".repeat(32)));
    expect(await linesOf(directory, "set", "-c", address, "resources")).toEqual([
      "✔️ Connected to coordinator",
      "✔️ Manifest set successfully",
      NEW_MESH_CA,
    ]);
    expect(readFileSync(deployment.path("seed-shares.json"), "utf8")).toBe(shares);
    expect(readFileSync(deployment.path("mesh-ca.pem"))).toEqual(Buffer.from(state.meshCaPem));

    const manifests = [first, deployment.manifest()];
    const verified = [
      VERIFIED,
      "✔️ Wrote Coordinator configuration and keys to verify",
      MATCHES,
      READ_HISTORY,
      ...historyLines(manifests),
      expect.stringMatching(new RegExp(`^ {2}evidence: \\d+ checks passed, reference values ${tee}-0\\S* fit$`)),
      expect.stringMatching(/^ {2}first to expire: /),
    ];
    expect(await linesOf(directory, "verify", "-c", address)).toEqual(verified);
    const history: Readonly<Record<string, Uint8Array>> = {
      "coordinator-root-ca.pem": state.rootCaPem,
      "mesh-ca.pem": state.meshCaPem,
      ...Object.fromEntries(manifests.map((bytes, index) => [`manifest.${index}.json`, bytes])),
      ...Object.fromEntries(deployment.policies.map((policy) => [`policy.${sha256(policy)}.rego`, policy])),
    };
    const names = Object.keys(history).toSorted();
    expect(readdirSync(deployment.path("verify")).toSorted()).toEqual(names);
    for (const name of names) {
      expect(readFileSync(deployment.path(`verify/${name}`)).equals(history[name]!), name).toBe(true);
    }
    expect(new Set(Object.values(modesIn(deployment.path("verify"), names)))).toEqual(new Set(["644"]));

    state.restart();
    const waiting = await bench.run(directory, ["verify", "-c", address, ...TRUST]);
    expect([waiting.status, waiting.stdout]).toEqual([1, ""]);
    expect(waiting.stderr).toContain('Recover the Coordinator with "contrast recover".');
    expect(await linesOf(directory, "recover", "-c", address, "--dry-run")).toEqual([
      "✔️ Key and seed share fit, and the Coordinator was attested",
      "  Nothing was sent. Whether the seed is that of this Coordinator shows only when it gets it",
    ]);
    expect(server.calls.some((path) => path.endsWith("/Recover"))).toBe(false);
    expect(await linesOf(directory, "recover", "-c", address)).toEqual([
      "✔️ Successfully recovered the Coordinator",
      '  The mesh CA is new: run "contrast verify" to get it, and restart the workloads for new certificates',
      "  Workloads: deployment/web -n shop",
    ]);
    expect(await linesOf(directory, "verify", "-c", address)).toEqual(verified);
    const mesh = new X509Certificate(readFileSync(deployment.path("verify/mesh-ca.pem")));
    expect(mesh.raw.equals(new X509Certificate(Buffer.from(history["mesh-ca.pem"]!)).raw)).toBe(false);
  });

  test.concurrent("keeps the seed shares of another Coordinator", async () => {
    const { deployment, directory, address } = await startedOn(tee);
    await linesOf(directory, "set", "-c", address, "resources");
    const shares = readFileSync(deployment.path("seed-shares.json"), "utf8");
    const fresh = await bench.coordinator(deployment);
    const { status, json, stderr } = await bench.runJson(directory, [
      "set",
      "-c",
      fresh.address,
      ...TRUST,
      "resources",
    ]);
    expect([status, json.seedSharesBackup]).toEqual([0, expect.stringMatching(/(^|\/)seed-shares\.json\.bak$/)]);
    expect(stderr).toContain("seed-shares.json.bak");
    expect(readFileSync(deployment.path("seed-shares.json.bak"), "utf8")).toBe(shares);
    expect(readFileSync(deployment.path("seed-shares.json"), "utf8")).not.toBe(shares);
    expect(modesIn(directory, ["seed-shares.json", "seed-shares.json.bak"])).toEqual({
      "seed-shares.json": "600",
      "seed-shares.json.bak": "600",
    });
  });

  test.concurrent("tells programs one object with a schema, from another directory", async () => {
    const { deployment, server, directory, address } = await startedOn(tee);
    const trust = [...deployment.trustFlags, "--workspace-dir", directory];
    const elsewhere = bench.directory();
    const set = await bench.runJson(elsewhere, ["set", "-c", address, ...trust, deployment.path("resources")]);
    expect([set.status, Object.keys(set.json)]).toEqual([
      0,
      [
        "schema",
        "ok",
        "insecure",
        "coordinator",
        "manifest",
        "coordinatorPolicy",
        "seedSharesReceived",
        "seedSharesBackup",
        "written",
        "restart",
        "verdict",
      ],
    ]);
    expect(set.json.written?.toSorted()).toEqual(
      ["coordinator-root-ca.pem", "mesh-ca.pem", "seed-shares.json"].map(deployment.path),
    );
    const verify = await bench.runJson(elsewhere, ["verify", "-c", address, ...trust]);
    expect([verify.status, Object.keys(verify.json)]).toEqual([
      0,
      ["schema", "ok", "insecure", "coordinator", "manifest", "coordinatorPolicy", "history", "written", "verdict"],
    ]);
    server.state.restart();
    const recover = await bench.runJson(elsewhere, ["recover", "-c", address, ...trust]);
    expect([recover.status, Object.keys(recover.json)]).toEqual([
      0,
      ["schema", "ok", "insecure", "coordinator", "dryRun", "recovered", "coordinatorPolicy", "restart", "verdict"],
    ]);
    for (const { json } of [set, verify, recover]) {
      expect(json).toMatchObject({ ok: true, insecure: true, verdict: { outcome: "accepted" } });
    }
    expect([set, verify, recover].map(({ json }) => json.schema)).toEqual([
      "contrast/set/v1",
      "contrast/verify/v1",
      "contrast/recover/v1",
    ]);
    expect(readdirSync(elsewhere)).toEqual([]);
  });
});

describe("contrast set", () => {
  test.concurrent.each([
    ["a reader that goes away", 'exec "$@" | true'],
    ["no output at all", 'exec "$@" >&- 2>&-'],
    ["a full disk as output", 'exec "$@" >/dev/full 2>/dev/full'],
    ["files for everybody", 'umask 0; exec "$@"'],
  ])("keeps the seed shares, for their owner only, with %s", async (_, script) => {
    const deployment = bench.deployment();
    const server = await bench.coordinator(deployment);
    const words = ["set", "-c", server.address, ...TRUST, "resources"];
    await bench.run(deployment.directory, words, { wrapper: ["bash", "-c", script, "bash"] });
    const { SeedShares } = JSON.parse(readFileSync(deployment.path("seed-shares.json"), "utf8"));
    expect(SeedShares.length).toBe(1);
    expect(modesIn(deployment.directory, ["seed-shares.json"])).toEqual({ "seed-shares.json": "600" });
    expect(readdirSync(deployment.directory)).toContain("mesh-ca.pem");
  });
});

describe("contrast set and recover", () => {
  test.concurrent.each<[string, number, string, (deployment: AttestedDeployment) => readonly string[]]>([
    ["set", 2, "usage", () => ["set", "--coordinator-policy-hash", "00", "resources"]],
    ["set", 3, "rejected", () => ["set", "--coordinator-policy-hash", "00".repeat(32), "resources"]],
    [
      "set",
      4,
      "mismatch",
      (deployment) => {
        deployment.changeManifest((manifest) => {
          manifest.Policies["ab".repeat(32)] = { SANs: ["more"], WorkloadSecretID: "more" };
        });
        return ["set", "resources"];
      },
    ],
    ["set", 7, "input", () => ["set", "--manifest", "coordinator-policy.sha256", "resources"]],
    ["recover", 2, "usage", () => ["recover", "--no-such-flag"]],
    ["recover", 3, "rejected", () => ["recover", "--coordinator-policy-hash", "00".repeat(32)]],
    ["recover", 7, "input", () => ["recover", "--seedshare-owner-key", "workload-owner.pem"]],
  ])("%s ends with status %d for class %s, and with 1 for people", async (_, status, name, wordsOf) => {
    const deployment = bench.deployment();
    const set = await bench.coordinator(deployment);
    await linesOf(deployment.directory, "set", "-c", set.address, "resources");
    const [command = "", ...words] = wordsOf(deployment);
    const state = new CoordinatorState();
    const server = await bench.coordinator(deployment, { state });
    const all = [command, "-c", server.address, ...TRUST, ...words];
    expect(await bench.runJson(deployment.directory, all)).toMatchObject({
      status,
      json: { schema: "contrast/error/v1", ok: false, class: name },
    });
    const forPeople = await bench.run(deployment.directory, all);
    expect([forPeople.status, forPeople.stderr]).toEqual([1, expect.stringMatching(/^Error: /m)]);
    expect(forPeople.stdout).not.toContain("✔️");
    expect(state.manifests).toEqual([]);
  });
});
