import { dirname, resolve } from "node:path";
import * as v from "valibot";
import type { EvidenceIssuer } from "../attestation/issuer.ts";
import { checkShape } from "../lib/check-shape.ts";
import { ContrastError, messageOf } from "../lib/errors.ts";
import { readText } from "../lib/files.ts";
import { parseJson } from "../lib/json.ts";
import { loadMachine } from "./machine.ts";
import type { SimulatedGuest } from "./simulated-machine.ts";

/** A guest, and where its machine is. */
export interface PlacedGuest {
  /** Directory of `saveMachine`. */
  readonly machine: string;
  readonly guest: SimulatedGuest;
}

const SCHEMA = "contrast.sandbox.guest/v1";
const MAX_FILE_BYTES = 16 * 1024;
const MAX_PATH_CHARACTERS = 4096;

const guestSchema = v.strictObject({
  schema: v.literal(SCHEMA),
  machine: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_PATH_CHARACTERS)),
  policyHash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  launchDigest: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{96}$/))),
  rtmrs: v.optional(v.pipe(v.array(v.pipe(v.string(), v.regex(/^[0-9a-f]{96}$/))), v.length(4))),
  endorsements: v.optional(v.boolean()),
});

/**
 * The text of a guest file.
 *
 * @param placed its machine relative to the directory of the file, or absolute
 */
export function encodeGuest({ machine, guest }: PlacedGuest): string {
  const { policyHash, launchDigest, rtmrs, endorsements } = guest;
  const members = {
    schema: SCHEMA,
    machine,
    policyHash: policyHash.toHex(),
    launchDigest: launchDigest?.toHex(),
    rtmrs: rtmrs?.map((rtmr) => rtmr.toHex()),
    endorsements,
  };
  return `${JSON.stringify(members, undefined, 2)}\n`;
}

/**
 * Reads a guest file.
 *
 * @returns its machine as an absolute path; a relative one in the file starts where the file is
 * @throws ContrastError `simulator/guest-invalid`, `lib/file-unreadable`, `lib/file-too-large`, `lib/text-not-utf8`
 */
export async function readGuest(path: string): Promise<PlacedGuest> {
  const what = `simulated guest "${path}"`;
  const text = await readText(path, "simulated guest", MAX_FILE_BYTES);
  const { machine, policyHash, launchDigest, rtmrs, endorsements } = checkShape(
    guestSchema,
    parseGuestJson(text, what),
    "simulator/guest-invalid",
    what,
  );
  return {
    machine: resolve(dirname(path), machine),
    guest: {
      policyHash: Uint8Array.fromHex(policyHash),
      launchDigest: launchDigest === undefined ? undefined : Uint8Array.fromHex(launchDigest),
      rtmrs: rtmrs?.map((rtmr) => Uint8Array.fromHex(rtmr)),
      endorsements,
    },
  };
}

/**
 * What makes evidence about the guest of a file.
 *
 * @param now for the revocation list that evidence may carry
 * @throws ContrastError as `readGuest` and `loadMachine`
 */
export async function openGuestIssuer(path: string, now: () => Date): Promise<EvidenceIssuer> {
  const { machine, guest } = await readGuest(path);
  const loaded = await loadMachine(machine);
  return loaded.issuer(guest, now);
}

function parseGuestJson(text: string, what: string): ReturnType<typeof parseJson> {
  try {
    return parseJson(text, what);
  } catch (error) {
    throw new ContrastError("simulator/guest-invalid", messageOf(error), { cause: error });
  }
}
