import { describe, expect, test } from "bun:test";
import { collateralSetOf } from "../../src/attestation/collateral/collateral-set.ts";
import { insecureTrustRoots } from "../../src/attestation/trust-roots.ts";
import { EVIDENCE_OIDS } from "../../src/attestation/validator.ts";
import type { Logger } from "../../src/lib/log.ts";
import { createMeshAdmission } from "../../src/coordinator/mesh-admission.ts";
import { AMD_TEST_TIME, amdChip, CHIP_MEASUREMENT } from "../fakes/amd-chip.ts";
import { AuthorityBench, policyNamed, requestFor, WORKLOAD_OWNER } from "../fakes/authority-bench.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { recordLog } from "../fakes/image-provider.ts";
import type { PlainManifest } from "../fakes/plain-manifest.ts";

const CHIP = amdChip();
const SIGNAL = new AbortController().signal;

/** A manifest that trusts the chip with a measurement. */
function requestTrusting(name: string, measurement = CHIP_MEASUREMENT) {
  const { bootloader, tee, snp, microcode } = CHIP.tcb;
  const entry = {
    MinimumTCB: { BootloaderVersion: bootloader, TEEVersion: tee, SNPVersion: snp, MicrocodeVersion: microcode },
    ProductName: CHIP.product,
    TrustedMeasurement: Buffer.from(measurement).toString("hex"),
  };
  return requestFor(name, (manifest: PlainManifest) => (manifest.ReferenceValues = { snp: [entry] }));
}

async function running(validatorLog?: Logger) {
  const authority = await new AuthorityBench().start();
  const admit = createMeshAdmission({
    authority,
    validatorLog,
    at: () => AMD_TEST_TIME,
    roots: insecureTrustRoots(new Uint8Array(Buffer.from(CHIP.authority.rootsPem)), "roots"),
    gather: async () => collateralSetOf(CHIP.collateralItems()),
  });
  return { authority, admit };
}

const reportData = new Uint8Array(64).fill(7);

/** What an attested guest with some policy presents. */
function presented(hostData: Uint8Array) {
  return { oid: EVIDENCE_OIDS.snp, value: CHIP.attestation({ reportData, hostData }) };
}

describe("createMeshAdmission()", () => {
  test("admits nobody without manifest", async () => {
    const { admit } = await running();
    expect(await codeOfAsync(admit)).toBe("coordinator/no-manifest");
  });

  test("judges by the reference values of the manifest in force, and not by the policy", async () => {
    const { authority, admit } = await running();
    await authority.setManifest(requestTrusting("web"), undefined);
    const { validate, admission } = await admit();
    expect(admission.generation).toBe(1);
    for (const hash of [policyNamed("web").hash, policyNamed("unknown").hash]) {
      const verdict = await validate?.(presented(Uint8Array.fromHex(hash)), reportData, SIGNAL);
      expect(verdict?.outcome).toBe("accepted");
    }
    const replayed = await validate?.(presented(new Uint8Array(32)), new Uint8Array(64), SIGNAL);
    expect(replayed?.outcome).toBe("rejected");
    await authority.setManifest(requestTrusting("web", new Uint8Array(48).fill(1)), WORKLOAD_OWNER);
    const later = await admit();
    expect(later.admission.generation).toBe(2);
    expect((await later.validate?.(presented(new Uint8Array(32)), reportData, SIGNAL))?.outcome).toBe("rejected");
    expect((await validate?.(presented(new Uint8Array(32)), reportData, SIGNAL))?.outcome).toBe("accepted");
  });

  test("tells who wants to know of every verdict", async () => {
    const log = recordLog();
    const { authority, admit } = await running(log);
    await authority.setManifest(requestTrusting("web"), undefined);
    const { validate } = await admit();
    await validate?.(presented(new Uint8Array(32)), reportData, SIGNAL);
    await validate?.(presented(new Uint8Array(32)), new Uint8Array(64), SIGNAL);
    expect(log.lines.map((line) => line.split(" {")[0])).toEqual(["info judged evidence", "info judged evidence"]);
    expect(log.lines[0]).toMatch(/"outcome":"accepted","referenceValues":"snp-0-/);
    expect(log.lines[1]).toMatch(/"outcome":"rejected".*"reason":".*REPORT_DATA/);
  });

  test("keeps its validator as long as the manifest is in force", async () => {
    const { authority, admit } = await running();
    await authority.setManifest(requestTrusting("web"), undefined);
    const [first, second] = [await admit(), await admit()];
    expect(second.validate).toBe(first.validate);
    await authority.setManifest(requestTrusting("api"), WORKLOAD_OWNER);
    expect((await admit()).validate).not.toBe(first.validate);
  });

  test("asks no vendor because of evidence that is not for this connection or not of this deployment", async () => {
    const authority = await new AuthorityBench().start();
    let gathered = 0;
    const admit = createMeshAdmission({
      authority,
      at: () => AMD_TEST_TIME,
      roots: insecureTrustRoots(new Uint8Array(Buffer.from(CHIP.authority.rootsPem)), "roots"),
      gather: async () => {
        gathered++;
        return collateralSetOf(CHIP.collateralItems());
      },
    });
    await authority.setManifest(requestTrusting("web"), undefined);
    const { validate } = await admit();
    const judge = async (fields: { reportData: Uint8Array; measurement?: Uint8Array }): Promise<string | undefined> => {
      const value = CHIP.attestation(fields, { leaf: false });
      return (await validate?.({ oid: EVIDENCE_OIDS.snp, value }, reportData, SIGNAL))?.outcome;
    };
    expect(await judge({ reportData: new Uint8Array(64) })).toBe("rejected");
    expect(await judge({ reportData, measurement: new Uint8Array(48) })).toBe("rejected");
    expect(gathered).toBe(0);
    expect(await judge({ reportData })).toBe("accepted");
    expect(gathered).toBe(1);
  });
});
