import { existsSync, readdirSync, readFileSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "bun:test";
import { renderEndpoint } from "../../../src/attestation/atls/endpoint.ts";
import type { Evidence } from "../../../src/attestation/evidence.ts";
import type { EvidenceValidator } from "../../../src/attestation/validator.ts";
import { concludeVerdict } from "../../../src/attestation/verdict.ts";
import { encodeGuest } from "../../../src/simulator/guest.ts";
import { saveMachine } from "../../../src/simulator/machine.ts";
import { callCommand } from "../../fakes/call-command.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { type MeshServer, startMeshServer } from "../../fakes/mesh-server.ts";
import { type RecordedIo, recordIo } from "../../fakes/recorded-io.ts";
import { MACHINE_TIME, testMachine } from "../../fakes/simulated-machines.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const directory = temporaryDirectory();
const servers: MeshServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** Evidence is judged elsewhere. */
const acceptAll: EvidenceValidator = () => {
  const checks = [{ id: "none", subject: "none", outcome: "passed" }] as const;
  return Promise.resolve(concludeVerdict({} as Evidence, [{ name: "request", checks }], undefined));
};

async function serve(): Promise<MeshServer> {
  const server = await startMeshServer({ validate: acceptAll, now: () => MACHINE_TIME });
  servers.push(server);
  return server;
}

async function guestFile(): Promise<string> {
  const machine = join(directory, "machine");
  const path = join(directory, "guest.json");
  if (!existsSync(path)) {
    await saveMachine(await testMachine("snp-milan"), machine);
    writeFileSync(path, encodeGuest({ machine, guest: { policyHash: new Uint8Array(32) } }));
  }
  return path;
}

function ioFor(coordinator: string | undefined, change: Partial<RecordedIo> = {}): RecordedIo {
  const env = { HOME: directory, ...(coordinator === undefined ? {} : { COORDINATOR_HOST: coordinator }) };
  return recordIo({ env, now: () => MACHINE_TIME, ...change });
}

const SILENT = ["--offline"];

describe("contrast initializer", () => {
  test("writes the files of a workload with evidence of a simulated machine", async () => {
    const { endpoint, callers } = await serve();
    const output = join(directory, "contrast");
    const io = ioFor(renderEndpoint(endpoint));
    const words = ["initializer", "--output-dir", output, "--insecure-simulated-guest", await guestFile(), ...SILENT];
    await callCommand(words, io);
    expect(readdirSync(join(output, "tls-config")).length).toBe(4);
    expect(readFileSync(join(output, "secrets/workload-secret-seed"), "utf8")).toBe("ab".repeat(64));
    expect([callers.length, io.printed.length]).toEqual([1, 1]);
    const told = [...io.printed, ...io.told].join("\n");
    expect(told).not.toContain("abab");
    await callCommand(words, ioFor(renderEndpoint(endpoint)));
    expect(callers.length).toBe(2);
  });

  test("needs to know the Coordinator", async () => {
    expect(await codeOfAsync(() => callCommand(["initializer"], ioFor(undefined)))).toBe(
      "initializer/coordinator-host-missing",
    );
    expect(await codeOfAsync(() => callCommand(["initializer"], ioFor("http://x")))).toBe("atls/endpoint-invalid");
  });

  test.each(["0", "3601", "1.5", "soon", ""])("refuses the interval %j", async (interval) => {
    const words = ["initializer", "--retry-interval", interval];
    expect(await callCommand(words, ioFor("coordinator")).catch((error: { code: string }) => error.code)).toBe(
      "terminal/invalid-argument",
    );
  });

  test("goes by the clock of its machine", async () => {
    const words = ["initializer", "--at", "2026-01-01"];
    expect(await codeOfAsync(() => callCommand(words, ioFor("coordinator")))).toBe("terminal/invalid-argument");
  });

  test("fails outside of a confidential VM before it asks anybody", async () => {
    const { endpoint, refusals, callers } = await serve();
    const io = ioFor(renderEndpoint(endpoint), { signal: AbortSignal.timeout(2000) });
    expect(await codeOfAsync(() => callCommand(["initializer", ...SILENT], io))).toBe("issuer/no-tee");
    expect([refusals, callers]).toEqual([[], []]);
  });
});
