import { sha256Hex } from "../../lib/digest.ts";
import { setSnpMeasurements } from "../../manifest/set-snp-measurements.ts";
import { readFirmware } from "../../measure/read-firmware.ts";
import { LAUNCH_DIGEST_BYTES } from "../../measure/snp/launch-digest.ts";
import { measureSnpLaunch, type SnpLaunch } from "../../measure/snp/measure-launch.ts";
import { VMMS } from "../../measure/snp/vmm.ts";
import type { CommandImplementation, ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { UsageError } from "../../terminal/usage-error.ts";
import { choiceFlag } from "../choice-flag.ts";
import { hexFlag } from "../hex-flag.ts";
import { numberFlag } from "../number-flag.ts";
import { idBlockMaker } from "./id-block-maker.ts";
import { measuredKernel } from "./measured-kernel.ts";
import { missingFlag } from "./missing-flag.ts";
import { measuredDigestLines, stageLines } from "./snp-lines.ts";
import { type MeasuredSnp, measuredSnpJson } from "./snp-json.ts";
import { parseVcpuCounts } from "./vcpu-counts.ts";
import { type VcpuChoice, vcpuChoice } from "./vcpu-choice.ts";
import { type PreparedManifest, prepareManifest } from "./write-measured.ts";
import { writtenLines } from "./written-lines.ts";

const PRODUCTS = ["Milan", "Genoa"] as const;

/** `contrast measure snp`; its definition is in `measure-snp-definition.ts`. */
export const measureSnpCommand: CommandImplementation = {
  async run({ flags }, io) {
    const vmm = choiceFlag(flags, "vmm", VMMS);
    const vcpu = vcpuChoice(flags, vmm);
    const vcpuCounts = parseVcpuCounts(flags.string("vcpus"));
    const guestFeatures = guestFeaturesOf(flags);
    const firmwareDigest = hexFlag(flags, "firmware-digest", LAUNCH_DIGEST_BYTES);
    const product = productOf(flags);
    const makeIdBlock = await idBlockMaker(flags);
    const firmware = await readFirmware(flags.string("firmware"));
    const kernel = await measuredKernel(flags);
    const launch: SnpLaunch = {
      firmware,
      firmwareDigest,
      hashes: kernel?.hashes,
      vmm,
      vcpuSignature: vcpu.signature ?? 0,
      guestFeatures,
      vcpuCounts,
    };
    const { measurements, stages } = measureSnpLaunch(launch);
    warnOfOtherProduct(product, vcpu, io);
    const prepared = await preparedManifest(
      flags,
      product,
      measurements.map(({ digest }) => digest.toHex()),
      io,
    );
    const result: MeasuredSnp = {
      launch,
      firmwareSha256: sha256Hex(firmware.bytes),
      vcpu,
      kernel,
      stages,
      measurements: measurements.map((measurement) => ({
        ...measurement,
        idBlock: makeIdBlock?.(measurement.digest),
      })),
      written: prepared === undefined ? undefined : { path: prepared.path, set: prepared.set },
    };
    await prepared?.write();
    print(result, flags, io);
  },
};

function print(result: MeasuredSnp, flags: ParsedFlags, io: Io): void {
  if (io.format === "json") {
    io.out(resultJson("measure-snp", measuredSnpJson(result)));
    return;
  }
  if (flags.boolean("stages")) for (const line of stageLines(result)) io.out(line);
  for (const line of measuredDigestLines(result)) io.out(line);
  for (const line of result.written === undefined ? [] : writtenLines(result.written)) io.err(line);
}

/** Without bit 0, the guest would not be one of SEV-SNP, and nothing would report this digest. */
function guestFeaturesOf(flags: ParsedFlags): bigint {
  const features = numberFlag(flags, "guest-features", 2n ** 64n - 1n) ?? 0n;
  if ((features & 1n) === 1n) return features;
  throw new UsageError(
    "terminal/invalid-argument",
    `invalid argument "${flags.string("guest-features")}" for "--guest-features" flag: bit 0 must be set, it is SEV-SNP`,
  );
}

function productOf(flags: ParsedFlags): string | undefined {
  if (flags.isSet("product")) return choiceFlag(flags, "product", PRODUCTS);
  if (!flags.isSet("write")) return undefined;
  throw missingFlag("product", "write", `--product takes one of ${PRODUCTS.join(", ")}.`);
}

async function preparedManifest(
  flags: ParsedFlags,
  product: string | undefined,
  digestsHex: readonly string[],
  io: Io,
): Promise<PreparedManifest | undefined> {
  if (product === undefined || !flags.isSet("write")) return undefined;
  return await prepareManifest(
    flags.string("write"),
    (manifest) => setSnpMeasurements(manifest, product, digestsHex),
    io,
  );
}

/** EPYC-Genoa runs on Milan too, so this is no error; but then it is seldom what was meant. */
function warnOfOtherProduct(product: string | undefined, { type }: VcpuChoice, io: Io): void {
  const other = PRODUCTS.find((name) => name !== product && type?.startsWith(`EPYC-${name}`) === true);
  if (product === undefined || other === undefined) return;
  io.err(`Warning: processors of type ${type ?? ""} for entries of ${product}: check that the nodes start guests so.`);
}
