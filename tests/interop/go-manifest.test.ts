import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import * as fc from "fast-check";
import { NO_UNKNOWN_FIELDS } from "../../src/lib/go-json/go-json-codec.ts";
import { encodeManifest, parseManifest } from "../../src/manifest/manifest-json.ts";
import type { Manifest } from "../../src/manifest/schema.ts";
import { goPeer } from "../fakes/go-peer.ts";
import { hasPrograms } from "../fakes/peers.ts";

const SEED = 20_260_301;

/** Answers of Go's encoding/json for each input: the manifest encoded again, or `error`. */
function askGo(inputs: readonly string[]): string[] {
  const program = goPeer(join(import.meta.dir, "go-manifest"));
  const lines = inputs.map((input) => `${Buffer.from(input).toString("base64")}\n`).join("");
  const run = spawnSync(program, { input: lines, maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(run.stderr.toString());
  return run.stdout
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => (line === "error" ? line : Buffer.from(line, "base64").toString()));
}

function askOurs(input: string): string {
  try {
    return encodeManifest(asVersion14(parseManifest(new TextEncoder().encode(input), "manifest")));
  } catch {
    return "error";
  }
}

/** Only the fields that Go's structures of version 1.4 have. */
function asVersion14(manifest: Manifest): Manifest {
  const unknown = NO_UNKNOWN_FIELDS;
  const { snp, tdx } = manifest.referenceValues;
  return {
    ...manifest,
    unknown,
    policies: new Map([...manifest.policies].map(([hash, entry]) => [hash, { ...entry, role: "", unknown }])),
    referenceValues: {
      unknown,
      snp:
        snp?.map((entry) => ({
          ...entry,
          unknown,
          minimumTcb: { ...entry.minimumTcb, unknown },
          guestPolicy: undefined,
          platformInfo: undefined,
          allowedChipIds: null,
        })) ?? null,
      tdx: tdx?.map((entry) => ({ ...entry, unknown, rtmrs: undefined })) ?? null,
    },
  };
}

/** JSON text with members in any order, any case, twice or unknown, and numbers as people write them. */
const jsonNumber = fc.constantFrom(
  "0",
  "-0",
  "1",
  "255",
  "255.5",
  "256",
  "-1",
  "1.9",
  "2e2",
  "2E+2",
  "1e-3",
  "1e400",
  "65535",
  "65536",
  "0.99",
);
const text = fc
  .oneof(
    fc.string({ unit: "binary", maxLength: 6 }),
    fc.constantFrom("a&b", "<>", "\u2028\u2029", "😀", "\u007f", "\b\f"),
  )
  .map((value) => JSON.stringify(value));
const escaped = fc.constantFrom(
  '"\\u0061\\/\\ud83d\\ude00"',
  '"\\ud800"',
  '"\\udc00x"',
  '"\\ud800\\u0041"',
  '"\\b\\f\\n"',
  '"\t"',
  '"\\x"',
);
const hex = fc.constantFrom('"aa"', '"AA"', '""', `"${"0f".repeat(48)}"`);
const wrong = fc.constantFrom("null", "{}", "[]", "true", '"x"', "7", "nul", "01", "[1,]");

const often = (usual: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: wrong });
const list = (element: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  often(fc.array(element, { maxLength: 5 }).map((items) => `[${items.join(", ")}]`));
const recase = (name: string): fc.Arbitrary<string> =>
  fc.constantFrom(
    name,
    name,
    name,
    name.toLowerCase(),
    name.toUpperCase(),
    name.replace(/s/gi, "\u017f"),
    name.replace(/k/gi, "\u212a"),
  );
const object = (fields: Record<string, fc.Arbitrary<string>>): fc.Arbitrary<string> => {
  const member = fc.oneof(
    ...Object.entries(fields).map(([name, value]) =>
      fc.tuple(
        recase(name).map((key) => JSON.stringify(key)),
        value,
      ),
    ),
    fc.tuple(text, fc.constantFrom("1e999", '[{"a":[]}]', '"\\u0000"')),
  );
  return often(
    fc
      .array(member, { maxLength: 9 })
      .map((members) => `{${members.map(([key, value]) => `${key}:${value}`).join(",\n ")}}`),
  );
};

const number = often(jsonNumber);
const string = often(fc.oneof(text, hex, escaped));
const tcb = object({ BootloaderVersion: number, TEEVersion: number, SNPVersion: number, MicrocodeVersion: number });
const snp = object({ MinimumTCB: tcb, ProductName: string, TrustedMeasurement: string });
const tdx = object({
  MrTd: string,
  Rtrms: list(string),
  MinimumQeSvn: number,
  MinimumPceSvn: number,
  MinimumTeeTcbSvn: string,
  MrSeam: string,
  TdAttributes: string,
  Xfam: string,
});
const policies = object({
  "": object({ SANs: list(string), WorkloadSecretID: string }),
  zz: object({ SANs: list(string) }),
});
const manifests = object({
  Policies: policies,
  ReferenceValues: object({ snp: list(snp), tdx: list(tdx) }),
  WorkloadOwnerKeyDigests: list(string),
  SeedshareOwnerPubKeys: list(string),
});

describe.if(hasPrograms("manifest against encoding/json", "go"))("parseManifest() and encodeManifest()", () => {
  test("agree with encoding/json on generated manifests", () => {
    const inputs = fc.sample(manifests, { seed: SEED, numRuns: 6000 }).filter((input) => !repeatsLists(input));
    const answers = askGo(inputs);
    let accepted = 0;
    for (const [index, input] of inputs.entries()) {
      const ours = askOurs(input);
      if (ours !== answers[index]) console.error(`seed ${SEED}, input ${index}: ${input}`);
      expect(ours).toBe(answers[index] ?? "no answer");
      if (ours !== "error") accepted++;
    }
    expect(inputs.length).toBeGreaterThan(2000);
    expect(accepted).toBeGreaterThan(1000);
    // The first build on a machine compiles Go's standard library too.
  }, 180_000);
});

/** A list that stands three times is decoded by Go into what a longer one left behind; nobody depends on that. */
function repeatsLists(input: string): boolean {
  const names = ["rtrms", "snp", "tdx", "sans", "workloadownerkeydigests", "seedshareownerpubkeys"];
  const plain = input.toLowerCase().replaceAll("\u017f", "s").replaceAll("\u212a", "k");
  return names.some((name) => plain.split(`"${name}":`).length > 3);
}
