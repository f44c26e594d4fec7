import { describe, expect, test } from "bun:test";
import { describeFirmwareError } from "../../../src/attestation/issue/firmware-error.ts";
import { readSevGuestReport } from "../../../src/attestation/issue/sev-guest.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { FakeSevGuestDevice, type SevGuestFailure } from "../../fakes/sev-guest-device.ts";

const DATA = Uint8Array.from({ length: 64 }, (_, index) => index + 1);
const PAGE = 4096;
const BUSY: readonly SevGuestFailure[] = [{ errno: 11 }, { errno: 16 }, { errno: 5, vmmError: 2 }];

/** A device whose reports are the data and zeros. */
function device(): FakeSevGuestDevice {
  return new FakeSevGuestDevice((data) => Uint8Array.of(...data, ...new Uint8Array(1120)));
}

const REPORT = Uint8Array.of(...DATA, ...new Uint8Array(1120));

describe("readSevGuestReport()", () => {
  test("asks for an extended report at VMPL 0, with room for the certificates", () => {
    const fake = device();
    fake.certificateTable = new Uint8Array(100).fill(7);
    const { tee, bytes, certificateTable } = readSevGuestReport(fake, 7, DATA);
    expect({ tee, bytes }).toEqual({ tee: "snp", bytes: REPORT });
    expect(certificateTable.subarray(0, 100)).toEqual(fake.certificateTable);
    expect(certificateTable.length).toBe(4 * PAGE);
    expect(fake.requests).toEqual([{ isExtended: true, reportData: DATA, vmpl: 0, bufferBytes: 4 * PAGE }]);
  });

  test("asks once again with the room that the kernel wants", () => {
    const fake = device();
    fake.certificateTable = new Uint8Array(6 * PAGE - 1).fill(7);
    const { certificateTable } = readSevGuestReport(fake, 7, DATA);
    expect(certificateTable.subarray(0, 6 * PAGE - 1)).toEqual(fake.certificateTable);
    expect(fake.requests.map(({ bufferBytes }) => bufferBytes)).toEqual([4 * PAGE, 6 * PAGE]);
  });

  test("asks only once again, and then does without the certificates", () => {
    const fake = device();
    fake.certificateTable = new Uint8Array(6 * PAGE);
    fake.onRequest = (_, count) => {
      fake.certificateTable = new Uint8Array((6 + count) * PAGE);
      return undefined;
    };
    expect(readSevGuestReport(fake, 7, DATA)).toEqual({
      tee: "snp",
      bytes: REPORT,
      certificateTable: new Uint8Array(),
    });
    expect(fake.requests.map(({ bufferBytes }) => bufferBytes)).toEqual([4 * PAGE, 7 * PAGE, 0]);
  });

  test.each([
    ["more than any table needs", 65 * PAGE],
    ["less than it got", PAGE],
    ["what is no multiple of a page", 5 * PAGE + 1],
  ])("makes no buffer where the kernel wants %s", (_, wanted) => {
    const fake = device();
    fake.wantedBytes = wanted;
    expect(readSevGuestReport(fake, 7, DATA).certificateTable.length).toBe(0);
    expect(fake.requests.map(({ isExtended }) => isExtended)).toEqual([true, false]);
  });

  test.each([
    { errno: 22 },
    { errno: 25 },
    { errno: 5, firmwareError: 0x16 },
    { errno: 5, vmmError: 7 },
    { errno: 28 },
  ])("falls back to a plain report where there is no extended one: %j", (failure) => {
    const fake = device();
    fake.certificateTable = new Uint8Array(10);
    fake.onRequest = ({ isExtended }) => (isExtended ? failure : undefined);
    expect(readSevGuestReport(fake, 7, DATA)).toEqual({
      tee: "snp",
      bytes: REPORT,
      certificateTable: new Uint8Array(),
    });
    expect(fake.requests.map(({ isExtended }) => isExtended)).toEqual([true, false]);
  });

  test.each(BUSY)("says issuer/busy at once, because another request would only wait longer: %j", (failure) => {
    const fake = device();
    fake.onRequest = () => failure;
    expect(codeOf(() => readSevGuestReport(fake, 7, DATA))).toBe("issuer/busy");
    expect(fake.requests.length).toBe(1);
  });

  test.each(BUSY)("says issuer/busy also of the plain report: %j", (failure) => {
    const fake = device();
    fake.onRequest = ({ isExtended }) => (isExtended ? { errno: 25 } : failure);
    expect(codeOf(() => readSevGuestReport(fake, 7, DATA))).toBe("issuer/busy");
  });

  test.each([
    [{ errno: 5, firmwareError: 0x16 }, "issuer/host-failed"],
    [{ errno: 5, vmmError: 7 }, "issuer/host-failed"],
    [{ errno: 5 }, "issuer/host-failed"],
    [{ errno: 22 }, "issuer/request-refused"],
    [{ errno: 25 }, "issuer/provider-missing"],
    [{ errno: 1 }, "issuer/forbidden"],
    [{ errno: 110 }, "issuer/host-silent"],
    [{ errno: 14 }, "issuer/kernel-error"],
    [{ errno: 77 }, "issuer/kernel-error"],
  ] as const)("ends for %j with %s", (failure, code) => {
    const fake = device();
    fake.onRequest = () => failure;
    expect(codeOf(() => readSevGuestReport(fake, 7, DATA))).toBe(code);
  });

  test("ends with issuer/kernel-error for a descriptor of something else", () => {
    expect(codeOf(() => readSevGuestReport(device(), 8, DATA))).toBe("issuer/kernel-error");
  });

  test("does not take a response in which the firmware refuses: issuer/host-failed", () => {
    const fake = device();
    fake.status = 0x16;
    expect(codeOf(() => readSevGuestReport(fake, 7, DATA))).toBe("issuer/host-failed");
  });

  test.each([0, 3969, 0xffff_ffff])("does not take a report of %d bytes: issuer/report-malformed", (size) => {
    const fake = device();
    fake.reportSize = size;
    expect(codeOf(() => readSevGuestReport(fake, 7, DATA))).toBe("issuer/report-malformed");
  });
});

describe("describeFirmwareError()", () => {
  test("has words for what is known, and the number in any case", () => {
    expect(describeFirmwareError(0x16)).toContain("(0x16)");
    expect(describeFirmwareError(0x16)).not.toBe(describeFirmwareError(0x17).replace("0x17", "0x16"));
    expect(describeFirmwareError(0xff)).toBe("unknown status (0xff)");
  });
});
