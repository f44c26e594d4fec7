import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderEndpoint } from "../../src/attestation/atls/endpoint.ts";
import type { Evidence } from "../../src/attestation/evidence.ts";
import type { EvidenceValidator } from "../../src/attestation/validator.ts";
import { concludeVerdict } from "../../src/attestation/verdict.ts";
import { encodeGuest } from "../../src/simulator/guest.ts";
import { createMachine, saveMachine } from "../../src/simulator/machine.ts";
import { type MeshServer, startMeshServer } from "../fakes/mesh-server.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { contrastBinary } from "./binary.ts";
import { outcomeOf } from "./run-binary.ts";

const directory = temporaryDirectory();
const guest = join(directory, "guest.json");
let binary = "";
let server: MeshServer;

/** Evidence is judged elsewhere. */
const acceptAll: EvidenceValidator = () => {
  const checks = [{ id: "none", subject: "none", outcome: "passed" }] as const;
  return Promise.resolve(concludeVerdict({} as Evidence, [{ name: "request", checks }], undefined));
};

beforeAll(async () => {
  binary = await contrastBinary();
  const machine = join(directory, "machine");
  await saveMachine(await createMachine("snp-milan", new Date(), { rsaBits: 2048 }), machine);
  writeFileSync(guest, encodeGuest({ machine, guest: { policyHash: new Uint8Array(32) } }));
  server = await startMeshServer({ validate: acceptAll });
}, 120_000);

afterAll(() => server.close());

function start(
  env: Readonly<Record<string, string>>,
  ...flags: readonly string[]
): Bun.Subprocess<"ignore", "pipe", "pipe"> {
  const words = ["initializer", "--offline", "--log-level", "debug", ...flags];
  return Bun.spawn([binary, ...words], {
    env: { HOME: directory, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

async function outcome(child: ReturnType<typeof start>): Promise<{ status: number | null; text: string }> {
  const { status, stdout, stderr } = await outcomeOf(child);
  return { status, text: `${stdout}\n${stderr}` };
}

describe("contrast initializer, compiled", () => {
  test("gets the files of a workload", async () => {
    const output = join(directory, "contrast");
    const env = { COORDINATOR_HOST: renderEndpoint(server.endpoint) };
    const { status, text } = await outcome(start(env, "--output-dir", output, "--insecure-simulated-guest", guest));
    expect([status, text]).toEqual([0, expect.stringContaining("WARNING: the evidence of this program")]);
    const read = (name: string): string => readFileSync(join(output, name), "utf8");
    const leaf = new X509Certificate(read("tls-config/certChain.pem"));
    expect(leaf.checkPrivateKey(createPrivateKey(read("tls-config/key.pem")))).toBe(true);
    expect(read("secrets/workload-secret-seed")).toBe("ab".repeat(64));
    expect(text).not.toMatch(/abab|PRIVATE KEY/);
  });

  test("ends cleanly with a signal while it waits for a Coordinator", async () => {
    const env = { COORDINATOR_HOST: "127.0.0.1:1" };
    const output = join(directory, "nothing");
    const child = start(env, "--output-dir", output, "--insecure-simulated-guest", guest);
    const reader = child.stderr.getReader();
    let told = "";
    while (!told.includes("atls/unreachable")) told += Buffer.from((await reader.read()).value ?? []).toString();
    child.kill("SIGTERM");
    expect([await child.exited, child.signalCode]).toEqual([1, null]);
    expect(existsSync(output)).toBe(false);
  });

  test("fails at once without a Coordinator, and outside of a confidential VM", async () => {
    expect(await outcome(start({}))).toMatchObject({
      status: 1,
      text: expect.stringContaining("COORDINATOR_HOST not set"),
    });
    const { status, text } = await outcome(start({ COORDINATOR_HOST: "127.0.0.1:1" }));
    expect([status, text.includes("no certificate yet")]).toEqual([1, false]);
  });
});
