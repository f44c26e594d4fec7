import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { manifestObserveCommand } from "../../../src/commands/manifest/manifest-observe.ts";
import { manifestObserveDefinition } from "../../../src/commands/manifest/manifest-observe-definition.ts";
import { encodeManifest } from "../../../src/manifest/manifest-json.ts";
import { EVIDENCE_OIDS } from "../../../src/attestation/validator.ts";
import type { Io } from "../../../src/terminal/io.ts";
import { createParsedFlags } from "../../../src/terminal/parsed-flags.ts";
import type { FlagValue } from "../../../src/terminal/flag-grammar.ts";
import { AMD_TEST_TIME, amdChip, CHIP_MEASUREMENT } from "../../fakes/amd-chip.ts";
import { startFakeCoordinator } from "../../fakes/coordinator-server.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { createIntelPlatform } from "../../fakes/intel-platform.ts";
import { changedManifest, type PlainManifest } from "../../fakes/plain-manifest.ts";
import { recordIo, type RecordedIo } from "../../fakes/recorded-io.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const chip = amdChip();
const platform = createIntelPlatform({ now: AMD_TEST_TIME });
const directory = temporaryDirectory();
const rootsFile = join(directory, "roots.pem");
writeFileSync(rootsFile, chip.authority.rootsPem + platform.rootPem);

const EMPTY_TCB = { BootloaderVersion: null, TEEVersion: null, SNPVersion: null, MicrocodeVersion: null };
const emptyTcb = ({ ReferenceValues: { snp } }: PlainManifest): void => void (snp![0]!.MinimumTCB = EMPTY_TCB);

const snp = await startFakeCoordinator({
  evidence: (reportData) => {
    const value = chip.attestation({ reportData }, { crl: chip.authority.crl() });
    return { oid: EVIDENCE_OIDS.snp, value };
  },
});
const replayed = await startFakeCoordinator({
  evidence: () => {
    const value = chip.attestation({ reportData: new Uint8Array(64) }, { crl: chip.authority.crl() });
    return { oid: EVIDENCE_OIDS.snp, value };
  },
});
const tdx = await startFakeCoordinator({
  evidence: (reportData) => ({ oid: EVIDENCE_OIDS.tdx, value: platform.attestation(reportData) }),
});
afterAll(() => Promise.all([snp, replayed, tdx].map(async (server) => await server.close())));

let runs = 0;

interface Run {
  readonly path: string;
  readonly io: RecordedIo;
  readonly observe: () => Promise<unknown>;
}

function prepare(
  address: string,
  change: (manifest: PlainManifest) => void,
  flags: Readonly<Record<string, FlagValue>> = {},
  surroundings: Partial<Io> = {},
): Run {
  const path = join(directory, `manifest-${runs++}.json`);
  writeFileSync(path, encodeManifest(changedManifest(change)), { mode: 0o640 });
  const values = new Map<string, FlagValue>(
    Object.entries({
      coordinator: address,
      manifest: path,
      offline: true,
      at: AMD_TEST_TIME.toISOString(),
      "insecure-trust-roots": rootsFile,
      ...flags,
    }),
  );
  const io = recordIo({ now: () => new Date(), ...surroundings });
  const parsed = createParsedFlags(manifestObserveDefinition.flags ?? [], values, "");
  const program = { root: manifestObserveDefinition, globalFlags: [] };
  const observe = async (): Promise<unknown> =>
    await manifestObserveCommand.run({ flags: parsed, positionals: [], program }, io);
  return { path, io, observe };
}

describe("manifestObserveCommand", () => {
  test("shows what the machine states and leaves the manifest alone without --write", async () => {
    const { path, io, observe } = prepare(snp.address, emptyTcb);
    const before = readFileSync(path, "utf8");
    await observe();
    expect(readFileSync(path, "utf8")).toBe(before);
    expect(io.printed.join("\n")).toContain("ReferenceValues.snp[0].MinimumTCB.MicrocodeVersion: 217");
    expect(io.told.join("\n")).toContain("trust on first use");
  });

  test("puts what the machine states beside what the manifest expects", async () => {
    const { io, observe } = prepare(snp.address, ({ ReferenceValues: { snp: entries } }) => {
      const MinimumTCB = { BootloaderVersion: 4, TEEVersion: 3, SNPVersion: null, MicrocodeVersion: 0 };
      const other = { MinimumTCB: EMPTY_TCB, ProductName: "Genoa", TrustedMeasurement: "bb".repeat(48) };
      Object.assign(entries![0]!, { MinimumTCB, TrustedMeasurement: "aa".repeat(48) });
      entries!.push(other);
    });
    await observe();
    const text = io.printed.join("\n");
    expect(text).toContain(`✗ TrustedMeasurement            ${CHIP_MEASUREMENT.toHex()}\n`);
    expect(text).toContain("✔ MinimumTCB.BootloaderVersion  4\n");
    expect(text).toContain("✗ MinimumTCB.TEEVersion         2  (the manifest wants at least 3)\n");
    expect(text).toContain("+ MinimumTCB.SNPVersion         24  (the manifest names none yet)\n");
    expect(text).toContain("ReferenceValues.snp[1] (Genoa): for other machines\n");
    expect(text).toMatch(/^Still to be filled in: ReferenceValues\.snp\[1\]\. .*delete the entry/m);
    expect(text).not.toContain("SIGNATURE_R");
  });

  test("says where the manifest is for other hardware", async () => {
    const { io, observe } = prepare(snp.address, (manifest) => {
      manifest.ReferenceValues = { tdx: [platform.referenceValues()] };
    });
    await observe();
    expect(io.printed.at(-1)).toBe("The manifest has no reference values for this kind of hardware");
  });

  test("fills empty values with --write, in the bytes that contrast writes", async () => {
    const { path, io, observe } = prepare(snp.address, emptyTcb, { write: true });
    await observe();
    const filled = encodeManifest(
      changedManifest(({ ReferenceValues }) => {
        const MinimumTCB = { BootloaderVersion: 4, TEEVersion: 2, SNPVersion: 24, MicrocodeVersion: 217 };
        Object.assign(ReferenceValues.snp![0]!, { MinimumTCB });
      }),
    );
    expect(readFileSync(path, "utf8")).toBe(filled);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(io.printed.at(-1)).toContain("Updated manifest");
    expect(io.told.join("\n")).not.toContain("formatting");
  });

  test("writes nothing where no value is empty", async () => {
    const { path, io, observe } = prepare(snp.address, () => {}, { write: true });
    const before = statSync(path).mtimeMs;
    await observe();
    expect(statSync(path).mtimeMs).toBe(before);
    expect(io.printed.join("\n")).toContain("has no empty value");
  });

  test("warns of a manifest that was formatted by somebody else", async () => {
    const { path, io, observe } = prepare(snp.address, emptyTcb, { write: true });
    writeFileSync(path, JSON.stringify(JSON.parse(readFileSync(path, "utf8"))));
    await observe();
    expect(io.told.join("\n")).toContain("formatting");
  });

  test("writes nothing for evidence of another connection, and shows it as refused", async () => {
    const { path, io, observe } = prepare(replayed.address, emptyTcb, { write: true });
    const before = readFileSync(path, "utf8");
    expect(await codeOfAsync(observe)).toBe("attestation/rejected");
    expect(readFileSync(path, "utf8")).toBe(before);
    const text = io.printed.join("\n");
    expect(text).toContain("Rejected");
    expect(text.slice(text.indexOf("What the machine states is not verified"))).not.toMatch(/[✔✗]/);
    expect(io.printed.filter((line) => line.startsWith("Empty values")).join()).toEndWith("do not copy it");
  });

  test("writes nothing where the machine could not be checked completely", async () => {
    const { path, observe } = prepare(
      tdx.address,
      (manifest) => {
        manifest.ReferenceValues = { tdx: [{ ...platform.referenceValues(), MrSeam: "" }] };
      },
      { write: true },
    );
    const before = readFileSync(path, "utf8");
    expect(await codeOfAsync(observe)).toBe("attestation/unchecked");
    expect(readFileSync(path, "utf8")).toBe(before);
  });

  test("refuses a manifest that has more wrong with it than empty values", async () => {
    const { observe } = prepare(snp.address, ({ ReferenceValues }) => {
      ReferenceValues.snp![0]!.ProductName = "Naples";
    });
    expect(await codeOfAsync(observe)).toBe("manifest/product-unknown");
  });

  test("gives everything as JSON, with the mark of insecure roots", async () => {
    const { io, observe } = prepare(snp.address, emptyTcb, {}, { format: "json" });
    await observe();
    expect(JSON.parse(io.printed.join(""))).toMatchObject({
      schema: "contrast/manifest-observe/v1",
      ok: true,
      insecure: true,
      verdict: { outcome: "accepted" },
      machine: { tee: "snp", product: "Milan" },
      written: false,
    });
  });
});
