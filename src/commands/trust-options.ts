import { type TrustRoots, embeddedTrustRoots, insecureTrustRoots } from "../attestation/trust-roots.ts";
import { readBytes } from "../lib/files.ts";
import { parseInstant, renderInstant } from "../lib/instant.ts";
import type { ParsedFlags } from "../terminal/command-definition.ts";
import type { Io } from "../terminal/io.ts";
import { UsageError } from "../terminal/usage-error.ts";

/** What the flags of `TRUST_FLAGS` mean for one run. */
export interface TrustOptions {
  /** The time at which validity is judged. */
  readonly at: Date;
  readonly roots: TrustRoots;
}

const MAX_ROOTS_BYTES = 1024 * 1024;

/**
 * The time and the roots by which a command judges. Roots of a file are warned of every time.
 *
 * @throws UsageError `terminal/invalid-argument`; ContrastError `attestation/trust-roots-invalid` and those of the file
 */
export async function trustOptionsOf(flags: ParsedFlags, io: Io): Promise<TrustOptions> {
  return { at: timeOf(flags.string("at"), io), roots: await rootsOf(flags.string("insecure-trust-roots"), io) };
}

/**
 * Says loudly that a live Coordinator is not judged by the present: at an earlier time, what was withdrawn or expired
 * since then still counts.
 */
export function warnOfChosenTime(flags: ParsedFlags, { at }: Pick<TrustOptions, "at">, io: Io): void {
  if (flags.string("at") === "") return;
  const clock = renderInstant(io.now());
  io.err(
    `WARNING: --at judges this live Coordinator as of ${renderInstant(at)}; the clock says ${clock}. What was revoked or expired in between is not noticed.`,
  );
}

function timeOf(text: string, io: Io): Date {
  const at = text === "" ? io.now() : parseInstant(text);
  if (at !== undefined) return at;
  throw new UsageError(
    "terminal/invalid-argument",
    `invalid argument ${JSON.stringify(text)} for "--at" flag: want a time such as 2026-01-31T12:00:00Z, or a date`,
  );
}

async function rootsOf(path: string, io: Io): Promise<TrustRoots> {
  if (path === "") return embeddedTrustRoots();
  const roots = insecureTrustRoots(await readBytes(path, "trust roots", MAX_ROOTS_BYTES), `trust roots "${path}"`);
  io.err(`WARNING: the roots in "${path}" replace those of the vendors. No result says anything about real hardware.`);
  return roots;
}
