import { describe, expect, test } from "bun:test";
import type { CertificateTable } from "../../../src/attestation/issue/certificate-table.ts";
import { createEndorsementSource, type EndorsementSource } from "../../../src/attestation/issue/endorsement-source.ts";
import { collateralSetOf } from "../../../src/attestation/collateral/collateral-set.ts";
import type { CollateralItem, CollateralNeed } from "../../../src/attestation/collateral-need.ts";
import type { GatherCollateral } from "../../../src/attestation/gather-collateral.ts";
import type { SnpEvidence } from "../../../src/attestation/snp/snp-evidence.ts";
import { AMD_TEST_TIME, amdChip } from "../../fakes/amd-chip.ts";
import { type RecordedLog, recordLog } from "../../fakes/image-provider.ts";
import { type ManualClock, manualClock } from "../../fakes/manual-clock.ts";

const chip = amdChip();
const { authority } = chip;
const CRL = authority.crl();
const MINUTE_MS = 60_000;

interface Setting {
  readonly endorse: EndorsementSource;
  readonly clock: ManualClock;
  readonly log: RecordedLog;
  /** Kinds of what was asked for, call by call. */
  readonly asked: (readonly CollateralNeed["kind"][])[];
  readonly abort: AbortController;
  serve: (needs: readonly CollateralNeed[]) => Promise<readonly CollateralItem[]> | readonly CollateralItem[];
}

interface SettingOptions {
  readonly askCloud?: () => Promise<CertificateTable>;
  readonly isOffline?: boolean;
  /** A clock on which waiting does not end. */
  readonly isPatient?: boolean;
}

function start({ askCloud, isOffline = false, isPatient = false }: SettingOptions = {}): Setting {
  const clock = manualClock(AMD_TEST_TIME.toISOString());
  const log = recordLog();
  const abort = new AbortController();
  const asked: Setting["asked"] = [];
  const gather: GatherCollateral = async (needs) => {
    asked.push(needs.map(({ kind }) => kind));
    return collateralSetOf([...(await setting.serve(needs))]);
  };
  const endorse = createEndorsementSource({
    gather: isOffline ? undefined : gather,
    askCloud,
    roots: authority.roots,
    now: clock.now,
    sleep: isPatient ? () => new Promise(() => {}) : clock.sleep,
    log,
    signal: abort.signal,
  });
  const setting: Setting = {
    endorse,
    clock,
    log,
    asked,
    abort,
    serve: () => chip.collateralItems({ crl: CRL }),
  };
  return setting;
}

/** Evidence with what the host gave, which is nothing unless said. */
function evidenceWith(endorsements: SnpEvidence["endorsements"] = {}, fields = {}): SnpEvidence {
  return { ...chip.evidence(fields, { leaf: false }), endorsements };
}

/** Lets what goes on in the background go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

const ALL = { vcek: chip.vcekDer, vlek: undefined, ask: authority.askDer, ark: authority.arkDer, crl: CRL };

describe("createEndorsementSource()", () => {
  test("gets VCEK and revocation list, and adds the certificates above", async () => {
    const setting = start({ isPatient: true });
    expect(await setting.endorse(evidenceWith())).toEqual(ALL);
    expect(setting.asked).toEqual([["amd-vcek", "amd-crl"]]);
    expect(setting.log.lines).toEqual([]);
  });

  test("asks for the revocation list alone where the host gave the VCEK, and keeps what else it gave", async () => {
    const setting = start({ isPatient: true });
    const ask = Uint8Array.of(1);
    expect(await setting.endorse(evidenceWith({ vcek: chip.vcekDer, ask }))).toEqual({ ...ALL, ask });
    expect(setting.asked).toEqual([["amd-crl"]]);
  });

  test("sends a VLEK with the certificates above it, and no VCEK", async () => {
    const setting = start({ isPatient: true });
    const vlek = chip.vlekDer;
    expect(await setting.endorse(evidenceWith({ vlek }, { signingKey: "VLEK" }))).toEqual({
      vcek: undefined,
      vlek,
      ask: authority.asvkDer,
      ark: authority.arkDer,
      crl: CRL,
    });
    expect(setting.asked).toEqual([["amd-crl"]]);
  });

  test("asks once for many at the same time, and not again for a day", async () => {
    const setting = start({ isPatient: true });
    const many = await Promise.all(Array.from({ length: 100 }, () => setting.endorse(evidenceWith())));
    expect(many.every(({ vcek, crl }) => vcek === chip.vcekDer && crl === CRL)).toBe(true);
    setting.clock.advance(24 * 60 * MINUTE_MS - 1);
    await setting.endorse(evidenceWith());
    expect(setting.asked.length).toBe(1);
  });

  test("asks again after a day without making anybody wait, and goes on with the new list", async () => {
    const setting = start({ isPatient: true });
    await setting.endorse(evidenceWith());
    const later = authority.crl({ thisUpdate: new Date(AMD_TEST_TIME.getTime() - 1000) });
    setting.serve = () => chip.collateralItems({ crl: later });
    setting.clock.advance(24 * 60 * MINUTE_MS);
    expect((await setting.endorse(evidenceWith())).crl).toEqual(CRL);
    await settle();
    expect((await setting.endorse(evidenceWith())).crl).toEqual(later);
    expect(setting.asked.length).toBe(2);
  });

  test.each([
    ["nobody answers", () => []],
    [
      "gathering fails",
      () => {
        throw new Error("out of memory");
      },
    ],
  ])("keeps what it has where %s later", async (_, serve) => {
    const setting = start({ isPatient: true });
    await setting.endorse(evidenceWith());
    setting.serve = serve;
    setting.clock.advance(24 * 60 * MINUTE_MS);
    await setting.endorse(evidenceWith());
    await settle();
    expect(await setting.endorse(evidenceWith())).toEqual(ALL);
    expect(setting.asked.length).toBe(2);
  });

  test("drops a revocation list that has expired meanwhile", async () => {
    const setting = start({ isPatient: true });
    const crl = authority.crl({ nextUpdate: new Date(AMD_TEST_TIME.getTime() + 60 * MINUTE_MS) });
    setting.serve = () => chip.collateralItems({ crl });
    expect((await setting.endorse(evidenceWith())).crl).toEqual(crl);
    setting.serve = () => [];
    setting.clock.advance(24 * 60 * MINUTE_MS);
    await setting.endorse(evidenceWith());
    await settle();
    expect(await setting.endorse(evidenceWith())).toEqual({ ...ALL, crl: undefined });
  });

  test("asks anew where the firmware was updated", async () => {
    const setting = start({ isPatient: true });
    await setting.endorse(evidenceWith());
    await setting.endorse(evidenceWith({}, { reportedTcb: { ...chip.tcb, microcode: 218 } }));
    expect(setting.asked.length).toBe(2);
  });

  test("goes without what cannot be had, says so once, and asks again after ten minutes", async () => {
    const setting = start({ isPatient: true });
    setting.serve = () => [];
    expect(await setting.endorse(evidenceWith())).toEqual({});
    setting.clock.advance(10 * MINUTE_MS - 1);
    expect((await setting.endorse(evidenceWith())).vcek).toBeUndefined();
    expect(setting.asked.length).toBe(1);
    setting.clock.advance(1);
    await setting.endorse(evidenceWith());
    await settle();
    expect(setting.asked.length).toBe(2);
    expect(setting.log.lines.filter((line) => line.startsWith("warn")).length).toBe(2);
    setting.serve = () => chip.collateralItems({ crl: CRL });
    setting.clock.advance(10 * MINUTE_MS);
    await setting.endorse(evidenceWith());
    await settle();
    expect(await setting.endorse(evidenceWith())).toEqual(ALL);
  });

  test("does not fail where gathering does", async () => {
    const setting = start({ isPatient: true });
    setting.serve = () => {
      throw new Error("out of memory");
    };
    expect(await setting.endorse(evidenceWith())).toEqual({});
    expect(setting.log.lines).toEqual([expect.stringContaining("out of memory")]);
  });

  test("lets the first one wait a short while only, and gives to later ones what came meanwhile", async () => {
    const setting = start();
    let answer: (items: readonly CollateralItem[]) => void = () => {};
    setting.serve = () => new Promise((resolve) => (answer = resolve));
    expect(await setting.endorse(evidenceWith())).toEqual({});
    expect(setting.clock.slept).toEqual([3000]);
    answer(chip.collateralItems({ crl: CRL }));
    await settle();
    expect(await setting.endorse(evidenceWith())).toEqual(ALL);
    expect(setting.asked.length).toBe(1);
  });

  test("drops a VCEK of the host that belongs to another TCB, and gets the right one", async () => {
    const setting = start({ isPatient: true });
    const stale = chip.certificate({ tcb: { ...chip.tcb, microcode: 1 } });
    const { vcek } = await setting.endorse(evidenceWith({ vcek: stale }));
    expect(vcek).toEqual(chip.vcekDer);
    await setting.endorse(evidenceWith({ vcek: stale }));
    expect(setting.log.lines).toEqual([expect.stringContaining("warn ignoring a certificate of the host")]);
  });

  test("keeps a VCEK of the host where the chip id is masked, because nobody else has it", async () => {
    const setting = start({ isPatient: true });
    const evidence = evidenceWith({ vcek: chip.vcekDer }, { chipId: new Uint8Array(64) });
    expect((await setting.endorse(evidence)).vcek).toEqual(chip.vcekDer);
  });

  test("asks the cloud first, and AMD for the rest", async () => {
    const cloud = { vcek: chip.vcekDer, ask: authority.askDer, ark: authority.arkDer };
    const setting = start({ isPatient: true, askCloud: async () => cloud });
    expect(await setting.endorse(evidenceWith())).toEqual(ALL);
    expect(setting.asked).toEqual([["amd-crl"]]);
  });

  test("does without a cloud that fails, or that gives certificates of something else", async () => {
    const failing = start({ isPatient: true, askCloud: () => Promise.reject(new Error("no route")) });
    expect(await failing.endorse(evidenceWith())).toEqual(ALL);
    expect(failing.log.lines).toEqual([expect.stringContaining("no route")]);
    const wrong = start({ isPatient: true, askCloud: async () => ({ vcek: authority.askDer }) });
    expect(await wrong.endorse(evidenceWith())).toEqual(ALL);
    expect(wrong.asked).toEqual([["amd-vcek", "amd-crl"]]);
  });

  test("asks nobody where it may not, and still adds the certificates above a VCEK of the host", async () => {
    const setting = start({ isOffline: true, isPatient: true });
    expect(await setting.endorse(evidenceWith({ vcek: chip.vcekDer }))).toEqual({ ...ALL, crl: undefined });
    expect(await setting.endorse(evidenceWith())).toEqual({});
    expect(setting.log.lines).toEqual([]);
  });

  test("says nothing about what ends because the program does", async () => {
    const setting = start();
    let fail: (error: Error) => void = () => {};
    setting.serve = () => new Promise((_, reject) => (fail = reject));
    await setting.endorse(evidenceWith());
    setting.abort.abort();
    fail(new Error("interrupted"));
    await settle();
    expect(setting.log.lines).toEqual([]);
  });
});
