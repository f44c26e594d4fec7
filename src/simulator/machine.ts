import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { checkShape } from "../lib/check-shape.ts";
import { ContrastError, messageOf } from "../lib/errors.ts";
import { readText, stageFile, writeFileAtomically } from "../lib/files.ts";
import { parseJson } from "../lib/json.ts";
import { createSnpMachine } from "./amd/snp-machine.ts";
import { createSnpParts, parseSnpParts, savedSnpSchema, type SnpMachineProduct } from "./amd/snp-parts.ts";
import { createTdxMachine } from "./intel/tdx-machine.ts";
import { createTdxParts, parseTdxParts, savedTdxSchema } from "./intel/tdx-parts.ts";
import { machineWarning } from "./machine-warning.ts";
import type { SimulatedMachine, SimulatedPlatform } from "./simulated-machine.ts";

/** What may differ from what the vendors have. */
export interface MachineOptions {
  /** Of the keys of an AMD authority; 4096, as AMD's, where nothing is said. */
  readonly rsaBits?: number;
}

const SCHEMA = "contrast.sandbox.machine/v1";
const MACHINE_FILE = "machine.json";
const ROOTS_FILE = "roots.pem";
const WARNING_FILE = "WARNING.txt";

/** Four keys and certificates are below 20 KiB. */
const MAX_FILE_BYTES = 64 * 1024;
const AMD_RSA_BITS = 4096;
const PRODUCTS = { "snp-milan": "Milan", "snp-genoa": "Genoa" } as const satisfies Record<string, SnpMachineProduct>;

const machineSchema = v.variant("platform", [
  v.strictObject({
    schema: v.literal(SCHEMA),
    platform: v.picklist(["snp-milan", "snp-genoa"]),
    parts: savedSnpSchema,
  }),
  v.strictObject({ schema: v.literal(SCHEMA), platform: v.literal("tdx"), parts: savedTdxSchema }),
]);

/** Makes a machine with new keys and certificates; AMD's take about a second. */
export async function createMachine(
  platform: SimulatedPlatform,
  now: Date,
  { rsaBits = AMD_RSA_BITS }: MachineOptions = {},
): Promise<SimulatedMachine> {
  if (platform === "tdx") return createTdxMachine(platform, createTdxParts(now));
  const product = PRODUCTS[platform];
  return createSnpMachine(platform, product, await createSnpParts(product, now, rsaBits));
}

/**
 * Writes a machine into a directory that only its owner can enter, with its roots and a warning beside it. A machine
 * that is there already is not replaced.
 *
 * @throws ContrastError `lib/file-unwritable`
 */
export async function saveMachine(machine: SimulatedMachine, directory: string): Promise<void> {
  await makePrivateDirectory(directory);
  const { platform, rootsPem, saved } = machine;
  const text = JSON.stringify({ schema: SCHEMA, platform, parts: saved }, undefined, 2);
  const staged = await stageFile(join(directory, MACHINE_FILE), `${text}\n`, { mode: 0o600, exclusive: true });
  await staged.commit();
  await writeFileAtomically(join(directory, ROOTS_FILE), rootsPem);
  await writeFileAtomically(join(directory, WARNING_FILE), machineWarning(machine));
}

/**
 * Reads a machine that was saved.
 *
 * @throws ContrastError `simulator/machine-invalid`, `lib/file-unreadable`, `lib/file-too-large`
 */
export async function loadMachine(directory: string): Promise<SimulatedMachine> {
  const path = join(directory, MACHINE_FILE);
  const what = `simulated machine "${path}"`;
  const text = await readText(path, "simulated machine", MAX_FILE_BYTES);
  try {
    return machineOf(checkShape(machineSchema, parseJson(text, what), "simulator/machine-invalid", what));
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    throw new ContrastError("simulator/machine-invalid", `Cannot use ${what}: ${messageOf(error)}`, {
      cause: error,
      hint: "Remove the sandbox and make a new one: its evidence differs, so set the manifest again.",
      details: { path },
    });
  }
}

function machineOf(saved: v.InferOutput<typeof machineSchema>): SimulatedMachine {
  if (saved.platform === "tdx") return createTdxMachine(saved.platform, parseTdxParts(saved.parts));
  const product = PRODUCTS[saved.platform];
  return createSnpMachine(saved.platform, product, parseSnpParts(saved.parts, product));
}

async function makePrivateDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
  } catch (error) {
    throw new ContrastError("lib/file-unwritable", `Cannot make directory "${path}": ${messageOf(error)}`, {
      cause: error,
      details: { path },
    });
  }
}
