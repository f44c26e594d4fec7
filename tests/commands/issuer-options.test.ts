import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { embeddedTrustRoots } from "../../src/attestation/trust-roots.ts";
import { issuerOptionsOf } from "../../src/commands/issuer-options.ts";
import { SIMULATED_GUEST_FLAG } from "../../src/commands/simulated-guest-flag.ts";
import { encodeGuest } from "../../src/simulator/guest.ts";
import { saveMachine } from "../../src/simulator/machine.ts";
import { createParsedFlags } from "../../src/terminal/parsed-flags.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { recordIo } from "../fakes/recorded-io.ts";
import { testMachine } from "../fakes/simulated-machines.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const directory = temporaryDirectory();
const collateral = { offline: true, roots: embeddedTrustRoots(), gather: () => Promise.reject(new Error("not asked")) };

function flags(path?: string): ReturnType<typeof createParsedFlags> {
  return createParsedFlags(
    [SIMULATED_GUEST_FLAG],
    new Map(path === undefined ? [] : [[SIMULATED_GUEST_FLAG.name, path]]),
    "",
  );
}

async function guestFile(name = "machine"): Promise<string> {
  const machine = join(directory, name);
  await saveMachine(await testMachine("snp-milan"), machine);
  const path = join(directory, "guest.json");
  writeFileSync(path, encodeGuest({ machine, guest: { policyHash: new Uint8Array(32) } }));
  return path;
}

describe("issuerOptionsOf()", () => {
  test("takes a simulated machine from the flag, with a warning each time", async () => {
    const path = await guestFile();
    for (let start = 0; start < 2; start++) {
      const io = recordIo();
      const issuer = await issuerOptionsOf(flags(path), io, collateral);
      expect([issuer.tee, issuer.source]).toEqual(["snp", "simulated chip"]);
      expect(io.told.filter((line) => line.startsWith("WARNING: ")).length).toBe(1);
    }
  });

  test("does not fall back to the kernel where the file of a simulated machine cannot be read", async () => {
    expect(await codeOfAsync(() => issuerOptionsOf(flags("/nowhere"), recordIo(), collateral))).toBe(
      "lib/file-unreadable",
    );
  });

  test("takes the kernel's interfaces else, and never a simulated machine", async () => {
    const io = recordIo({ env: { CONTRAST_INSECURE_SIMULATED_GUEST: await guestFile("unused") } });
    // Whatever machine this test runs on.
    const source = await issuerOptionsOf(flags(), io, collateral).then(
      (issuer) => issuer.source,
      (error: { code: string }) => error.code,
    );
    expect(source).toMatch(/^(issuer\/no-tee|issuer\/.*|configfs-tsm.*|\/dev\/sev-guest)$/);
    expect(io.told).toEqual([]);
  });
});
