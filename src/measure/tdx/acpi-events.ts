import { ContrastError } from "../../lib/errors.ts";
import { hashedEvent, type MeasuredEvent } from "./measured-event.ts";

/** The files by which QEMU hands ACPI tables to the firmware, as bytes; see `docs/measure.md` for how to get them. */
export interface AcpiFiles {
  /** `etc/table-loader`. */
  readonly loader: Uint8Array;
  /** Those that it names, such as `etc/acpi/rsdp`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

const ENTRY_BYTES = 128;
const MAX_ENTRIES = 1024;
const NAME_OFFSET = 4;
const NAME_BYTES = 56;

/** Command that makes the firmware load a file; only those are measured. */
const ALLOCATE = 1;
const COMMANDS: ReadonlySet<number> = new Set([0, ALLOCATE, 2, 3, 4]);

/**
 * What the firmware measures of ACPI: the list of its loader commands as it comes, then each file that the list makes it
 * load, in the order of the list, before addresses and checksums are filled in.
 *
 *     offset  size  field of each command, 128 bytes
 *          0     4  kind, little-endian; 1 loads a file
 *          4    56  name of the file, ends in zero
 *
 * @throws ContrastError `measure/acpi-loader-invalid`, `measure/acpi-file-missing`
 * @see qemu/qemu `hw/acpi/bios-linker-loader.c`; tianocore/edk2 `OvmfPkg/AcpiPlatformDxe/QemuFwCfgAcpi.c`
 */
export function acpiEvents({ loader, files }: AcpiFiles): readonly MeasuredEvent[] {
  const loaded = loadedFiles(loader).map((path) => {
    const file = files.get(path);
    if (file === undefined) {
      throw new ContrastError("measure/acpi-file-missing", `Cannot measure ACPI tables: "${path}" is missing`, {
        hint: `Put the content of ${path} into the directory given with --acpi-tables, under its last name.`,
        details: { path },
      });
    }
    return acpiEvent(`ACPI file ${path}`, file);
  });
  return [acpiEvent("commands of the ACPI loader (etc/table-loader)", loader), ...loaded];
}

/**
 * The files that the commands make the firmware load, in order.
 *
 * @throws ContrastError `measure/acpi-loader-invalid`
 */
export function loadedFiles(loader: Uint8Array): readonly string[] {
  if (loader.length === 0 || loader.length % ENTRY_BYTES !== 0 || loader.length / ENTRY_BYTES > MAX_ENTRIES) {
    throw invalidLoader(`got ${loader.length} bytes, need 1 to ${MAX_ENTRIES} commands of ${ENTRY_BYTES} bytes`);
  }
  const paths: string[] = [];
  for (let offset = 0; offset < loader.length; offset += ENTRY_BYTES) {
    const command = loader.subarray(offset, offset + ENTRY_BYTES);
    const kind = new DataView(command.buffer, command.byteOffset, ENTRY_BYTES).getUint32(0, true);
    if (!COMMANDS.has(kind)) throw invalidLoader(`command at offset ${offset} is of kind ${kind}`);
    if (kind !== ALLOCATE) continue;
    const path = loadedPath(command, offset);
    // Firmware refuses to load a file twice.
    if (paths.includes(path)) throw invalidLoader(`command at offset ${offset} loads "${path}" again`);
    paths.push(path);
  }
  return paths;
}

function loadedPath(command: Uint8Array, offset: number): string {
  const field = command.subarray(NAME_OFFSET, NAME_OFFSET + NAME_BYTES);
  const end = field.indexOf(0);
  const name = new TextDecoder("latin1").decode(field.subarray(0, Math.max(end, 0)));
  if (!/^[\w.-]+(?:\/[\w.-]+)*$/.test(name) || /(?:^|\/)\.\.?(?:\/|$)/.test(name))
    throw invalidLoader(`command at offset ${offset} names no file`);
  return name;
}

function acpiEvent(what: string, content: Uint8Array): MeasuredEvent {
  return hashedEvent(
    { register: 0, type: "EV_PLATFORM_CONFIG_FLAGS", what, digestOf: `the file, ${content.length} bytes` },
    content,
  );
}

function invalidLoader(fact: string): ContrastError {
  return new ContrastError("measure/acpi-loader-invalid", `Cannot read the ACPI loader commands: ${fact}`, {
    hint: 'Take "table-loader" as the guest reads it from fw_cfg.',
  });
}
