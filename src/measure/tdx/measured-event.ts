import { SHA384_BYTES, sha384Of } from "./sha384-of.ts";

/** A register that software of the guest extends: RTMR0 firmware configuration, 1 boot, 2 what the kernel gets. */
export type RuntimeRegister = 0 | 1 | 2;

/** One extension of a register, in the order in which the guest makes them. */
export interface MeasuredEvent {
  readonly register: RuntimeRegister;
  /** As the event log of the guest names it, such as `EV_SEPARATOR`. */
  readonly type: string;
  /** What is measured, in words. */
  readonly what: string;
  /** What the 48 bytes of `digest` are the hash of, in words. */
  readonly digestOf: string;
  readonly digest: Uint8Array;
}

/** The event whose digest is SHA-384 of the given bytes. */
export function hashedEvent(event: Omit<MeasuredEvent, "digest">, ...data: readonly Uint8Array[]): MeasuredEvent {
  return { ...event, digest: sha384Of(...data) };
}

/**
 * The value of a register after its events: it starts as 48 zeros, and each event makes it SHA-384 of itself and the
 * digest of the event.
 *
 * @see Intel TDX Module ABI, TDG.MR.RTMR.EXTEND
 */
export function replayRegister(events: readonly MeasuredEvent[], register: RuntimeRegister): Uint8Array {
  return events
    .filter((event) => event.register === register)
    .reduce<Uint8Array>((value, { digest }) => sha384Of(value, digest), new Uint8Array(SHA384_BYTES));
}
