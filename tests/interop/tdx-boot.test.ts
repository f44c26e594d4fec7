import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { bootOptionEvents, OVMF_MENU } from "../../src/measure/tdx/boot-events.ts";
import { secureBootEvents } from "../../src/measure/tdx/efi-variable-events.ts";
import { firmwareFeatures } from "../../src/measure/tdx/firmware-features.ts";
import { listFirmwareFiles } from "../../src/measure/tdx/firmware-volume.ts";
import { layOutMemory } from "../../src/measure/tdx/guest-memory.ts";
import {
  bootActionEvents,
  commandLineEvent,
  initrdEvent,
  kernelImageEvent,
  requireMeasuringStub,
} from "../../src/measure/tdx/kernel-events.ts";
import { parseLinuxImage } from "../../src/measure/tdx/linux-image.ts";
import { type MeasuredEvent, replayRegister } from "../../src/measure/tdx/measured-event.ts";
import { patchSetupHeader } from "../../src/measure/tdx/qemu-setup-header.ts";
import { sha384Of } from "../../src/measure/tdx/sha384-of.ts";
import { readFirmware } from "../../src/measure/read-firmware.ts";
import { callCommand } from "../fakes/call-command.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../fakes/campaign.ts";
import { DEBIAN_IMAGES_NEED, debianFirmware, debianKernels, laterFirmware } from "../fakes/debian-images.ts";
import { codeOf, codeOfAsync } from "../fakes/error-code.ts";
import { encodeInitrd } from "../fakes/initrd.ts";
import { isReady } from "../fakes/peers.ts";
import { recordIo } from "../fakes/recorded-io.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { parseTpmEventLog } from "../fakes/tpm-event-log.ts";

const SUBJECT = "TDX registers with a boot under QEMU, OVMF and a TPM";
const BUSYBOX = "/bin/busybox";
const programs = [Bun.which("qemu-system-x86_64"), Bun.which("swtpm"), existsSync(BUSYBOX) ? BUSYBOX : null];
const hasPrograms = isReady(
  SUBJECT,
  programs.every((program) => program !== null),
  "need Debian's qemu-system-x86, swtpm and busybox-static",
);
const kernels = debianKernels();
const ovmf = debianFirmware("ovmf/OVMF.fd") ?? "";
const hasImages = isReady(SUBJECT, kernels.length > 0 && ovmf !== "", DEBIAN_IMAGES_NEED);

/** The first process of the guest: prints the event log and a register, and turns the machine off. */
const INIT = `#!/bin/busybox sh
busybox() { /bin/busybox "$@"; }
for place in proc sys dev; do busybox mkdir -p /$place; done
busybox mount -t sysfs s /sys
busybox mount -t devtmpfs d /dev
busybox mount -t securityfs c /sys/kernel/security
echo; echo LOG
busybox base64 -w 0 /sys/kernel/security/tpm0/binary_bios_measurements
echo; echo PCR9
busybox cat /sys/class/tpm/tpm0/pcr-sha384/9
echo END
busybox poweroff -f
`;

/** How a guest is started. */
interface Start {
  readonly firmware: string;
  readonly kernel: string;
  readonly memoryMib: number;
  readonly commandLine: string;
}

/** What a guest says about itself: its event log, and PCR 9, which the kernel extends as it does RTMR2. */
interface Booted {
  readonly log: Uint8Array;
  readonly pcr9: string;
}

/** Boots a guest without TDX (there is no such hardware here), where the same code extends the PCRs of a TPM. */
async function boot(start: Start, initrd: Uint8Array): Promise<Booted> {
  const directory = temporaryDirectory();
  const [socket, serial] = [join(directory, "tpm.sock"), join(directory, "serial")];
  writeFileSync(join(directory, "initrd"), initrd);
  const control = `type=unixio,path=${socket}`;
  const tpmWords = ["--tpm2", "--tpmstate", `dir=${directory}`, "--ctrl", control, "--flags", "startup-clear"];
  const tpm = Bun.spawn(["swtpm", "socket", ...tpmWords], { stdout: "ignore", stderr: "ignore" });
  try {
    for (let tries = 0; tries < 200 && !existsSync(socket); tries += 1) await Bun.sleep(10);
    const machine = ["-machine", "q35,accel=tcg", "-cpu", "max", "-m", `${start.memoryMib}M`, "-bios", start.firmware];
    const output = ["-nodefaults", "-nographic", "-no-reboot", "-serial", `file:${serial}`];
    const chip = ["-chardev", `socket,id=c,path=${socket}`, "-tpmdev", "emulator,id=t,chardev=c"];
    const linux = ["-kernel", start.kernel, "-initrd", join(directory, "initrd"), "-append", start.commandLine];
    const words = [...machine, ...output, ...chip, "-device", "tpm-tis,tpmdev=t", ...linux];
    const guest = Bun.spawn(["qemu-system-x86_64", ...words], { stdout: "ignore", stderr: "inherit", timeout: 90_000 });
    await guest.exited;
  } finally {
    tpm.kill();
    await tpm.exited;
  }
  const text = readFileSync(serial, "latin1").replaceAll("\r", "");
  const [, log = "", pcr9 = ""] = /^LOG\n(\S+)\nPCR9\n([0-9A-F]{96})\n/m.exec(text) ?? [];
  return { log: Uint8Array.fromBase64(log), pcr9: pcr9.toLowerCase() };
}

/** What is computed for the same start, in order; TD HOB, configuration volume and ACPI are measured only in TDX guests. */
function computedEvents({ kernel, memoryMib, commandLine }: Start, initrd: Uint8Array): readonly MeasuredEvent[] {
  const image = parseLinuxImage(kernel, readFileSync(kernel));
  const memory = layOutMemory(memoryMib * 1024 * 1024);
  const { before, after } = bootActionEvents();
  return [
    ...secureBootEvents(true),
    kernelImageEvent(kernel, patchSetupHeader(image, { initrdBytes: initrd.length, commandLine, memory })),
    ...bootOptionEvents(OVMF_MENU),
    ...before,
    commandLineEvent(`${commandLine} initrd=initrd`),
    initrdEvent(initrd),
    ...after,
  ];
}

const SEPARATOR = 4;
/** RTMR0 stands for PCR 1 and 7, RTMR1 for 2 to 6, RTMR2 for 8 to 15; a TPM gets more separators. */
const REGISTER_OF_PCR: Readonly<Record<number, 0 | 1 | 2>> = { 1: 0, 4: 1, 5: 1, 7: 0, 9: 2 };

function comparable(log: Uint8Array): readonly string[] {
  return parseTpmEventLog(log).flatMap(({ pcr, type, sha384 }) => {
    const register = REGISTER_OF_PCR[pcr];
    const isExtra = type === SEPARATOR && pcr !== 4 && pcr !== 7;
    return register === undefined || isExtra ? [] : [`${register} ${sha384}`];
  });
}

const starts: readonly Start[] = kernels
  .flatMap((kernel): readonly Start[] => [
    { firmware: ovmf, kernel, memoryMib: 600, commandLine: "console=ttyS0 quiet a=ü" },
    { firmware: ovmf, kernel, memoryMib: 2048, commandLine: "console=ttyS0 quiet vga=0x317" },
    { firmware: ovmf, kernel, memoryMib: 3072, commandLine: "console=ttyS0 quiet vga=ask" },
  ])
  // One boot takes six seconds and more.
  .slice(0, IS_CAMPAIGN ? undefined : 1);

describe.skipIf(!hasPrograms || !hasImages)("events of a TDX guest", () => {
  test.each(starts.map((start): [string, Start] => [`${basename(start.kernel)}, ${start.memoryMib} MiB`, start]))(
    "are those that the same firmware, kernel and hypervisor extend a TPM with: %s",
    async (_, start) => {
      const initrd = encodeInitrd({ init: INIT, "bin/busybox": readFileSync(BUSYBOX) });
      const computed = computedEvents(start, initrd);
      const { log, pcr9 } = await boot(start, initrd);
      expect(comparable(log)).toEqual(computed.map(({ register, digest }) => `${register} ${digest.toHex()}`));
      expect(replayRegister(computed, 2).toHex()).toBe(pcr9);
    },
    CAMPAIGN_TIMEOUT_MS,
  );
});

/** What the command computes of a start: each event of RTMR1 and RTMR2 as `comparable` writes it, and RTMR2. */
async function commandSays(start: Start, initrd: Uint8Array): Promise<{ events: string[]; pcr9: string }> {
  const path = join(temporaryDirectory(), "initrd");
  writeFileSync(path, initrd);
  const io = recordIo({ format: "json" });
  const files = ["--firmware", start.firmware, "--kernel", start.kernel, "--initrd", path];
  const values = ["--memory", `${start.memoryMib}M`, "--command-line", start.commandLine, "--events"];
  await callCommand(["measure", "tdx", ...files, ...values], io);
  const result = JSON.parse(io.printed[0]!);
  const events = result.events as readonly { readonly register: number; readonly digest: string }[];
  const runtime = events.filter(({ register }) => register > 0);
  return { events: runtime.map(({ register, digest }) => `${register} ${digest}`), pcr9: result.rtmrs[2] };
}

// Two minutes: later firmware is no part of CI.
const later = IS_CAMPAIGN && hasPrograms ? laterFirmware(SUBJECT) : [];

describe.if(later.length > 0)("contrast measure tdx", () => {
  test.each(later)(
    "computes RTMR1 and RTMR2 of a boot with later firmware, or refuses it: %s",
    async (firmware) => {
      const start = { firmware, kernel: kernels.at(-1)!, memoryMib: 2048, commandLine: "console=ttyS0 quiet" };
      const initrd = encodeInitrd({ init: INIT, "bin/busybox": readFileSync(BUSYBOX) });
      let computed: Awaited<ReturnType<typeof commandSays>> | undefined;
      const code = await codeOfAsync(async () => {
        computed = await commandSays(start, initrd);
      });
      if (computed === undefined) {
        expect(code).toBe(firmware.includes("amdsev") ? "measure/firmware-unmeasured" : "measure/firmware-variables");
        expect(firmware).toMatch(/amdsev|inteltdx/);
        return;
      }
      const { log, pcr9 } = await boot(start, initrd);
      expect({ events: comparable(log).filter((event) => !event.startsWith("0")), pcr9 }).toEqual(computed);
    },
    CAMPAIGN_TIMEOUT_MS,
  );
});

describe.skipIf(!hasImages)("Debian's images", () => {
  test("have the volume of variables whose digest real TDX guests log", () => {
    const variables = readFileSync(debianFirmware("OVMF/OVMF_VARS_4M.fd") ?? "");
    expect(sha384Of(variables).toHex()).toBe(
      "344bc51c980ba621aaa00da3ed7436f7d6e549197dfe699515dfa2c6583d95e6412af21c097d473155875ffd561d6790",
    );
  });

  test("are looked into: firmware that does not measure TDX guests is refused", async () => {
    const firmware = await readFirmware(ovmf);
    const { files, unpacked, isIncomplete } = listFirmwareFiles(firmware.bytes, 2 ** 26);
    expect(isIncomplete).toBeFalse();
    expect(files).toContainEqual({
      guid: OVMF_MENU.fileGuid,
      name: OVMF_MENU.description,
      volumeGuid: OVMF_MENU.volumeGuid,
    });
    expect(unpacked.some((part) => Buffer.from(part).includes(" initrd=initrd\0"))).toBeTrue();
    expect(codeOf(() => firmwareFeatures(firmware))).toBe("measure/firmware-unmeasured");
  });

  test("have kernels of which only the later one measures in TDX guests", () => {
    const codes = kernels.map((kernel) =>
      codeOf(() => requireMeasuringStub(parseLinuxImage(kernel, readFileSync(kernel)))),
    );
    expect(codes).toEqual(
      kernels.map((kernel) => (kernel.includes("6.1.") ? "measure/kernel-unmeasured" : "no error, returned undefined")),
    );
  });
});
