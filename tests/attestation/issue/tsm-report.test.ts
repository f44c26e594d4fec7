import { describe, expect, test } from "bun:test";
import { readTsmReport, readTsmTee } from "../../../src/attestation/issue/tsm-report.ts";
import { errno, FakeConfigfsTsm, type TsmAccess, type TsmProvider } from "../../fakes/configfs-tsm.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";

const DATA = Uint8Array.from({ length: 64 }, (_, index) => index + 1);
const TABLE = new Uint8Array(24);
const NEVER = new AbortController().signal;

/** A driver whose reports are the data and the level they were asked for. */
function echo(name: string, certificateTable?: Uint8Array): TsmProvider {
  const report = (data: Uint8Array, level: number): Uint8Array => Uint8Array.of(...data, level);
  return { name, report, ...(certificateTable && { certificateTable }) };
}

/** The code with which a request ends, and that nothing is left behind. */
async function failureOf(tsm: FakeConfigfsTsm, request = { reportData: DATA }, signal = NEVER): Promise<string> {
  const code = await codeOfAsync(() => readTsmReport(tsm, request, signal));
  expect(tsm.entries).toEqual([]);
  return code;
}

describe("readTsmReport()", () => {
  test("gives report and certificate table of SNP, in an entry that is removed", async () => {
    const tsm = new FakeConfigfsTsm(echo("sev_guest", TABLE));
    expect(await readTsmReport(tsm, { reportData: DATA }, NEVER)).toEqual({
      tee: "snp",
      bytes: Uint8Array.of(...DATA, 0),
      certificateTable: TABLE,
    });
    expect([tsm.made.length, tsm.entries]).toEqual([1, []]);
  });

  test("gives the quote of TDX, whose driver has no certificate table", async () => {
    const tsm = new FakeConfigfsTsm(echo("tdx_guest"));
    expect(await readTsmReport(tsm, { reportData: DATA }, NEVER)).toEqual({
      tee: "tdx",
      bytes: Uint8Array.of(...DATA, 0),
      certificateTable: new Uint8Array(),
    });
  });

  test("names each entry differently", async () => {
    const tsm = new FakeConfigfsTsm(echo("sev_guest"));
    await Promise.all([1, 2, 3].map(() => readTsmReport(tsm, { reportData: DATA }, NEVER)));
    expect(new Set(tsm.made).size).toBe(3);
    expect(tsm.made.every((name) => /^contrast-[0-9a-f]{32}$/.test(name))).toBe(true);
  });

  test("asks for a privilege level where one is wanted, and counts that as a write", async () => {
    const tsm = new FakeConfigfsTsm(echo("sev_guest"));
    const { bytes } = await readTsmReport(tsm, { reportData: DATA, privilegeLevel: 3 }, NEVER);
    expect(bytes[64]).toBe(3);
  });

  test("makes the steps in the order of the interface", async () => {
    const tsm = new FakeConfigfsTsm(echo("sev_guest"));
    const steps: string[] = [];
    tsm.onAccess = ({ kind, attribute }) => void steps.push(`${kind} ${attribute ?? ""}`.trim());
    await readTsmReport(tsm, { reportData: DATA, privilegeLevel: 0 }, NEVER);
    expect(steps).toEqual([
      "mkdir",
      "read generation",
      "write inblob",
      "write privlevel",
      "read provider",
      "read auxblob",
      "read outblob",
      "read generation",
      "rmdir",
    ]);
  });

  test.each([
    ["before the report was made", "read outblob"],
    ["after the report was made", "read generation"],
  ])("does not take a report that somebody else may have asked for %s: issuer/disturbed", async (_, step) => {
    const tsm = new FakeConfigfsTsm(echo("sev_guest"));
    tsm.onAccess = ({ kind, attribute, entry, count }) => {
      const isLast = attribute !== "generation" || count === 2;
      if (`${kind} ${attribute}` === step && isLast) tsm.interfere(entry, new Uint8Array(64).fill(9));
    };
    expect(await failureOf(tsm)).toBe("issuer/disturbed");
  });

  test.each([
    ["issuer/request-refused", { reportData: DATA.subarray(1) }],
    ["issuer/request-refused", { reportData: Uint8Array.of(...DATA, 0) }],
    ["issuer/request-refused", { reportData: DATA, privilegeLevel: 4 }],
  ])("ends with %s for what the kernel refuses", async (code, request) => {
    expect(await failureOf(new FakeConfigfsTsm(echo("sev_guest")), request)).toBe(code);
  });

  test.each([
    ["EBUSY", "issuer/busy"],
    ["EAGAIN", "issuer/busy"],
    ["EINVAL", "issuer/request-refused"],
    ["EFBIG", "issuer/request-refused"],
    ["ETIMEDOUT", "issuer/host-silent"],
    ["EIO", "issuer/host-failed"],
    ["ENXIO", "issuer/provider-missing"],
    ["ENOTTY", "issuer/provider-missing"],
    ["EACCES", "issuer/forbidden"],
    ["EPERM", "issuer/forbidden"],
    ["EROFS", "issuer/forbidden"],
    ["ENOMEM", "issuer/kernel-error"],
  ])("names %s %s, and leaves no entry behind, whichever step has it", async (name, code) => {
    const steps: TsmAccess["attribute"][] = [undefined, "generation", "inblob", "provider", "auxblob", "outblob"];
    for (const step of steps) {
      const tsm = new FakeConfigfsTsm(echo("sev_guest"));
      tsm.onAccess = ({ kind, attribute }) => {
        if (attribute === step && kind !== "rmdir") throw errno(name);
      };
      expect(await failureOf(tsm)).toBe(code);
    }
  });

  test("does not mind an entry that cannot be removed", async () => {
    const tsm = new FakeConfigfsTsm(echo("sev_guest"));
    tsm.onAccess = ({ kind }) => {
      if (kind === "rmdir") throw errno("EBUSY");
    };
    expect((await readTsmReport(tsm, { reportData: DATA }, NEVER)).bytes.length).toBe(65);
  });

  test("refuses a provider that it does not know: issuer/provider-unsupported", async () => {
    expect(await failureOf(new FakeConfigfsTsm(echo("arm_cca_guest")))).toBe("issuer/provider-unsupported");
  });

  test("refuses a generation that is no number: issuer/report-malformed", async () => {
    const tsm = new FakeConfigfsTsm(echo("sev_guest"));
    const read = tsm.read.bind(tsm);
    tsm.read = async (name, attribute, maxBytes) =>
      attribute === "generation" ? new TextEncoder().encode("0x1\n") : await read(name, attribute, maxBytes);
    expect(await failureOf(tsm)).toBe("issuer/report-malformed");
  });

  test("stops between two steps when it is aborted, and leaves no entry behind", async () => {
    for (const step of ["mkdir", "read generation", "write inblob", "read provider", "read auxblob", "read outblob"]) {
      const tsm = new FakeConfigfsTsm(echo("sev_guest"));
      const abort = new AbortController();
      tsm.onAccess = ({ kind, attribute }) => {
        if (`${kind} ${attribute ?? ""}`.trim() === step) abort.abort();
      };
      expect(await failureOf(tsm, { reportData: DATA }, abort.signal)).toBe("lib/interrupted");
    }
  });
});

describe("readTsmTee()", () => {
  test.each([
    ["sev_guest", "snp"],
    ["tdx_guest", "tdx"],
  ])("knows %s", async (provider, tee) => {
    const tsm = new FakeConfigfsTsm(echo(provider));
    expect(await readTsmTee(tsm, NEVER)).toBe(tee as "snp" | "tdx");
    expect(tsm.entries).toEqual([]);
  });

  test("finds nothing where configfs is not there", async () => {
    const tsm = new FakeConfigfsTsm(echo("sev_guest"));
    tsm.isMounted = false;
    expect(await readTsmTee(tsm, NEVER)).toBeUndefined();
  });

  test("says that there is no driver: issuer/provider-missing", async () => {
    expect(await codeOfAsync(() => readTsmTee(new FakeConfigfsTsm(), NEVER))).toBe("issuer/provider-missing");
  });
});
