import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { NO_UNKNOWN_FIELDS } from "../../src/lib/go-json/go-json-codec.ts";
import { encodeManifest, parseManifest } from "../../src/manifest/manifest-json.ts";
import { defaultManifest, runtimeMeasurements } from "../../src/manifest/schema.ts";
import { codeOf } from "../fakes/error-code.ts";
import { aksManifestText } from "../fakes/manifests.ts";

const parse = (text: string) => parseManifest(new TextEncoder().encode(text), "manifest");
const NO_VALUES = { snp: null, tdx: null, unknown: NO_UNKNOWN_FIELDS };

describe("encodeManifest()", () => {
  test("writes the empty manifest of the test vectors", () => {
    expect(encodeManifest(defaultManifest(NO_VALUES))).toBe(
      [
        "{",
        '  "Policies": {},',
        '  "ReferenceValues": {},',
        '  "WorkloadOwnerKeyDigests": null,',
        '  "SeedshareOwnerPubKeys": null',
        "}",
        "",
      ].join("\n"),
    );
  });

  test("sorts policies by byte value and escapes HTML characters", () => {
    const entry = { sans: ["a&b"], workloadSecretId: "", role: "", unknown: NO_UNKNOWN_FIELDS };
    const policies = new Map(["\u{10000}", "\uffff", "b", "B"].map((hash) => [hash, entry] as const));
    const text = encodeManifest({ ...defaultManifest(NO_VALUES), policies });
    expect([...text.matchAll(/^ {4}"(.*)": \{$/gm)].map(([, key]) => key)).toEqual(["B", "b", "\uffff", "\u{10000}"]);
    expect(text).toContain('"a\\u0026b"');
  });

  test("reproduces a manifest of version 1.4 byte for byte", () => {
    expect(encodeManifest(parse(aksManifestText()))).toBe(aksManifestText());
  });
});

describe("parseManifest()", () => {
  test("matches names without regard to letter case, the last one wins", () => {
    const manifest = parse(
      '{"workloadownerKEYDigests":["a"],"WorkloadOwnerKeyDigests":["b"],"policies":{"x":{"sans":null}}}',
    );
    expect(manifest.workloadOwnerKeyDigests).toEqual(["b"]);
    expect(manifest.policies.get("x")?.sans).toBeNull();
  });

  test("keeps four of five registers and fills up missing ones", () => {
    const manifest = parse('{"ReferenceValues":{"tdx":[{"Rtrms":["1","2","3","4","5"]},{"Rtrms":["1"]}]}}');
    const registers = manifest.referenceValues.tdx?.map(runtimeMeasurements);
    expect(registers).toEqual([
      ["1", "2", "3", "4"],
      ["1", "", "", ""],
    ]);
  });

  test("reads both spellings of the registers and writes the one that it found", () => {
    for (const spelling of ["Rtrms", "Rtmrs"]) {
      const manifest = parse(`{"ReferenceValues":{"tdx":[{"${spelling}":["1","2","3","4"]}]}}`);
      expect(runtimeMeasurements(manifest.referenceValues.tdx![0]!)).toEqual(["1", "2", "3", "4"]);
      expect(encodeManifest(manifest).match(/Rt[rm]+s/g)).toEqual([spelling]);
    }
    expect(encodeManifest(parse('{"ReferenceValues":{"tdx":[{}]}}'))).toContain('"Rtrms": [');
  });

  test("cuts the fraction of a security version and rejects what does not fit", () => {
    const tcb = (literal: string): string => `{"ReferenceValues":{"snp":[{"MinimumTCB":{"SNPVersion":${literal}}}]}}`;
    const svn = (literal: string) => parse(tcb(literal)).referenceValues.snp?.[0]?.minimumTcb.snpVersion;
    expect(svn("8.9")).toBe(8);
    expect(svn("-0")).toBe(0);
    expect(svn("2e2")).toBe(200);
    expect(svn("null")).toBeNull();
    for (const literal of ["256", "255.5", "-1", "-0.5", "1e400"]) {
      expect(codeOf(() => parse(tcb(literal)))).toBe("lib/json-out-of-range");
    }
    expect(codeOf(() => parse('{"ReferenceValues":{"tdx":[{"MinimumQeSvn":1.0}]}}'))).toBe("lib/json-out-of-range");
    expect(codeOf(() => parse(tcb('"8"')))).toBe("lib/json-wrong-type");
  });

  test("keeps fields of later versions, known and unknown ones", () => {
    const text = [
      "{",
      '  "Policies": {',
      '    "ab": {',
      '      "SANs": [],',
      '      "Role": "coordinator",',
      '      "Later": 12345678901234567890',
      "    }",
      "  },",
      '  "ReferenceValues": {',
      '    "snp": [',
      "      {",
      '        "MinimumTCB": {',
      '          "BootloaderVersion": 1,',
      '          "TEEVersion": 2,',
      '          "SNPVersion": 3,',
      '          "MicrocodeVersion": 4',
      "        },",
      '        "ProductName": "Genoa",',
      '        "TrustedMeasurement": "",',
      '        "GuestPolicy": {',
      '          "ABIMinor": 31,',
      '          "ABIMajor": 1,',
      '          "SMT": true,',
      '          "MigrateMA": false,',
      '          "Debug": false,',
      '          "SingleSocket": false,',
      '          "CXLAllowed": true',
      "        },",
      '        "PlatformInfo": {',
      '          "SMTEnabled": true,',
      '          "TSMEEnabled": false,',
      '          "ECCEnabled": false,',
      '          "RAPLDisabled": false,',
      '          "CiphertextHidingDRAMEnabled": false,',
      '          "AliasCheckComplete": true',
      "        },",
      '        "AllowedChipIDs": [',
      '          "cc"',
      "        ],",
      '        "MinimumMitigationVector": 0',
      "      }",
      "    ]",
      "  },",
      '  "WorkloadOwnerKeyDigests": null,',
      '  "SeedshareOwnerPubKeys": [],',
      '  "__proto__": {',
      '    "polluted": true',
      "  }",
      "}",
      "",
    ].join("\n");
    expect(encodeManifest(parse(text))).toBe(text);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("reports every value of a wrong type with its path", () => {
    const text =
      '{"Policies":{"a":{"SANs":[1]}},"ReferenceValues":{"snp":[{"ProductName":[]}]},"SeedshareOwnerPubKeys":""}';
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: "lib/json-wrong-type",
        problems: [
          expect.objectContaining({ path: 'Policies["a"].SANs[0]' }),
          expect.objectContaining({ path: "ReferenceValues.snp[0].ProductName" }),
          expect.objectContaining({ path: "SeedshareOwnerPubKeys" }),
        ],
      }),
    );
  });

  test.each(["", "{} {}", "[1", '{"Policies":{}'])("rejects %j", (text) => {
    expect(codeOf(() => parse(text))).toBe("lib/json-invalid");
  });

  test("rejects bytes that are not UTF-8 and nesting without bound", () => {
    expect(codeOf(() => parseManifest(Uint8Array.of(0x7b, 0xff, 0x7d), "manifest"))).toBe("lib/text-not-utf8");
    expect(codeOf(() => parse(`{"x":${"[".repeat(100_000)}`))).toBe("lib/json-invalid");
  });

  test("survives a cut or a flipped bit anywhere: an error, or a manifest that encodes", () => {
    const bytes = new TextEncoder().encode(aksManifestText());
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (index, bit) => {
        const flipped = bytes.slice();
        flipped[index]! ^= 1 << bit;
        for (const input of [flipped, bytes.subarray(0, index)]) {
          const code = codeOf(() => encodeManifest(parseManifest(input, "manifest")));
          expect(code).toMatch(/^(?:lib\/|no error)/);
        }
      }),
      { seed: 99, numRuns: 500 },
    );
  });
});
