import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetFiles } from "../../src/client/set-files.ts";
import { ContrastError } from "../../src/lib/errors.ts";
import { CoordinatorState } from "../fakes/coordinator-state.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const SHARES = { shares: [{ publicKeyHex: "30", encryptedSeed: Uint8Array.of(1) }], salt: new Uint8Array(32) };
const { rootCaPem, meshCaPem } = new CoordinatorState();

async function errorOf(task: () => Promise<unknown>): Promise<ContrastError> {
  const error = await task().catch((thrown: unknown) => thrown);
  if (error instanceof ContrastError) return error;
  throw new Error("no ContrastError");
}

describe("SetFiles", () => {
  test("makes the directory, and takes it away again where nothing was written", async () => {
    const directory = join(temporaryDirectory(), "new", "deeper");
    const files = await SetFiles.prepare(directory, 1);
    expect(existsSync(directory)).toBe(true);
    await files.discard();
    expect(existsSync(join(directory, ".."))).toBe(false);
  });

  test("leaves no new directory where there is no room", async () => {
    const directory = join(temporaryDirectory(), "new");
    const noRoom = (): Promise<never> => Promise.reject(new ContrastError("lib/file-unwritable", "disk full"));
    expect(await codeOfAsync(() => SetFiles.prepare(directory, 1, noRoom))).toBe("lib/file-unwritable");
    expect(existsSync(directory)).toBe(false);
  });

  test("tells where the seed shares are when they cannot get their name, and does not remove them", async () => {
    const directory = temporaryDirectory();
    const files = await SetFiles.prepare(directory, 1);
    mkdirSync(join(directory, "seed-shares.json"));
    const error = await errorOf(() => files.storeShares(SHARES));
    await files.discard();
    expect(error.code).toBe("client/seed-shares-unsaved");
    expect(JSON.parse(readFileSync(String(error.details["path"]), "utf8")).SeedShares.length).toBe(1);
  });

  test("shows the encrypted seed shares when they cannot be written at all", async () => {
    const directory = temporaryDirectory();
    const files = await SetFiles.prepare(directory, 1, async (path) => ({
      path,
      temporaryPath: "",
      fill: () => Promise.reject(new ContrastError("lib/file-unwritable", "Cannot write: disk full")),
      commit: () => Promise.resolve(undefined),
      discard: () => Promise.resolve(),
    }));
    const error = await errorOf(() => files.storeShares(SHARES));
    expect(error.code).toBe("client/seed-shares-unsaved");
    expect(JSON.parse(error.report?.lines.join("\n") ?? "").SeedShares[0].EncryptedSeed).toBe("AQ==");
    expect(JSON.parse(String(error.report?.json["seedShares"])).SeedShares[0].EncryptedSeed).toBe("AQ==");
  });

  test("writes both certificates or none", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "coordinator-root-ca.pem"), "earlier");
    const files = await SetFiles.prepare(directory, 1);
    mkdirSync(join(directory, "mesh-ca.pem"));
    expect(await codeOfAsync(() => files.storeCertificates(rootCaPem, meshCaPem))).toBe("client/ca-unsaved");
    await files.discard();
    expect(readFileSync(join(directory, "coordinator-root-ca.pem"), "utf8")).toBe("earlier");
    expect(readdirSync(directory).toSorted()).toEqual(["coordinator-root-ca.pem", "mesh-ca.pem"]);
  });

  test.each([
    ["not PEM", new Uint8Array([1])],
    ["PEM of something else", Buffer.from("-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n")],
    ["a damaged certificate", Buffer.from("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n")],
    [
      "DER",
      Buffer.from(
        Buffer.from(rootCaPem)
          .toString()
          .replace(/-----.*-----/g, ""),
        "base64",
      ),
    ],
    ["two certificates", Buffer.concat([rootCaPem, meshCaPem])],
    ["nothing", new Uint8Array()],
    ["far too much", Buffer.concat([rootCaPem, Buffer.alloc(2 * 1024 * 1024, 0x20)])],
  ])("refuses a CA that is %s", async (_, pem) => {
    const directory = temporaryDirectory();
    const files = await SetFiles.prepare(directory, 1);
    expect(await codeOfAsync(() => files.storeCertificates(rootCaPem, pem))).toBe("client/ca-invalid");
    expect(await codeOfAsync(() => files.storeCertificates(pem, meshCaPem))).toBe("client/ca-invalid");
    await files.discard();
    expect(readdirSync(directory)).toEqual([]);
  });

  test("refuses a directory that cannot be written, before anything is asked", async () => {
    const directory = join(temporaryDirectory(), "file");
    writeFileSync(directory, "");
    expect(await codeOfAsync(() => SetFiles.prepare(directory, 1))).toBe("lib/file-unwritable");
  });
});
