import { describe, expect, test } from "bun:test";
import { parseReferenceValuesByHandler } from "../../../src/manifest/manifest-json.ts";
import { PLATFORMS } from "../../../src/manifest/platforms.ts";
import { parseReferenceValuesTable, platformDefaults } from "../../../src/manifest/reference-values-table.ts";
import { callCommand } from "../../fakes/call-command.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { testMachine } from "../../fakes/simulated-machines.ts";

describe("contrast sandbox reference-values", () => {
  test("prints what the guests of simulated machines measure, for every platform and with no value left empty", async () => {
    const io = recordIo();
    await callCommand(["sandbox", "reference-values"], io);
    const table = parseReferenceValuesTable(new TextEncoder().encode(io.printed.join("\n")), "printed values");
    const own = {
      milan: await testMachine("snp-milan"),
      genoa: await testMachine("snp-genoa"),
      tdx: await testMachine("tdx"),
    };
    const machines = Object.fromEntries(
      Object.entries(own).map(([name, machine]) => [name, machine.referenceValues()]),
    );
    const byMachine = parseReferenceValuesByHandler(new TextEncoder().encode(JSON.stringify(machines)), "machines");
    for (const platform of PLATFORMS) {
      const { snp, tdx } = platformDefaults(table, platform).referenceValues;
      if (platform.tee === "tdx") expect(tdx).toEqual(byMachine.get("tdx")?.tdx ?? []);
      else expect(snp).toEqual(["milan", "genoa"].flatMap((name) => byMachine.get(name)?.snp ?? []));
    }
  });
});
