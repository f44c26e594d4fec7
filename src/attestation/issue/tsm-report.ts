import { ContrastError } from "../../lib/errors.ts";
import { randomHex } from "../../lib/random.ts";
import { errnoNameOf, kernelError } from "./kernel-error.ts";
import type { RawEvidence } from "./raw-evidence.ts";
import type { TsmAttribute, TsmDirectory } from "./tsm-directory.ts";

/** What is asked of the kernel. */
export interface TsmRequest {
  /** 64 bytes. */
  readonly reportData: Uint8Array;
  /** SNP: the VMPL of the report; the driver's choice where undefined. */
  readonly privilegeLevel?: number | undefined;
}

/** Kernels limit certificate table and quote to 32 KiB. */
const MAX_BLOB_BYTES = 64 * 1024;
/** Attributes of text are one line. */
const MAX_TEXT_BYTES = 256;

/** By what `provider` says. */
const TEES: ReadonlyMap<string, RawEvidence["tee"]> = new Map([
  ["sev_guest", "snp"],
  ["tdx_guest", "tdx"],
]);

/**
 * Makes one report: in an entry of its own, which is removed whatever happens. Nothing is tried again here.
 *
 * @throws ContrastError `issuer/busy`, `issuer/disturbed` (both may pass by themselves), `issuer/request-refused`,
 *   `issuer/host-silent`, `issuer/host-failed`, `issuer/provider-missing`, `issuer/provider-unsupported`,
 *   `issuer/report-malformed`, `issuer/forbidden`, `issuer/kernel-error`, `lib/interrupted`
 * @see Linux Documentation/ABI/testing/configfs-tsm
 */
export async function readTsmReport(
  directory: TsmDirectory,
  { reportData, privilegeLevel }: TsmRequest,
  signal: AbortSignal,
): Promise<RawEvidence> {
  return await inEntry(directory, signal, async (entry) => {
    const before = await entry.generation();
    await entry.write("inblob", reportData);
    if (privilegeLevel !== undefined) await entry.write("privlevel", new TextEncoder().encode(String(privilegeLevel)));
    const writes = privilegeLevel === undefined ? 1 : 2;
    const tee = await entry.tee();
    const certificateTable = tee === "snp" ? await entry.read("auxblob", MAX_BLOB_BYTES) : new Uint8Array();
    const bytes = await entry.read("outblob", MAX_BLOB_BYTES);
    const after = await entry.generation();
    if (after === before + writes) return { tee, bytes, certificateTable };
    const fact = `its generation is ${after}, want ${before + writes}: somebody else wrote to it`;
    throw new ContrastError("issuer/disturbed", `Cannot use the TSM report: ${fact}`);
  });
}

/**
 * The kind of evidence that the directory makes.
 *
 * @throws ContrastError as `readTsmReport`; undefined where there is no such directory
 */
export async function readTsmTee(
  directory: TsmDirectory,
  signal: AbortSignal,
): Promise<RawEvidence["tee"] | undefined> {
  try {
    return await inEntry(directory, signal, (entry) => entry.tee());
  } catch (error) {
    if (error instanceof ContrastError && error.details["errno"] === "ENOENT") return undefined;
    throw error;
  }
}

interface TsmEntry {
  write(attribute: TsmAttribute, bytes: Uint8Array): Promise<void>;
  read(attribute: TsmAttribute, maxBytes: number): Promise<Uint8Array>;
  generation(): Promise<number>;
  tee(): Promise<RawEvidence["tee"]>;
}

async function inEntry<T>(
  directory: TsmDirectory,
  signal: AbortSignal,
  use: (entry: TsmEntry) => Promise<T>,
): Promise<T> {
  const name = `contrast-${randomHex(16)}`;
  const step = async <R>(action: string, run: () => Promise<R>): Promise<R> => {
    if (signal.aborted) throw new ContrastError("lib/interrupted", `${action}: interrupted`, { cause: signal.reason });
    try {
      return await run();
    } catch (error) {
      throw error instanceof ContrastError ? error : kernelError(action, errnoNameOf(error), error);
    }
  };
  await step(`Cannot make an entry in ${directory.path}`, () => directory.makeEntry(name));
  try {
    return await use(entryOf(directory, name, step));
  } finally {
    // An entry that cannot be removed stays until the next start of the machine; the report is good all the same.
    await directory.removeEntry(name).catch(() => {});
  }
}

function entryOf(
  directory: TsmDirectory,
  name: string,
  step: <R>(action: string, run: () => Promise<R>) => Promise<R>,
): TsmEntry {
  const read = (attribute: TsmAttribute, maxBytes: number): Promise<Uint8Array> =>
    step(`Cannot read "${attribute}" of the TSM report`, () => directory.read(name, attribute, maxBytes));
  const text = async (attribute: TsmAttribute): Promise<string> =>
    new TextDecoder("latin1").decode(await read(attribute, MAX_TEXT_BYTES)).replace(/\n$/, "");
  return {
    read,
    write: (attribute, bytes) =>
      step(`Cannot write "${attribute}" of the TSM report`, () => directory.write(name, attribute, bytes)),
    generation: async () => {
      const value = await text("generation");
      if (/^\d{1,15}$/.test(value)) return Number(value);
      throw new ContrastError("issuer/report-malformed", `Cannot read "generation": got ${JSON.stringify(value)}`);
    },
    tee: async () => {
      const provider = await text("provider");
      const tee = TEES.get(provider);
      if (tee !== undefined) return tee;
      const fact = `its provider is ${JSON.stringify(provider)}, want sev_guest or tdx_guest`;
      throw new ContrastError("issuer/provider-unsupported", `Cannot use ${directory.path}: ${fact}`);
    },
  };
}
