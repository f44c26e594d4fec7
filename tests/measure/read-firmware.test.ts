import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { firmwareStart } from "../../src/measure/firmware-image.ts";
import { sameBytes } from "../../src/lib/same-bytes.ts";
import { parseFirmware, readFirmware } from "../../src/measure/read-firmware.ts";
import { codeOf, codeOfAsync } from "../fakes/error-code.ts";
import { fakeFirmware } from "../fakes/firmware-image.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const directory = temporaryDirectory();

describe("parseFirmware()", () => {
  test.each([0, 1, 4095, 4097])("refuses %d bytes", (length) => {
    expect(codeOf(() => parseFirmware("x", new Uint8Array(length)))).toBe("measure/firmware-size");
  });

  test("places the image below 4 GiB", () => {
    expect(firmwareStart(parseFirmware("x", new Uint8Array(0x200000)))).toBe(0xffe00000);
  });
});

describe("readFirmware()", () => {
  test("reads a file and keeps its name", async () => {
    const path = join(directory, "OVMF.fd");
    writeFileSync(path, fakeFirmware());
    const { bytes, path: kept } = await readFirmware(path);
    expect(kept).toBe(path);
    expect(sameBytes(bytes, fakeFirmware())).toBe(true);
  });

  test("refuses what is not there, and what never ends", async () => {
    expect(await codeOfAsync(() => readFirmware(join(directory, "none")))).toBe("lib/file-unreadable");
    expect(await codeOfAsync(() => readFirmware("/dev/zero"))).toBe("lib/file-too-large");
  });
});
