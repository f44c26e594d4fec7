import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { renderReferenceValues } from "../../scripts/reference-values.ts";
import { expectedCoordinatorPolicy } from "../../src/manifest/coordinator-policy-defaults.ts";
import { encodeManifest } from "../../src/manifest/manifest-json.ts";
import { isPlaceholderMeasurement, PLACEHOLDER_MEASUREMENT } from "../../src/manifest/placeholder-measurement.ts";
import { parsePlatform, PLATFORMS } from "../../src/manifest/platforms.ts";
import {
  embeddedReferenceValues,
  parseReferenceValuesTable,
  platformDefaults,
} from "../../src/manifest/reference-values-table.ts";
import { defaultManifest } from "../../src/manifest/schema.ts";
import { validateManifest } from "../../src/manifest/validate-manifest.ts";
import { TDX_DEFAULTS } from "../fakes/manifests.ts";
import { codeOf } from "../fakes/error-code.ts";

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe("embeddedReferenceValues()", () => {
  test("is what scripts/reference-values.ts makes", () => {
    const committed = readFileSync(join(import.meta.dir, "../../src/manifest/reference-values.json"), "utf8");
    expect(committed).toBe(renderReferenceValues());
  });

  test("has one entry for each platform, with the lists of its TEE", () => {
    const table = embeddedReferenceValues();
    expect(table.size).toBe(PLATFORMS.length);
    for (const platform of PLATFORMS) {
      const { handler, referenceValues } = platformDefaults(table, platform);
      expect(handler).toStartWith(`contrast-cc-${platform.name}-`);
      const other = platform.tee === "snp" ? "tdx" : "snp";
      expect(referenceValues[other]).toBeNull();
      const products = referenceValues.snp?.map((entry) => entry.productName) ?? [];
      const wanted = platform.profile === "aks" ? ["Milan"] : ["Milan", "Genoa"];
      expect(products).toEqual(platform.tee === "snp" ? wanted : []);
    }
  });

  test("is complete for AKS and waits for the user's values elsewhere", () => {
    const missingOf = (name: string): (string | undefined)[] => {
      const { referenceValues } = platformDefaults(embeddedReferenceValues(), parsePlatform(name));
      const { errors, missing } = validateManifest(defaultManifest(referenceValues));
      expect(errors).toEqual([]);
      return missing.map(({ path }) => path);
    };
    expect(missingOf("aks-clh-snp")).toEqual([]);
    expect(missingOf("metal-qemu-snp")).toEqual(
      [0, 1].flatMap((index) => [
        `ReferenceValues.snp[${index}].MinimumTCB.BootloaderVersion`,
        `ReferenceValues.snp[${index}].MinimumTCB.TEEVersion`,
        `ReferenceValues.snp[${index}].MinimumTCB.SNPVersion`,
        `ReferenceValues.snp[${index}].MinimumTCB.MicrocodeVersion`,
        `ReferenceValues.snp[${index}].TrustedMeasurement`,
      ]),
    );
    expect(missingOf("rke2-qemu-tdx")).toEqual([
      "ReferenceValues.tdx[0].MrTd",
      "ReferenceValues.tdx[0].MinimumTeeTcbSvn",
      "ReferenceValues.tdx[0].MrSeam",
      ...[0, 1, 2, 3].map((index) => `ReferenceValues.tdx[0].Rtrms[${index}]`),
    ]);
  });

  test("gives new manifests the shape of version 1.4", () => {
    const { referenceValues } = platformDefaults(embeddedReferenceValues(), parsePlatform("k3s-qemu-tdx"));
    expect(JSON.parse(encodeManifest(defaultManifest(referenceValues)))).toEqual({
      Policies: {},
      ReferenceValues: {
        tdx: [TDX_DEFAULTS],
      },
      WorkloadOwnerKeyDigests: null,
      SeedshareOwnerPubKeys: null,
    });
  });
});

describe("parseReferenceValuesTable()", () => {
  const handler = "contrast-cc-k3s-qemu-snp-0123abcd";
  const platform = parsePlatform("k3s-qemu-snp");

  test("reads field names in any letter case", () => {
    const entry = { minimumTCB: { bootloaderVersion: 3 }, productName: "Milan", trustedMeasurement: "ab" };
    const { referenceValues } = platformDefaults(
      parseReferenceValuesTable(bytes({ [handler]: { snp: [entry] } }), "file"),
      platform,
    );
    expect(referenceValues.snp?.[0]).toMatchObject({
      minimumTcb: { bootloaderVersion: 3, teeVersion: null },
      trustedMeasurement: "ab",
    });
  });

  test("leaves out platforms that only later versions know", () => {
    const table = parseReferenceValuesTable(bytes({ "contrast-cc-metal-qemu-tdx-gpu-0123abcd": {} }), "file");
    expect(table.size).toBe(0);
    expect(codeOf(() => platformDefaults(table, platform))).toBe("manifest/platform-without-values");
  });

  test("rejects keys that are no handler names", () => {
    expect(codeOf(() => parseReferenceValuesTable(bytes({ "k3s-qemu-snp": {} }), "file"))).toBe(
      "manifest/handler-invalid",
    );
    expect(codeOf(() => parseReferenceValuesTable(bytes({ __proto__x: {} }), "file"))).toBe("manifest/handler-invalid");
  });

  test("rejects two handlers of one platform once it is asked for", () => {
    const table = parseReferenceValuesTable(bytes({ [handler]: {}, "contrast-cc-k3s-qemu-snp-00000000": {} }), "file");
    expect(codeOf(() => platformDefaults(table, platform))).toBe("manifest/handler-ambiguous");
  });

  test("rejects wrong types and texts that are not JSON", () => {
    expect(codeOf(() => parseReferenceValuesTable(bytes({ [handler]: { snp: {} } }), "file"))).toBe(
      "lib/json-wrong-type",
    );
    expect(codeOf(() => parseReferenceValuesTable(bytes([]), "file"))).toBe("lib/json-wrong-type");
    expect(codeOf(() => parseReferenceValuesTable(Uint8Array.of(0xff), "file"))).toBe("lib/text-not-utf8");
  });
});

describe("isPlaceholderMeasurement()", () => {
  test("knows the placeholder in either letter case only", () => {
    expect(isPlaceholderMeasurement(PLACEHOLDER_MEASUREMENT.toUpperCase())).toBe(true);
    expect(isPlaceholderMeasurement("00".repeat(48))).toBe(false);
  });
});

describe("expectedCoordinatorPolicy()", () => {
  test("is unknown in a build that released no Coordinator", () => {
    for (const platform of PLATFORMS) expect(expectedCoordinatorPolicy(platform)).toBeUndefined();
  });
});
