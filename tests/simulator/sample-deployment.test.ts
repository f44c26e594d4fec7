import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { parseReferenceValuesByHandler } from "../../src/manifest/manifest-json.ts";
import { type ReferenceValues, runtimeMeasurements } from "../../src/manifest/schema.ts";
import type { SimulatedMachine } from "../../src/simulator/simulated-machine.ts";
import { testMachine } from "../fakes/simulated-machines.ts";

const PATH = join(import.meta.dir, "../../docs/examples/shop/reference-values.json");

/** What reference values say about guests. */
function measurementsOf({ snp, tdx }: ReferenceValues): readonly (readonly string[])[] {
  return [
    ...(snp ?? []).map(({ trustedMeasurement }) => [trustedMeasurement]),
    ...(tdx ?? []).map((entry) => [entry.mrTd, ...runtimeMeasurements(entry)]),
  ];
}

/** What the guests of a machine measure, by its own account. */
function measuredBy(machine: SimulatedMachine): readonly (readonly string[])[] {
  const text = JSON.stringify({ machine: machine.referenceValues() });
  const table = parseReferenceValuesByHandler(new TextEncoder().encode(text), "reference values of a machine");
  return [...table.values()].flatMap(measurementsOf);
}

describe("the sample deployment", () => {
  test("trusts the guest image that simulated machines measure", async () => {
    const table = parseReferenceValuesByHandler(await Bun.file(PATH).bytes(), PATH);
    expect(table.size).toBeGreaterThan(0);
    const trusted = [...table.values()].flatMap(measurementsOf);
    const machines = [await testMachine("snp-milan"), await testMachine("tdx")];
    expect(new Set(trusted.map(String))).toEqual(new Set(machines.flatMap(measuredBy).map(String)));
  });
});
