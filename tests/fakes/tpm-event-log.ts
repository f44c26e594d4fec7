/** One event of the log that firmware keeps for a TPM. */
export interface TpmEvent {
  readonly pcr: number;
  readonly type: number;
  /** 96 hexadecimal digits. */
  readonly sha384: string;
}

const SHA384 = 0x0c;
/** Bytes of digests by the number of their algorithm. */
const DIGEST_BYTES: Readonly<Record<number, number>> = { 4: 20, 11: 32, 12: 48, 13: 64 };

/** Reads a log as Linux shows it in `binary_bios_measurements` (TCG PC Client, crypto-agile). */
export function parseTpmEventLog(log: Uint8Array): readonly TpmEvent[] {
  const view = new DataView(log.buffer, log.byteOffset, log.byteLength);
  const events: TpmEvent[] = [];
  // The first event has the old form, and says which digests the others have.
  let at = 32 + view.getUint32(28, true);
  while (at < log.length) {
    const [pcr, type, count] = [view.getUint32(at, true), view.getUint32(at + 4, true), view.getUint32(at + 8, true)];
    at += 12;
    let sha384 = "";
    for (let index = 0; index < count; index += 1) {
      const algorithm = view.getUint16(at, true);
      const size = DIGEST_BYTES[algorithm];
      if (size === undefined) throw new Error(`digest of unknown kind ${algorithm}`);
      if (algorithm === SHA384) sha384 = log.subarray(at + 2, at + 2 + size).toHex();
      at += 2 + size;
    }
    events.push({ pcr, type, sha384 });
    at += 4 + view.getUint32(at, true);
  }
  return events;
}
