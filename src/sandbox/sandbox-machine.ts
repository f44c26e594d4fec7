import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ContrastError } from "../lib/errors.ts";
import { exists, writeFileAtomically } from "../lib/files.ts";
import { isPlaceholderMeasurement } from "../manifest/placeholder-measurement.ts";
import { type Manifest, runtimeMeasurements } from "../manifest/schema.ts";
import { encodeGuest } from "../simulator/guest.ts";
import { createMachine, loadMachine, saveMachine } from "../simulator/machine.ts";
import type { SimulatedMachine } from "../simulator/simulated-machine.ts";
import { COORDINATOR_NAME, guestPath } from "./role-commands.ts";
import type { SandboxDirectory } from "./sandbox-directory.ts";
import type { SandboxRecord } from "./sandbox-record.ts";

const RTMR_COUNT = 4;

/** The machine that a manifest is for. */
export interface WantedMachine {
  readonly platform: SandboxRecord["platform"];
  /** What the guests are to measure, 48 bytes; undefined where the manifest does not say. */
  readonly launchDigest: Uint8Array | undefined;
  /** What TDX guests are to measure while they run, four times 48 bytes; undefined where the manifest does not say. */
  readonly rtmrs?: readonly Uint8Array[] | undefined;
}

/**
 * Chooses the machine by the first entry of the manifest's reference values.
 *
 * @param what such as `manifest "manifest.json"`
 * @throws ContrastError `sandbox/platform-unknown`
 */
export function wantedMachine({ referenceValues }: Manifest, what: string): WantedMachine {
  const [snp] = referenceValues.snp ?? [];
  const [tdx] = referenceValues.tdx ?? [];
  if (snp !== undefined) {
    const platform = ({ Milan: "snp-milan", Genoa: "snp-genoa" } as const)[snp.productName];
    if (platform !== undefined) return { platform, launchDigest: digestOf(snp.trustedMeasurement) };
    throw unknownPlatform(`${what} names the product "${snp.productName}", and only Milan and Genoa can be simulated`);
  }
  if (tdx !== undefined) {
    const rtmrs = runtimeMeasurements(tdx).flatMap((hex) => digestOf(hex) ?? []);
    return {
      platform: "tdx",
      launchDigest: digestOf(tdx.mrTd),
      rtmrs: rtmrs.length === RTMR_COUNT ? rtmrs : undefined,
    };
  }
  throw unknownPlatform(`${what} has no reference values`);
}

/**
 * Takes the machine of the sandbox, or makes one, and writes the roots that stand for it.
 *
 * @throws ContrastError `sandbox/machine-differs`, `simulator/machine-invalid`
 */
export async function prepareMachine(
  directory: SandboxDirectory,
  { platform }: WantedMachine,
  now: Date,
): Promise<SimulatedMachine> {
  const isThere = await exists(join(directory.machine, "machine.json"));
  const machine = isThere ? await loadMachine(directory.machine) : await createMachine(platform, now);
  if (machine.platform !== platform) {
    throw new ContrastError(
      "sandbox/machine-differs",
      `Cannot use the machine in "${directory.path}": got ${machine.platform}, the manifest is for ${platform}`,
      { hint: 'Remove the sandbox with "contrast sandbox down --delete", or choose another place with --directory.' },
    );
  }
  if (!isThere) await saveMachine(machine, directory.machine);
  await writeFileAtomically(directory.roots, machine.rootsPem);
  return machine;
}

/** Writes a guest file for each process; those of an earlier run go. */
export async function writeGuests(
  directory: SandboxDirectory,
  { coordinator, workloads }: Pick<SandboxRecord, "coordinator" | "workloads">,
  { launchDigest, rtmrs }: Pick<WantedMachine, "launchDigest" | "rtmrs">,
): Promise<void> {
  await rm(directory.guests, { recursive: true, force: true });
  await mkdir(directory.guests, { mode: 0o700 });
  const guests = [{ id: COORDINATOR_NAME, ...coordinator }, ...workloads];
  for (const { id, policyHash } of guests) {
    const guest = {
      policyHash: Uint8Array.fromHex(policyHash),
      launchDigest,
      rtmrs,
    };
    const text = encodeGuest({ machine: directory.machine, guest });
    await writeFileAtomically(guestPath(directory, id), text, { mode: 0o600 });
  }
}

/** A measurement of the manifest; one that is not filled in is none. */
function digestOf(hex: string): Uint8Array | undefined {
  return /^[0-9a-fA-F]{96}$/.test(hex) && !isPlaceholderMeasurement(hex) ? Uint8Array.fromHex(hex) : undefined;
}

function unknownPlatform(fact: string): ContrastError {
  return new ContrastError("sandbox/platform-unknown", `Cannot choose a machine: ${fact}`, {
    hint: 'Run "contrast generate" with --reference-values for the platform.',
  });
}
