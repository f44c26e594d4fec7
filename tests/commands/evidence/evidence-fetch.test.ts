import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EVIDENCE_OIDS } from "../../../src/attestation/validator.ts";
import { AMD_TEST_TIME, amdChip } from "../../fakes/amd-chip.ts";
import { callCommand } from "../../fakes/call-command.ts";
import { startFakeCoordinator } from "../../fakes/coordinator-server.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const chip = amdChip();
const directory = temporaryDirectory();
const roots = join(directory, "roots.pem");
writeFileSync(roots, chip.authority.rootsPem);
const TRUST = ["--offline", "--at", AMD_TEST_TIME.toISOString(), "--insecure-trust-roots", roots];

const servers = await Promise.all(
  [(reportData: Uint8Array) => reportData, () => new Uint8Array(64)].map((bind) =>
    startFakeCoordinator({
      evidence: (reportData) => ({
        oid: EVIDENCE_OIDS.snp,
        value: chip.attestation({ reportData: bind(reportData) }, { crl: chip.authority.crl() }),
      }),
    }),
  ),
);
const [honest, replaying] = servers;
afterAll(() => Promise.all(servers.map(async (server) => await server.close())));

/** Fetches the evidence of a server and verifies the file with the nonce that was printed. */
async function fetchAndVerify(address: string, path: string): Promise<string> {
  const io = recordIo({ now: () => new Date(), format: "json" });
  await callCommand(["evidence", "fetch", "-c", address, path], io);
  const { nonce, verified } = JSON.parse(io.printed[0]!);
  expect(verified).toBe(false);
  return await codeOfAsync(() => callCommand(["evidence", "verify", path, "--nonce", nonce, ...TRUST], recordIo()));
}

describe("contrast evidence fetch", () => {
  test("saves what evidence verify takes with the nonce of the connection", async () => {
    const path = join(directory, "honest.pem");
    expect(await fetchAndVerify(honest!.address, path)).toBe("no error, returned undefined");
    expect(readFileSync(path, "utf8")).toStartWith("-----BEGIN CERTIFICATE-----");
    expect(honest!.calls).toEqual([]);
  });

  test("saves evidence that verify refuses, too", async () => {
    expect(await fetchAndVerify(replaying!.address, join(directory, "replayed.pem"))).toBe("attestation/rejected");
  });

  test("tells people how to go on", async () => {
    const io = recordIo({ now: () => new Date() });
    const path = join(directory, "people.pem");
    await callCommand(["evidence", "fetch", "-c", honest!.address, path], io);
    expect(io.printed.at(-1)).toMatch(/contrast evidence verify .*people\.pem --nonce [0-9a-f]{64}$/);
  });

  test("writes nothing where nobody answers", async () => {
    const path = join(directory, "nobody.pem");
    const words = ["evidence", "fetch", "-c", "127.0.0.1:1", path];
    expect(await codeOfAsync(() => callCommand(words, recordIo()))).toBe("atls/unreachable");
    expect(existsSync(path)).toBe(false);
  });
});
