import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { collateralSetOf } from "../../../src/attestation/collateral/collateral-set.ts";
import { createEvidenceValidator } from "../../../src/attestation/evidence-validator.ts";
import type { GatherCollateral } from "../../../src/attestation/gather-collateral.ts";
import { type KernelIssuerOptions, openKernelIssuer } from "../../../src/attestation/issue/open-issuer.ts";
import type { EvidenceIssuer } from "../../../src/attestation/issuer.ts";
import { parsePresentedEvidence } from "../../../src/attestation/parse-presented-evidence.ts";
import { REPORT_OFFSETS } from "../../../src/attestation/snp/report-layout.ts";
import { embeddedTrustRoots } from "../../../src/attestation/trust-roots.ts";
import type { PresentedEvidence } from "../../../src/attestation/validator.ts";
import { snpExpectations, tdxExpectations } from "../../../src/manifest/expectations.ts";
import { QuoteV4Schema } from "../../../src/proto/tdx_pb.ts";
import { fromBinary } from "@bufbuild/protobuf";
import { AMD_TEST_TIME, amdChip, CHIP_MEASUREMENT } from "../../fakes/amd-chip.ts";
import { certificateTable } from "../../fakes/certificate-table.ts";
import { errno, FakeConfigfsTsm } from "../../fakes/configfs-tsm.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { recordLog } from "../../fakes/image-provider.ts";
import { createIntelPlatform } from "../../fakes/intel-platform.ts";
import { fakeKernel, type FakeKernelParts } from "../../fakes/kernel.ts";
import { manualClock } from "../../fakes/manual-clock.ts";
import { changedManifest } from "../../fakes/plain-manifest.ts";
import { FakeSevGuestDevice } from "../../fakes/sev-guest-device.ts";
import { vectorsFolder } from "../../fakes/vectors.ts";

const chip = amdChip();
const platform = createIntelPlatform({ now: AMD_TEST_TIME });
const NEVER = new AbortController().signal;
const dataOf = (fill: number): Uint8Array => new Uint8Array(64).fill(fill);
const TABLE = certificateTable([
  { guid: "vcek", content: chip.vcekDer },
  { guid: "ask", content: chip.authority.askDer },
  { guid: "ark", content: chip.authority.arkDer },
]);

const gather: GatherCollateral = async (_, supplied) =>
  collateralSetOf([...supplied, ...chip.collateralItems(), ...platform.collateralItems()]);

function open(parts: FakeKernelParts, options: Partial<KernelIssuerOptions> = {}): Promise<EvidenceIssuer> {
  const clock = manualClock(AMD_TEST_TIME.toISOString());
  return openKernelIssuer({
    log: recordLog(),
    now: clock.now,
    sleep: clock.sleep,
    signal: NEVER,
    env: { CONTRAST_THIM: "off" },
    roots: chip.authority.roots,
    kernel: fakeKernel(parts),
    ...options,
  });
}

/** The machine of the fake chip, with a host that gives a certificate table. */
function snpMachine(fields: object = {}, table: Uint8Array = TABLE): FakeConfigfsTsm {
  const report = (reportData: Uint8Array): Uint8Array => chip.report({ ...fields, reportData });
  return new FakeConfigfsTsm({ name: "sev_guest", report, certificateTable: table });
}

function tdxMachine(trailing = 0): FakeConfigfsTsm {
  const report = (reportData: Uint8Array): Uint8Array =>
    Uint8Array.of(...platform.quote({ reportData }), ...new Uint8Array(trailing));
  return new FakeConfigfsTsm({ name: "tdx_guest", report });
}

/** Whether what judges peers accepts evidence, without asking anybody for anything but revocation lists and documents. */
async function isAccepted(presented: PresentedEvidence, reportData: Uint8Array): Promise<boolean> {
  const manifest = changedManifest((plain) => {
    const MinimumTCB = { BootloaderVersion: 4, TEEVersion: 2, SNPVersion: 24, MicrocodeVersion: 217 };
    const snp = { MinimumTCB, ProductName: "Milan", TrustedMeasurement: CHIP_MEASUREMENT.toHex() };
    plain.ReferenceValues = { snp: [snp], tdx: [platform.referenceValues()] };
  });
  const judge = createEvidenceValidator({
    gather,
    supplied: [],
    at: () => AMD_TEST_TIME,
    roots: { ...embeddedTrustRoots(), amd: chip.authority.roots, intel: platform.root, insecure: true },
    revocation: "required",
    collateral: "required",
    snp: snpExpectations(manifest),
    tdx: tdxExpectations(manifest),
    hostData: undefined,
  });
  return (await judge(presented, reportData, NEVER)).outcome === "accepted";
}

function endorsementsOf(presented: PresentedEvidence): readonly string[] {
  const evidence = parsePresentedEvidence(presented);
  if (evidence.tee !== "snp") return [];
  return Object.entries(evidence.snp.endorsements).flatMap(([name, der]) => (der === undefined ? [] : name));
}

describe("openKernelIssuer()", () => {
  test("issues SNP evidence through configfs-tsm that what judges peers accepts", async () => {
    const issuer = await open({ tsm: snpMachine() });
    expect([issuer.tee, issuer.source]).toEqual(["snp", "configfs-tsm (sev_guest)"]);
    const presented = await issuer.issue(dataOf(1), NEVER);
    expect(presented.oid).toBe("1.3.9901.2.1");
    expect(await isAccepted(presented, dataOf(1))).toBe(true);
    expect(await isAccepted(presented, dataOf(2))).toBe(false);
    expect(endorsementsOf(presented)).toEqual(["vcek", "ask", "ark"]);
  });

  test("issues SNP evidence through /dev/sev-guest, with the host's certificates", async () => {
    const sevGuest = new FakeSevGuestDevice((reportData) => chip.report({ reportData }));
    sevGuest.certificateTable = TABLE;
    const issuer = await open({ sevGuest });
    const presented = await issuer.issue(dataOf(1), NEVER);
    expect(await isAccepted(presented, dataOf(1))).toBe(true);
    expect(endorsementsOf(presented)).toEqual(["vcek", "ask", "ark"]);
  });

  test("adds VCEK and revocation list where it may ask for them", async () => {
    const issuer = await open({ tsm: snpMachine({}, new Uint8Array()) }, { gather });
    const presented = await issuer.issue(dataOf(1), NEVER);
    expect(endorsementsOf(presented)).toEqual(["vcek", "ask", "ark", "crl"]);
    expect(await isAccepted(presented, dataOf(1))).toBe(true);
  });

  test("sends no certificates where there are none, as Contrast 1.4 does on bare metal", async () => {
    const issuer = await open({ tsm: snpMachine({}, new Uint8Array()) });
    expect(endorsementsOf(await issuer.issue(dataOf(1), NEVER))).toEqual([]);
  });

  test("ignores a damaged certificate table, and says so once", async () => {
    const log = recordLog();
    const issuer = await open({ tsm: snpMachine({}, TABLE.subarray(0, 40)) }, { log });
    for (const fill of [1, 2]) expect(endorsementsOf(await issuer.issue(dataOf(fill), NEVER))).toEqual([]);
    expect(log.lines.filter((line) => line.startsWith("warn")).length).toBe(1);
  });

  test.each([
    ["the report itself, since version 3", 3, "cpu family\t: 26\nmodel\t: 2\nstepping\t: 0", "Milan"],
    ["the operating system, for version 2", 2, "cpu family\t: 25\nmodel\t: 17\nstepping\t: 1", "Genoa"],
    ["the certificate, where the operating system says nothing", 2, "", "Milan"],
  ])("names the product by %s", async (_, version, cpuinfo, product) => {
    const files = { "/proc/cpuinfo": `vendor_id\t: AuthenticAMD\n${cpuinfo}\n` };
    const issuer = await open({ tsm: snpMachine({ version }), files });
    const evidence = parsePresentedEvidence(await issuer.issue(dataOf(1), NEVER));
    expect(evidence.tee === "snp" && evidence.snp.product).toBe(product as "Milan");
  });

  test("issues TDX evidence, with what follows the quote in its own field", async () => {
    const issuer = await open({ tsm: tdxMachine(39) });
    expect([issuer.tee, issuer.source]).toEqual(["tdx", "configfs-tsm (tdx_guest)"]);
    const presented = await issuer.issue(dataOf(1), NEVER);
    expect(presented.oid).toBe("1.3.9901.2.2");
    expect(fromBinary(QuoteV4Schema, presented.value).extraBytes).toEqual(new Uint8Array(39));
    expect(await isAccepted(presented, dataOf(1))).toBe(true);
  });

  const TDX = vectorsFolder("tdx");
  test.skipIf(TDX === undefined).each(["v4-a", "v4-b", "v4-c", "v4-d"])(
    "carries the real quote %s byte for byte",
    async (name) => {
      const quote = new Uint8Array(readFileSync(join(TDX!, `${name}.quote.bin`)));
      const reportData = quote.slice(48 + 0x208, 48 + 0x248);
      const tsm = new FakeConfigfsTsm({ name: "tdx_guest", report: () => quote });
      const evidence = parsePresentedEvidence(await (await open({ tsm })).issue(reportData, NEVER));
      const carried = evidence.tee === "tdx" ? [...evidence.tdx.quote.bytes, ...evidence.tdx.quote.extra] : [];
      expect(Uint8Array.from(carried)).toEqual(quote);
    },
  );

  const ATLS = vectorsFolder("atls");
  const SNP = vectorsFolder("snp");
  test.skipIf(ATLS === undefined || SNP === undefined)(
    "writes the same bytes as google/go-sev-guest for a real report",
    async () => {
      const report = new Uint8Array(readFileSync(join(SNP!, "milan-v2-a.report.bin")));
      const tsm = new FakeConfigfsTsm({ name: "sev_guest", report: () => report });
      const files = { "/proc/cpuinfo": "vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t: 1\nstepping\t: 1\n" };
      const issuer = await open({ tsm, files }, { roots: embeddedTrustRoots().amd });
      const { value } = await issuer.issue(
        report.slice(REPORT_OFFSETS.reportData, REPORT_OFFSETS.reportData + 64),
        NEVER,
      );
      expect(value).toEqual(new Uint8Array(readFileSync(join(ATLS!, "snp-milan-v2-a-nochain.pb"))));
    },
  );

  test.each([
    [
      "a report for other data",
      "issuer/report-data-differs",
      "sev_guest",
      () => chip.report({ reportData: dataOf(9) }),
    ],
    [
      "a quote for other data",
      "issuer/report-data-differs",
      "tdx_guest",
      () => platform.quote({ reportData: dataOf(9) }),
    ],
    ["a report that is too short", "issuer/report-malformed", "sev_guest", () => chip.report().subarray(1)],
    ["no report", "issuer/report-malformed", "sev_guest", () => new Uint8Array()],
    ["a quote that is cut off", "issuer/report-malformed", "tdx_guest", () => platform.quote().subarray(0, 700)],
    ["no quote", "issuer/report-malformed", "tdx_guest", () => new Uint8Array()],
  ])("does not hand out %s: %s", async (_, code, name, report) => {
    const issuer = await open({ tsm: new FakeConfigfsTsm({ name, report }) });
    expect(await codeOfAsync(() => issuer.issue(dataOf(1), NEVER))).toBe(code);
  });

  test.skipIf(TDX === undefined)(
    "does not hand out a quote of version 5, for which there is no message: issuer/report-malformed",
    async () => {
      const quote = new Uint8Array(readFileSync(join(TDX!, "v5-a.quote.bin")));
      const reportData = quote.slice(48 + 6 + 0x208, 48 + 6 + 0x248);
      const issuer = await open({ tsm: new FakeConfigfsTsm({ name: "tdx_guest", report: () => quote }) });
      expect(await codeOfAsync(() => issuer.issue(reportData, NEVER))).toBe("issuer/report-malformed");
    },
  );

  test.each([0, 63, 65])("refuses %d bytes of report data: lib/internal", async (length) => {
    const issuer = await open({ tsm: snpMachine() });
    expect(await codeOfAsync(() => issuer.issue(new Uint8Array(length), NEVER))).toBe("lib/internal");
  });

  test("serves many at once, each with its own data, while some fail, are disturbed or are interrupted", async () => {
    const tsm = snpMachine();
    const issuer = await open({ tsm });
    const interrupted = new AbortController();
    tsm.onAccess = ({ kind, attribute, entry, count }) => {
      if (kind === "read" && attribute === "outblob" && count % 10 === 3) throw errno("EIO");
      if (kind === "read" && attribute === "outblob" && count % 10 === 6) throw errno("EBUSY");
      if (kind === "read" && attribute === "outblob" && count % 10 === 8) tsm.interfere(entry, dataOf(255));
      if (count === 40) interrupted.abort();
    };
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const data = dataOf(index);
        try {
          const presented = await issuer.issue(data, index % 5 === 0 ? interrupted.signal : NEVER);
          const evidence = parsePresentedEvidence(presented);
          return evidence.tee === "snp" && evidence.snp.report.reportData.every((byte) => byte === index);
        } catch (error) {
          return (error as { code?: string }).code;
        }
      }),
    );
    expect(new Set(outcomes)).toEqual(new Set([true, "issuer/host-failed", "lib/interrupted"]));
    expect(outcomes.filter((outcome) => outcome === true).length).toBeGreaterThan(60);
    expect(tsm.entries).toEqual([]);
  });

  test("takes the report data as it was when it was asked", async () => {
    const issuer = await open({ tsm: snpMachine() });
    const data = dataOf(1);
    const issued = issuer.issue(data, NEVER);
    data.fill(2);
    expect(await isAccepted(await issued, dataOf(1))).toBe(true);
  });

  test("asks Azure's service only where the machine is Azure's, or the environment says so", async () => {
    const asked = async (env: Readonly<Record<string, string>>, vendor: string): Promise<readonly string[]> => {
      const log = recordLog();
      const files = { "/sys/class/dmi/id/sys_vendor": `${vendor}\n` };
      const abort = new AbortController();
      const machine = { tsm: snpMachine({}, new Uint8Array()), files };
      const issuer = await open(machine, { env, log, signal: abort.signal });
      // Requests are told to the log and then end before they leave this computer.
      abort.abort();
      await issuer.issue(dataOf(1), NEVER);
      return log.lines.filter((line) => line.includes("network access"));
    };
    expect(await asked({}, "QEMU")).toEqual([]);
    expect(await asked({ CONTRAST_THIM: "off" }, "Cloud Hypervisor")).toEqual([]);
    expect((await asked({}, "Cloud Hypervisor")).length).toBe(1);
    expect((await asked({ CONTRAST_THIM: "on" }, "QEMU")).length).toBe(1);
  });

  test("logs raw evidence for debugging only", async () => {
    const log = recordLog();
    const issuer = await open({ tsm: snpMachine() }, { log });
    await issuer.issue(dataOf(1), NEVER);
    const long = log.lines.filter((line) => line.length > 1000);
    expect(long.map((line) => line.split(" ", 1)[0])).toEqual(["debug"]);
  });
});
