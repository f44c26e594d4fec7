import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hasPrograms } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { freePorts } from "../fakes/free-ports.ts";
import { until } from "../fakes/until.ts";
import { SandboxBench } from "./sandbox-bench.ts";
import { GenerateBench } from "./workspace.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const hasOpenssl = hasPrograms("mutual TLS between workloads of a sandbox", "openssl");
// The self-check of policies is not what is tested here.
const generated = new GenerateBench(temporaryDirectory(), ["--no-self-check"]);

function isAlive(pid: number | null): boolean {
  try {
    process.kill(pid ?? 0, 0);
    // A process that has ended and was not waited for yet is gone, too.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** Both sides of a connection with the certificates of workloads, as one script: what the client reads. */
const MUTUAL_TLS = `
set -eu
openssl s_server -accept 127.0.0.1:$port -naccept 1 -www -cert "$CONTRAST_CERT_CHAIN" -cert_chain "$CONTRAST_CERT_CHAIN" \
  -key "$CONTRAST_KEY" -CAfile "$CONTRAST_MESH_CA" -Verify 2 -verify_return_error >"$1.log" 2>&1 &
until grep -q ^ACCEPT "$1.log"; do kill -0 $!; sleep 0.02; done
printf 'GET / HTTP/1.0\\r\\n\\r\\n' | "$PROGRAM" sandbox run db -- sh -c '
  exec openssl s_client -connect 127.0.0.1:'$port' -servername web -verify_hostname web -verify_return_error -ign_eof \
    -CAfile "$CONTRAST_MESH_CA" -cert "$CONTRAST_CERT_CHAIN" -cert_chain "$CONTRAST_CERT_CHAIN" -key "$CONTRAST_KEY"'
wait $!
`;

describe("contrast sandbox", () => {
  test.concurrent.each(["snp-milan", "tdx"] as const)("plays the life of a deployment on %s", async (platform) => {
    await using bench = await SandboxBench.create(generated, platform);
    const started = await bench.up();
    expect([started.status, started.stdout], started.stderr).toEqual([0, expect.stringContaining("and 2 workloads")]);
    expect(await bench.status()).toMatchObject({ ok: true, coordinator: "empty" });
    const early = await bench.run("sandbox", "run", "web", "--", "true");
    expect([early.status, early.stderr]).toEqual([1, expect.stringContaining("no certificate yet")]);

    const flags = bench.coordinatorFlags();
    expect(await bench.succeed("set", ...flags, "resources")).toContain("✔️ Seed shares received");
    await bench.succeed("sandbox", "status", "--wait");
    const { workloads } = await bench.status();
    expect(workloads.map(({ id, state, sans }) => [id, state, sans])).toEqual([
      ["deployment-db", "certified", ["DNS:db", "DNS:*"]],
      ["deployment-web", "certified", ["DNS:web", "DNS:*"]],
    ]);
    await bench.succeed("verify", ...flags);
    if (hasOpenssl) {
      const binary = join(import.meta.dir, "../../dist/contrast");
      const log = join(bench.workspace.root, "server");
      const script = ["sh", "-c", `PROGRAM=${binary} port=${freePorts(1).join()}\n${MUTUAL_TLS}`, "sh", log];
      expect(await bench.succeed("sandbox", "run", "web", "--", ...script)).toContain("HTTP/1.0 200 ok");
    }
    expect(await bench.run("sandbox", "run", "web", "--", "sh", "-c", "exit 7")).toMatchObject({ status: 7 });

    await bench.succeed("sandbox", "restart", "coordinator");
    expect(await bench.status()).toMatchObject({ ok: true, coordinator: "recovery" });
    expect(await bench.run("verify", ...flags, "--format", "json")).toMatchObject({ status: 8 });
    await bench.succeed("recover", ...flags);
    await bench.succeed("sandbox", "restart", "--workloads");
    await bench.succeed("sandbox", "status", "--wait");
    await bench.succeed("verify", ...flags);
    const check = 'openssl verify -CAfile verify/mesh-ca.pem "$CONTRAST_CERT_CHAIN"';
    if (hasOpenssl) await bench.succeed("sandbox", "run", "web", "--", "sh", "-c", check);

    const { supervisor, processes } = await bench.status();
    const pids = [supervisor.pid, ...processes.map(({ pid }) => pid)].filter((pid) => pid !== null);
    expect(await bench.succeed("sandbox", "down")).toContain("✔️ The sandbox is stopped");
    await until(async () => !pids.some(isAlive));
    expect(await bench.succeed("sandbox", "down", "--delete")).toContain("✔️ Deleted contrast-sandbox");
    expect(existsSync(bench.directory)).toBe(false);
  });

  test.concurrent("leaves no process behind when its supervisor is killed, and says so", async () => {
    await using bench = await SandboxBench.create(generated, "tdx");
    expect(await bench.up()).toMatchObject({ status: 0 });
    const again = await bench.up();
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining("one runs in")]);
    const { supervisor, processes } = await bench.status();
    const pids = processes.map(({ pid }) => pid);
    expect(pids.filter(isAlive).length).toBe(3);
    process.kill(supervisor.pid, "SIGKILL");
    await until(async () => !pids.some(isAlive));
    const { ok, supervisor: gone } = await bench.status();
    expect([ok, gone.state]).toEqual([false, "gone"]);

    // The same command brings it back, with the state that was kept.
    expect(await bench.up()).toMatchObject({ status: 0 });
    expect(await bench.status()).toMatchObject({ ok: true, coordinator: "empty" });
    await bench.succeed("sandbox", "down");
  });

  test.concurrent("runs in the foreground until it is interrupted, and names a port that is taken", async () => {
    await using bench = await SandboxBench.create(generated, "tdx");
    const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } });
    const taken = await bench.run("sandbox", "up", "--user-api-port", String(server.port), "resources");
    expect([taken.status, taken.stderr]).toEqual([1, expect.stringContaining(`127.0.0.1:${server.port}`)]);
    server.stop();
    expect((await bench.status()).supervisor.state).toBe("stopped");

    const ports = ["--user-api-port", "0", "--mesh-api-port", "0", "--vendor-port", "0"];
    const foreground = bench.run("sandbox", "up", "--foreground", ...ports, "resources");
    await until(async () => (await bench.status()).coordinator === "empty");
    const { supervisor, processes } = await bench.status();
    process.kill(supervisor.pid, "SIGINT");
    const { stdout } = await foreground;
    expect(stdout).toContain("✔️ Started a Coordinator and 2 workloads");
    await until(async () => !processes.some(({ pid }) => isAlive(pid)));
    expect((await bench.status()).supervisor.state).toBe("stopped");
  });
});
