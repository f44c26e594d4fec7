import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readSavedVerification } from "../../src/client/read-saved-verification.ts";
import { encodeSavedVerification } from "../../src/client/saved-verification.ts";
import { readBundle } from "../../src/attestation/collateral/bundle-read.ts";
import type { AttestedDeployment } from "../fakes/attested-deployment.ts";
import type { FakeCoordinator } from "../fakes/coordinator-server.ts";
import { isPermitted } from "../fakes/peers.ts";
import { AttestBench, TRUST, type VerdictJson } from "./attest-bench.ts";
import { snapshotOf } from "./snapshot.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const bench = new AttestBench();

/** No interface at all, not even loopback. */
const NO_NETWORK = ["unshare", "--map-root-user", "--net", "--"];
const canUnshare = isPermitted("contrast verify --bundle, without network", ...NO_NETWORK, "true");
const TRACE = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-e", "signal=none", "-o"];
const canTrace = isPermitted("sockets of contrast --offline", ...TRACE, "/dev/null", "true");

const ROOTS = ["--insecure-trust-roots", "roots.pem"];
const COMMANDS: readonly (readonly string[])[] = [["set", "resources"], ["verify"], ["recover"]];

/** Rows of a verdict, without the moment of the judgement. */
function rowsOf(verdict: VerdictJson | undefined): unknown {
  return verdict?.groups;
}

async function deployed(tee: "snp" | "tdx"): Promise<{ deployment: AttestedDeployment; server: FakeCoordinator }> {
  const deployment = bench.deployment(tee);
  return { deployment, server: await bench.coordinator(deployment, { state: deployment.setState() }) };
}

/** Runs set, verify and recover on a new Coordinator of a deployment. */
async function runAll(
  deployment: AttestedDeployment,
  directory: string,
  flags: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<readonly unknown[]> {
  const server = await bench.coordinator(deployment);
  const results: unknown[] = [];
  for (const [command = "", ...words] of COMMANDS) {
    if (command === "recover") server.state.restart();
    const all = [command, "-c", server.address, "--offline", ...flags, ...ROOTS, ...words];
    const { status, json } = await bench.runJson(directory, all, { env });
    const origins = new Set(
      json.verdict?.collateral.filter(({ origin }) => origin !== "evidence").map((use) => use.origin),
    );
    results.push([command, status, json.verdict?.outcome, [...origins]]);
  }
  return results;
}

describe.each(["snp", "tdx"] as const)("contrast on %s", (tee) => {
  test.concurrent("works without vendors after collateral fetch, export and import", async () => {
    const { deployment, server } = await deployed(tee);
    const services = await bench.vendorServices(...deployment.collateral);
    const mirrors = ["--kds-mirror", services.mirrors.kds, "--pcs-mirror", services.mirrors.pcs];

    const connected = bench.copyOf(deployment.directory);
    rmSync(join(connected, "collateral.tar"));
    const from = ["-c", server.address, ...mirrors, ...ROOTS];
    const fetched = await bench.run(connected, ["collateral", "fetch", ...from]);
    expect([fetched.status, fetched.stdout]).toEqual([0, expect.stringMatching(/✔️ All \d pieces are valid\n$/)]);
    const requests = services.requests.length;
    for (const name of ["bundle.tar", "again.tar"]) {
      expect(await bench.run(connected, ["collateral", "export", name, ...from])).toMatchObject({ status: 0 });
    }
    // Everything was at hand, and the same collateral gives the same bytes.
    expect(services.requests.length).toBe(requests);
    const bundle = readFileSync(join(connected, "bundle.tar"));
    expect(readFileSync(join(connected, "again.tar")).equals(bundle)).toBe(true);
    expect(readBundle(new Uint8Array(bundle), "bundle").length).toBe(requests);

    const isolated = bench.copyOf(deployment.directory);
    rmSync(join(isolated, "collateral.tar"));
    writeFileSync(join(isolated, "bundle.tar"), bundle);
    const env = { CONTRAST_CACHE_DIR: join(isolated, "cache") };
    const accepted = (origin: string): readonly unknown[] =>
      COMMANDS.map(([command]) => [command, 0, "accepted", [origin]]);
    const offline = [...mirrors, "--collateral", "bundle.tar"];
    expect(await runAll(deployment, isolated, offline, env)).toEqual(accepted("bundle"));
    const without = await bench.runJson(isolated, ["verify", "-c", server.address, "--offline", ...mirrors, ...ROOTS], {
      env,
    });
    expect([without.status, without.json.code]).toEqual([6, "attestation/unchecked"]);
    const imported = await bench.run(isolated, ["collateral", "import", "bundle.tar", ...ROOTS], { env });
    expect(imported).toMatchObject({ status: 0 });
    expect(await runAll(deployment, isolated, mirrors, env)).toEqual(accepted("cache"));
    expect(services.requests.length).toBe(requests);
  });

  test.skipIf(!canTrace).concurrent("opens no socket but the Coordinator's with --offline", async () => {
    const { deployment, server } = await deployed(tee);
    const { directory } = deployment;
    // The evidence needs collateral that is not there, so that every reason to ask for it exists.
    for (const flags of [TRUST, ["--offline", ...ROOTS]]) {
      const trace = join(bench.directory(), "trace");
      const { stdout } = await bench.run(directory, ["verify", "-c", server.address, ...flags], {
        wrapper: [...TRACE, trace],
        env: { CONTRAST_CACHE_DIR: bench.directory() },
      });
      expect(stdout.includes("✔️")).toBe(flags === TRUST);
      const internet = readFileSync(trace, "utf8")
        .split("\n")
        .filter((line) => /sin6?_port|sin6?_addr/.test(line));
      expect(internet.length).toBeGreaterThan(0);
      const port = `sin_port=htons(${server.endpoint.port}), sin_addr=inet_addr("127.0.0.1")`;
      expect(internet.filter((line) => !line.includes(port))).toEqual([]);
    }
  });

  test.concurrent(
    "gives one verdict on a live Coordinator and on the saved verification, without network",
    async () => {
      const { deployment, server } = await deployed(tee);
      const { directory } = deployment;
      const live = await bench.runJson(directory, ["verify", "-c", server.address, ...TRUST, "--save", "saved.tar"]);
      expect(live.status).toBe(0);
      const bytes = new Uint8Array(readFileSync(deployment.path("saved.tar")));
      expect(encodeSavedVerification(await readSavedVerification(deployment.path("saved.tar")))).toEqual(bytes);
      // On a machine that has nothing but the archive and what its user expects.
      const elsewhere = bench.copyOf(directory);
      for (const name of ["verify", "resources", "collateral.tar", "home", "workload-owner.pem"]) {
        rmSync(join(elsewhere, name), { recursive: true, force: true });
      }
      const before = snapshotOf(elsewhere);
      const wrapper = canUnshare ? NO_NETWORK : [];
      const saved = await bench.runJson(elsewhere, ["verify", "--bundle", "saved.tar", ...ROOTS], { wrapper });
      expect(saved.status, saved.stderr).toBe(0);
      expect(rowsOf(saved.json.verdict)).toEqual(rowsOf(live.json.verdict));
      expect(snapshotOf(elsewhere)).toEqual(before);
      const manifest = readFileSync(join(elsewhere, "manifest.json"), "utf8");
      writeFileSync(join(elsewhere, "manifest.json"), manifest.trimEnd());
      const other = await bench.runJson(elsewhere, ["verify", "--bundle", "saved.tar", ...ROOTS], { wrapper });
      expect([other.status, other.json.code]).toEqual([4, "client/manifest-differs"]);
      const real = await bench.runJson(elsewhere, ["verify", "--bundle", "saved.tar"], { wrapper });
      // The PCK chain is part of a quote. This SNP machine's VCEK is collateral, and one that AMD did not sign is as none.
      expect([real.status, real.json.verdict?.outcome]).toEqual(tee === "tdx" ? [3, "rejected"] : [6, "unknown"]);
      expect(readdirSync(elsewhere)).not.toContain("verify");
    },
  );

  test.concurrent("judges saved evidence by manifest and bundle, without network", async () => {
    const { deployment } = await deployed(tee);
    const reportData = new Uint8Array(64).fill(9);
    const [presented] = [await deployment.evidence(reportData)].flat();
    writeFileSync(deployment.path("evidence.pb"), presented?.value ?? "");
    const words = ["evidence", "verify", "evidence.pb", "--manifest", "manifest.json", ...TRUST, "--report-data"];
    const wrapper = canUnshare ? NO_NETWORK : [];
    const good = await bench.runJson(deployment.directory, [...words, reportData.toHex()], { wrapper });
    expect([good.status, good.json.verdict?.outcome], good.stderr).toEqual([0, "accepted"]);
    const other = await bench.runJson(deployment.directory, [...words, "00".repeat(64)], { wrapper });
    expect([other.status, other.json.verdict?.outcome]).toEqual([3, "rejected"]);
    const withoutBundle = words.filter((word) => word !== "--collateral" && word !== "collateral.tar");
    const unknown = await bench.runJson(deployment.directory, [...withoutBundle, reportData.toHex()], { wrapper });
    expect([unknown.status, unknown.json.verdict?.outcome]).toEqual([6, "unknown"]);
  });
});
