import { ContrastError } from "../../lib/errors.ts";
import { setTdxMeasurements } from "../../manifest/set-tdx-measurements.ts";
import { readFirmware } from "../../measure/read-firmware.ts";
import { measureTdx, type TdxMeasurement } from "../../measure/tdx/measure-tdx.ts";
import type { CommandImplementation, ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { choiceFlag } from "../choice-flag.ts";
import { tdxBootFlags } from "./tdx-boot-choice.ts";
import { type MeasuredTdx, measuredTdxJson } from "./tdx-json.ts";
import { eventLines, missingRegisters, registerLines } from "./tdx-lines.ts";
import { type PreparedManifest, prepareManifest } from "./write-measured.ts";
import { writtenLines } from "./written-lines.ts";

/** `contrast measure tdx`; its definition is in `measure-tdx-definition.ts`. */
export const measureTdxCommand: CommandImplementation = {
  async run({ flags }, io) {
    const order = choiceFlag(flags, "page-order", ["page", "section"]);
    const boot = await tdxBootFlags(flags);
    const firmware = await readFirmware(flags.string("firmware"));
    const measurement = measureTdx(firmware, order, boot);
    const prepared = await preparedManifest(flags, measurement, io);
    await prepared?.write();
    const result = { firmware, order, boot, measurement, listsEvents: flags.boolean("events"), prepared };
    if (io.format === "json") io.out(resultJson("measure-tdx", measuredTdxJson(result)));
    else printText(result, io);
  },
};

/** A manifest with only some of the registers would accept what nobody has looked at, so it is all or nothing. */
async function preparedManifest(
  flags: ParsedFlags,
  measurement: TdxMeasurement,
  io: Io,
): Promise<PreparedManifest | undefined> {
  if (!flags.isSet("write")) return undefined;
  const [rtmr0, rtmr1, rtmr2, rtmr3] = measurement.rtmrs;
  if (rtmr0 === undefined || rtmr1 === undefined || rtmr2 === undefined) {
    throw new ContrastError("measure/tdx-incomplete", "Cannot write the manifest: not all registers are known", {
      hint: missingRegisters(measurement),
    });
  }
  const mrtd = measurement.mrtd.toHex();
  const rtmrs = [rtmr0.toHex(), rtmr1.toHex(), rtmr2.toHex(), rtmr3.toHex()] as const;
  return await prepareManifest(flags.string("write"), (manifest) => setTdxMeasurements(manifest, mrtd, rtmrs), io);
}

function printText({ measurement, listsEvents, prepared }: MeasuredTdx, io: Io): void {
  for (const line of registerLines(measurement)) io.out(line);
  if (listsEvents) for (const line of eventLines(measurement.events)) io.out(line);
  if (prepared !== undefined) for (const line of writtenLines(prepared)) io.err(line);
}
