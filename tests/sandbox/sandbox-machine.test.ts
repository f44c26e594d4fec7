import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { PLACEHOLDER_MEASUREMENT } from "../../src/manifest/placeholder-measurement.ts";
import { sandboxDirectory } from "../../src/sandbox/sandbox-directory.ts";
import { prepareMachine, wantedMachine, writeGuests } from "../../src/sandbox/sandbox-machine.ts";
import { readGuest } from "../../src/simulator/guest.ts";
import { codeOf, codeOfAsync } from "../fakes/error-code.ts";
import { TDX_DEFAULTS } from "../fakes/manifests.ts";
import { changedManifest } from "../fakes/plain-manifest.ts";
import { hashOf, plannedSandbox, plannedWorkload } from "../fakes/sandbox.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const DIGEST = "0a".repeat(48);
const RTMRS = [1, 2, 3, 4].map((value) => new Uint8Array(48).fill(value));

describe("wantedMachine()", () => {
  test.each([
    ["Milan", "snp-milan"],
    ["Genoa", "snp-genoa"],
  ])("takes the first entry's product: %s", (product, platform) => {
    const manifest = changedManifest(({ ReferenceValues }) => {
      const [entry] = ReferenceValues.snp ?? [];
      ReferenceValues.snp = [{ ...entry!, ProductName: product, TrustedMeasurement: DIGEST.toUpperCase() }, entry!];
    });
    const { platform: found, launchDigest } = wantedMachine(manifest, "manifest");
    expect([found, launchDigest?.toHex()]).toEqual([platform, DIGEST] as never);
  });

  test.each(["", PLACEHOLDER_MEASUREMENT, "0a"])("has no launch digest where the manifest says %j", (text) => {
    const manifest = changedManifest(({ ReferenceValues }) => (ReferenceValues.snp![0]!.TrustedMeasurement = text));
    expect(wantedMachine(manifest, "manifest").launchDigest).toBeUndefined();
  });

  test("takes TDX with its MRTD", () => {
    const manifest = changedManifest((plain) => {
      plain.ReferenceValues = { tdx: [{ ...TDX_DEFAULTS, MrTd: DIGEST, Rtrms: RTMRS.map((rtmr) => rtmr.toHex()) }] };
    });
    const launchDigest = Uint8Array.fromHex(DIGEST);
    expect(wantedMachine(manifest, "manifest")).toEqual({ platform: "tdx", launchDigest, rtmrs: RTMRS });
    const empty = changedManifest((plain) => {
      plain.ReferenceValues = { tdx: [{ ...TDX_DEFAULTS, Rtrms: ["", "", "", DIGEST] }] };
    });
    expect(wantedMachine(empty, "manifest").rtmrs).toBeUndefined();
  });

  test("knows no other machine", () => {
    const turin = changedManifest(({ ReferenceValues }) => (ReferenceValues.snp![0]!.ProductName = "Turin"));
    const both = changedManifest(({ ReferenceValues }) => {
      ReferenceValues.snp![0]!.ProductName = "Turin";
      ReferenceValues.tdx = [TDX_DEFAULTS];
    });
    const none = changedManifest((plain) => (plain.ReferenceValues = {}));
    for (const manifest of [turin, both, none]) {
      expect(codeOf(() => wantedMachine(manifest, "manifest"))).toBe("sandbox/platform-unknown");
    }
  });
});

describe("prepareMachine()", () => {
  test("makes a machine once, and refuses one of another platform", async () => {
    const directory = sandboxDirectory(temporaryDirectory());
    const wanted = { platform: "tdx", launchDigest: undefined } as const;
    const first = await prepareMachine(directory, wanted, new Date());
    const again = await prepareMachine(directory, wanted, new Date());
    expect(again.rootsPem).toBe(first.rootsPem);
    expect(readFileSync(directory.roots, "utf8")).toBe(first.rootsPem);
    expect(statSync(join(directory.machine, "machine.json")).mode & 0o777).toBe(0o600);
    const other = { platform: "snp-genoa", launchDigest: undefined } as const;
    expect(await codeOfAsync(() => prepareMachine(directory, other, new Date()))).toBe("sandbox/machine-differs");
  });
});

describe("writeGuests()", () => {
  test("writes one guest for each process, and removes those of an earlier plan", async () => {
    const { directory, record } = await plannedSandbox();
    mkdirSync(directory.guests, { recursive: true });
    const workloads = [plannedWorkload("api", "07")];
    await writeGuests(directory, { ...record, workloads }, { launchDigest: Uint8Array.fromHex(DIGEST), rtmrs: RTMRS });
    expect(readdirSync(directory.guests).toSorted()).toEqual(["coordinator.json", "deployment-api.json"]);
    const { guest } = await readGuest(join(directory.guests, "deployment-api.json"));
    expect([guest.policyHash.toHex(), guest.launchDigest?.toHex()]).toEqual([hashOf("07"), DIGEST]);
    expect(guest.rtmrs).toEqual(RTMRS);
  });
});
