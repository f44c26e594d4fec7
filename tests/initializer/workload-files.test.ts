import { describe, expect, test } from "bun:test";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeWorkloadFiles, type WorkloadMaterial } from "../../src/initializer/workload-files.ts";
import { type Disk, nodeDisk } from "../../src/lib/disk.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { FailingDisk, SimulatedCrash } from "../fakes/failing-disk.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const FILES = [
  "tls-config/mesh-ca.pem",
  "tls-config/certChain.pem",
  "tls-config/key.pem",
  "tls-config/coordinator-root-ca.pem",
];
const SECRET = "secrets/workload-secret-seed";
const MODES = [0o444, 0o444, 0o400, 0o444, 0o400];

function material(name: string, secretBytes = 64): WorkloadMaterial {
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(`${text} ${name}\n`);
  return {
    key: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
    certificate: {
      meshCaPem: utf8("mesh"),
      certChainPem: utf8("chain"),
      rootCaPem: utf8("root"),
      workloadSecret: new Uint8Array(secretBytes).fill(name.charCodeAt(0)),
    },
  };
}

function fresh(): string {
  return join(temporaryDirectory(), "contrast");
}

function contents({ key, certificate }: WorkloadMaterial): readonly string[] {
  const { meshCaPem, certChainPem, rootCaPem, workloadSecret } = certificate;
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const pem = key.export({ type: "pkcs8", format: "pem" });
  const files = [text(meshCaPem), text(certChainPem), pem, text(rootCaPem)];
  return workloadSecret.length === 0 ? files : [...files, Buffer.from(workloadSecret).toString("hex")];
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o7777;
}

describe("writeWorkloadFiles()", () => {
  test.each([0o022, 0o077, 0])("writes the files in order with their modes under umask %d", async (umask) => {
    const directory = fresh();
    const wanted = material("a");
    const before = process.umask(umask);
    try {
      const written = await writeWorkloadFiles(directory, wanted, nodeDisk);
      expect(written).toEqual([...FILES, SECRET].map((name) => join(directory, name)));
      expect(written.map((path) => readFileSync(path, "utf8"))).toEqual([...contents(wanted)]);
      expect(written.map(modeOf)).toEqual(MODES);
    } finally {
      process.umask(before);
    }
    expect(["", "tls-config", "secrets"].map((name) => modeOf(join(directory, name)))).toEqual([0o755, 0o755, 0o755]);
    expect(readdirSync(join(directory, "tls-config")).length).toBe(4);
  });

  test("writes a key that reads back, and the secret as digits without newline", async () => {
    const directory = fresh();
    const { key } = material("a");
    await writeWorkloadFiles(directory, { ...material("b"), key }, nodeDisk);
    const read = createPrivateKey(readFileSync(join(directory, "tls-config/key.pem")));
    expect(createPublicKey(read).equals(createPublicKey(key))).toBe(true);
    expect(readFileSync(join(directory, SECRET), "utf8")).toBe("62".repeat(64));
  });

  test("replaces what an earlier run left, whole or half", async () => {
    const directory = fresh();
    await writeWorkloadFiles(directory, material("a"), nodeDisk);
    writeFileSync(join(directory, "tls-config/key.pem.tmp"), "half");
    const wanted = material("b");
    const written = await writeWorkloadFiles(directory, wanted, nodeDisk);
    expect(written.map((path) => readFileSync(path, "utf8"))).toEqual([...contents(wanted)]);
    expect(written.map(modeOf)).toEqual(MODES);
    expect(readdirSync(join(directory, "tls-config")).length).toBe(4);
  });

  test("writes no secret where there is none, and removes that of an earlier manifest", async () => {
    const directory = fresh();
    await writeWorkloadFiles(directory, material("a"), nodeDisk);
    const written = await writeWorkloadFiles(directory, material("b", 0), nodeDisk);
    expect(written.length).toBe(4);
    expect(readdirSync(join(directory, "secrets"))).toEqual([]);
  });

  test("does not write through a link in place of a directory", async () => {
    const directory = fresh();
    const elsewhere = temporaryDirectory();
    mkdirSync(directory);
    symlinkSync(elsewhere, join(directory, "secrets"));
    expect(await codeOfAsync(() => writeWorkloadFiles(directory, material("a"), nodeDisk))).toBe(
      "lib/file-not-regular",
    );
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test("replaces a link in place of a file", async () => {
    const directory = fresh();
    const target = join(temporaryDirectory(), "target");
    writeFileSync(target, "old");
    mkdirSync(join(directory, "tls-config"), { recursive: true });
    symlinkSync(target, join(directory, "tls-config/key.pem"));
    await writeWorkloadFiles(directory, material("a"), nodeDisk);
    expect(readFileSync(target, "utf8")).toBe("old");
  });

  test("leaves each file old or new wherever it is stopped, and the next run finishes", async () => {
    const [old, next, last] = [material("a"), material("b"), material("c")];
    const read = async (disk: Disk): Promise<readonly (string | undefined)[]> =>
      await Promise.all(
        [...FILES, SECRET].map(async (name) => {
          const bytes = await disk.read(`/${name}`, 10_000);
          return bytes && new TextDecoder().decode(bytes);
        }),
      );
    for (let step = 1; ; step++) {
      const disk = new FailingDisk();
      await writeWorkloadFiles("/", old, disk);
      disk.crashAt = disk.steps + step;
      const stopped = await writeWorkloadFiles("/", next, disk).then(
        () => false,
        (error: unknown) => error instanceof SimulatedCrash,
      );
      for (const choice of ["durable", "newest"]) {
        const after = disk.afterCrash((count) => (choice === "durable" ? 0 : count - 1));
        const found = await read(after);
        for (const [index, content] of found.entries()) {
          expect([contents(old)[index], contents(next)[index]]).toContain(content);
        }
        await writeWorkloadFiles("/", last, after);
        expect(await read(after)).toEqual([...contents(last)]);
      }
      if (!stopped) {
        expect(step).toBeGreaterThan(30);
        return;
      }
    }
  });

  test("tells of a full disk", async () => {
    const disk = new FailingDisk();
    await writeWorkloadFiles("/", material("a"), disk);
    disk.fault = { step: disk.steps + 1, code: "ENOSPC", lasting: true };
    expect(await codeOfAsync(() => writeWorkloadFiles("/", material("b"), disk))).toBe("lib/file-unwritable");
  });
});
