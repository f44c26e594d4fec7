import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256Hex } from "../../../src/lib/digest.ts";
import { loaderOf } from "../../fakes/acpi-loader.ts";
import { fakeBzImage } from "../../fakes/bzimage.ts";
import { callCommand } from "../../fakes/call-command.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { type RecordedIo, recordIo } from "../../fakes/recorded-io.ts";
import {
  DRIVER,
  emptyConfiguration,
  type FakeTdxFirmware,
  fakeTdxFirmware,
  storedVariable,
} from "../../fakes/tdx-firmware.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

/** A directory with all that a guest starts with. */
function guestFolder(fake: FakeTdxFirmware = {}, kernel = fakeBzImage()): string {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, "OVMF.fd"), fakeTdxFirmware(fake).bytes);
  writeFileSync(join(folder, "vmlinuz"), kernel);
  writeFileSync(join(folder, "initrd"), "initrd");
  writeFileSync(join(folder, "cmdline"), "console=hvc0\n");
  mkdirSync(join(folder, "acpi"));
  writeFileSync(join(folder, "acpi/table-loader"), loaderOf([1, "etc/acpi/rsdp"], [1, "etc/acpi/tables"]));
  writeFileSync(join(folder, "acpi/rsdp"), "rsdp");
  writeFileSync(join(folder, "acpi/tables"), "tables");
  const entry = { MrTd: "", Rtrms: ["", "", "", ""], MinimumQeSvn: 1 };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ Policies: {}, ReferenceValues: { tdx: [entry] } }));
  return folder;
}

function words(folder: string, ...more: readonly string[]): readonly string[] {
  return ["measure", "tdx", "--firmware", join(folder, "OVMF.fd"), ...more];
}

function kernelWords(folder: string, ...more: readonly string[]): readonly string[] {
  const kernel = ["--kernel", join(folder, "vmlinuz"), "--initrd", join(folder, "initrd")];
  return words(folder, ...kernel, "--memory", "2048M", "--command-line-file", join(folder, "cmdline"), ...more);
}

function allWords(folder: string, ...more: readonly string[]): readonly string[] {
  return kernelWords(folder, "--acpi-tables", join(folder, "acpi"), ...more);
}

async function json(call: readonly string[], io: RecordedIo = recordIo({ format: "json" })): Promise<Result> {
  await callCommand([...call], io);
  return JSON.parse(io.printed[0] ?? "");
}

interface Result {
  readonly schema: string;
  readonly mrTd: string;
  readonly inputs: unknown;
  readonly rtmrs: readonly (string | null)[];
  readonly events?: readonly { readonly what: string; readonly register: number; readonly digest: string }[];
}

async function rtmrs(...call: readonly string[]): Promise<readonly (string | null)[]> {
  return (await json(call)).rtmrs;
}

const HEX = /^[0-9a-f]{96}$/;

describe("contrast measure tdx", () => {
  test("computes MRTD from the firmware alone, and knows that RTMR3 is zero at launch", async () => {
    const result = await json(words(guestFolder()));
    expect(result).toMatchObject({
      schema: "contrast/measure-tdx/v1",
      unknown: "kernel",
      rtmrs: [null, null, null, "0".repeat(96)],
    });
    expect(result.mrTd).toMatch(HEX);
    const io = recordIo();
    await callCommand([...words(guestFolder())], io);
    for (const index of [0, 1, 2]) expect(io.printed[1 + index]).toStartWith(`RTMR${index}  not computed`);
    expect(io.printed[4]).toBe(`RTMR3  ${"0".repeat(96)}`);
    expect(await json(words(guestFolder(), "--page-order", "section"))).not.toMatchObject({ mrTd: result.mrTd });
  });

  test("computes all registers, and lists their events", async () => {
    const { rtmrs: values, events = [] } = await json(allWords(guestFolder(), "--events"));
    for (const value of values) expect(value).toMatch(HEX);
    expect(values[3]).toBe("0".repeat(96));
    expect(events.map(({ register, what }) => `${register} ${what}`)).toEqual([
      "0 TD HOB: 2147483648 bytes of memory",
      "0 configuration volume of the firmware (CFV)",
      "0 variable SecureBoot, empty",
      "0 variable PK, empty",
      "0 variable KEK, empty",
      "0 variable db, empty",
      "0 variable dbx, empty",
      "0 separator",
      "0 commands of the ACPI loader (etc/table-loader)",
      "0 ACPI file etc/acpi/rsdp",
      "0 ACPI file etc/acpi/tables",
      "1 kernel, as the hypervisor hands it out",
      "0 variable BootOrder: 0000",
      "0 variable Boot0000: UiApp of the firmware",
      "1 Calling EFI Application from Boot Option",
      "1 separator",
      '2 command line "console=hvc0 initrd=initrd"',
      "2 initrd",
      "1 Exit Boot Services Invocation",
      "1 Exit Boot Services Returned with Success",
    ]);
  });

  test("names every input by its digest", async () => {
    const folder = guestFolder();
    const sha256 = (name: string): string => sha256Hex(readFileSync(join(folder, name)));
    const firmware = { path: join(folder, "OVMF.fd"), sizeBytes: 0x8a000, sha256: sha256("OVMF.fd") };
    expect(await json(words(folder))).toMatchObject({ inputs: { firmware, pageOrder: "page" } });
    const { inputs } = await json(allWords(folder, "--initrd-address", "0x4000000", "--without", "td-hob"));
    expect(inputs).toEqual({
      firmware,
      kernel: { path: join(folder, "vmlinuz"), sha256: sha256("vmlinuz") },
      initrd: { path: join(folder, "initrd"), sha256: sha256("initrd") },
      commandLine: { text: "console=hvc0", sha256WithNul: sha256Hex("console=hvc0\0") },
      acpiFiles: [
        { path: "etc/table-loader", sha256: sha256("acpi/table-loader") },
        { path: "etc/acpi/rsdp", sha256: sha256("acpi/rsdp") },
        { path: "etc/acpi/tables", sha256: sha256("acpi/tables") },
      ],
      memoryBytes: 2 ** 31,
      kernelHeader: "patched",
      initrdAddress: "0x4000000",
      without: ["td-hob"],
      pageOrder: "page",
    });
  });

  test("prints registers and events as text", async () => {
    const io = recordIo();
    await callCommand([...kernelWords(guestFolder(), "--events")], io);
    const text = io.printed.join("\n");
    expect(text).toContain("RTMR0  not computed");
    expect(text).toMatch(/^RTMR2 {2}[0-9a-f]{96}$/m);
    expect(text).toContain("SHA-384 of: 4 zero bytes");
  });

  test("changes the registers that depend on an input, and no others", async () => {
    const folder = guestFolder();
    const base = await rtmrs(...allWords(folder));
    const changed = async (...call: readonly string[]): Promise<string> => {
      const now = await rtmrs(...call);
      return [0, 1, 2, 3].filter((index) => now[index] !== base[index]).join("");
    };
    expect(await changed(...allWords(folder))).toBe("");
    expect(await changed(...allWords(folder, "--memory", "1G"))).toBe("01");
    expect(await changed(...allWords(folder, "--kernel-header", "file"))).toBe("1");
    expect(await changed(...allWords(folder, "--initrd-address", "0x4000000"))).toBe("1");
    expect(await changed(...allWords(folder, "--without", "td-hob"))).toBe("0");
    expect(await changed(...kernelWords(folder, "--without", "acpi"))).toBe("0");
    expect(await changed(...allWords(guestFolder({ texts: ["ACPI DATA", "initrd=initrd "] })))).toBe("2");
    const secureBoot = { drivers: [DRIVER.measuring, DRIVER.menu, DRIVER.secureBoot] };
    expect(await changed(...allWords(guestFolder(secureBoot)))).toBe("0");
    const noInitrd = ["--kernel", join(folder, "vmlinuz"), "--memory", "2G", "--command-line", "console=hvc0"];
    expect(await changed(...words(folder, ...noInitrd, "--acpi-tables", join(folder, "acpi")))).toBe("12");
  });

  test("needs no ACPI tables for firmware that does not measure them", async () => {
    const folder = guestFolder({ texts: [" initrd=initrd"] });
    expect((await rtmrs(...kernelWords(folder)))[0]).toMatch(HEX);
  });

  test("leaves the ACPI tables out where the firmware was changed not to measure them, given or not", async () => {
    const folder = guestFolder();
    const [without] = await rtmrs(...kernelWords(folder, "--without", "acpi"));
    expect(without).toMatch(HEX);
    expect((await rtmrs(...allWords(folder, "--without", "acpi")))[0]).toBe(without!);
  });

  test("leaves RTMR0 out for firmware that measures more of what QEMU hands it", async () => {
    const folder = guestFolder({ texts: ["ACPI DATA", " initrd=initrd", "QEMU FW CFG"] });
    const result = await json(allWords(folder));
    expect(result).toMatchObject({
      unknown: "fw-cfg",
      rtmrs: [null, expect.any(String), expect.any(String), "0".repeat(96)],
    });
    const io = recordIo();
    await callCommand([...allWords(folder)], io);
    expect(io.printed[1]).toStartWith("RTMR0  not computed. The firmware measures more");
    expect((await rtmrs(...allWords(folder, "--without", "fw-cfg")))[0]).toMatch(HEX);
  });

  test("leaves RTMR0 out, and the boot options, for firmware with more than its menu", async () => {
    const folder = guestFolder({ drivers: [DRIVER.measuring, DRIVER.menu, DRIVER.secondMenu] });
    const result = await json(allWords(folder, "--events"));
    expect(result).toMatchObject({
      unknown: "boot-options",
      rtmrs: [null, expect.any(String), expect.any(String), "0".repeat(96)],
    });
    expect(result.events?.some(({ what }) => what.includes("Boot0000"))).toBeFalse();
  });

  test("writes all of them into the manifest", async () => {
    const folder = guestFolder();
    const manifest = join(folder, "manifest.json");
    const { mrTd, rtmrs: values } = await json(allWords(folder, "--write", manifest));
    expect(JSON.parse(readFileSync(manifest, "utf8")).ReferenceValues.tdx).toMatchObject([
      { MrTd: mrTd, Rtrms: values, MinimumQeSvn: 1 },
    ]);
    const io = recordIo();
    await callCommand([...allWords(folder, "--write", manifest)], io);
    expect(io.printed.length).toBe(5);
  });

  test("leaves the manifest alone where a register is not known", async () => {
    const folder = guestFolder();
    const manifest = join(folder, "manifest.json");
    const before = readFileSync(manifest, "utf8");
    for (const call of [words(folder), kernelWords(folder)]) {
      expect(await codeOfAsync(() => callCommand([...call, "--write", manifest], recordIo()))).toBe(
        "measure/tdx-incomplete",
      );
    }
    expect(readFileSync(manifest, "utf8")).toBe(before);
  });

  test.each<[string, (folder: string) => readonly string[], string]>([
    ["a kernel without memory", (folder) => words(folder, "--kernel", "x"), "terminal/required-flag"],
    ["memory without a kernel", (folder) => words(folder, "--memory", "1G"), "terminal/required-flag"],
    ["memory without a unit", (folder) => allWords(folder, "--memory", "2048"), "terminal/invalid-argument"],
    ["too little memory", (folder) => allWords(folder, "--memory", "8M"), "measure/tdx-memory"],
    ["an unknown part", (folder) => allWords(folder, "--without", "kernel"), "terminal/invalid-argument"],
    ["an unknown order", (folder) => words(folder, "--page-order", "byte"), "terminal/invalid-argument"],
    [
      "an address without initrd",
      (folder) => words(folder, "--kernel", "x", "--memory", "1G", "--initrd-address", "1"),
      "terminal/required-flag",
    ],
    ["a manifest without such an entry", writesSnpManifest, "manifest/measured-entry-missing"],
  ])("refuses %s", async (_, call, code) => {
    const folder = guestFolder();
    expect(await codeOfAsync(() => callCommand([...call(folder)], recordIo()))).toBe(code);
  });

  test.each<[FakeTdxFirmware, string]>([
    [{ configuration: emptyConfiguration(storedVariable("PK")) }, "measure/firmware-variables"],
    [{ configuration: emptyConfiguration(storedVariable("Boot0001")) }, "measure/firmware-variables"],
    [{ texts: [] }, "measure/firmware-initrd-option"],
    [{ drivers: [] }, "measure/firmware-unmeasured"],
  ])("refuses firmware of which it does not know what it measures: %#", async (fake, code) => {
    const folder = guestFolder(fake);
    expect(await codeOfAsync(() => callCommand([...allWords(folder)], recordIo()))).toBe(code);
  });

  test("refuses a kernel that measures nothing", async () => {
    const folder = guestFolder({}, fakeBzImage({ measures: false }));
    expect(await codeOfAsync(() => callCommand([...allWords(folder)], recordIo()))).toBe("measure/kernel-unmeasured");
  });
});

function writesSnpManifest(folder: string): readonly string[] {
  const manifest = join(folder, "manifest.json");
  writeFileSync(manifest, JSON.stringify({ Policies: {}, ReferenceValues: { snp: [] } }));
  return allWords(folder, "--write", manifest);
}
