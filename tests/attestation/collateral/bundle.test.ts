import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { CollateralItem } from "../../../src/attestation/collateral-need.ts";
import { parseBundle, readBundle } from "../../../src/attestation/collateral/bundle-read.ts";
import { encodeBundle } from "../../../src/attestation/collateral/bundle-write.ts";
import { ContrastError } from "../../../src/lib/errors.ts";
import { sha256Hex } from "../../../src/lib/digest.ts";
import { readTarFiles } from "../../../src/lib/tar/read-tar-files.ts";
import { NEEDS, fakeItem, inspectFake } from "../../fakes/collateral-items.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { flipBit } from "../../fakes/mutations.ts";

const FETCHED = new Date("2026-01-02T12:00:00.000Z");
const DATES = { from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z" };
const VLEK = { kind: "amd-chain", product: "Genoa", signingKey: "VLEK" } as const;
const TURIN = {
  kind: "amd-vcek",
  product: "Turin",
  chipIdHex: "0123456789abcdef",
  tcb: { fmc: 1, bootloader: 2, tee: 3, snp: 4, microcode: 5 },
} as const;

const ITEMS = [...Object.values(NEEDS), VLEK, TURIN].map((need) => fakeItem(need, DATES, { fetchedAt: FETCHED }));
const INSPECTED = ITEMS.map((item) => ({ item, validity: inspectFake(item) }));
const ARCHIVE = encodeBundle(INSPECTED, "contrast v1");
const LIMITS = { maxFiles: 100, maxFileBytes: 100_000 };
const FILES = readTarFiles(ARCHIVE, "bundle", LIMITS);

interface Entry {
  url: string;
  path: string;
  sha256: string;
  headers: Record<string, string>;
}

interface Index {
  formatVersion: number;
  createdAt: string;
  tool: string;
  entries: Entry[];
}

function indexOf(files: ReadonlyMap<string, Uint8Array>): Index {
  return JSON.parse(new TextDecoder().decode(files.get("bundle.json"))) as Index;
}

/** The code for the sample bundle after a change; `edit` gets its files and its table of contents. */
function rejection(edit: (files: Map<string, Uint8Array>, index: Index, crl: Entry, tcb: Entry) => void): string {
  const files = new Map(FILES);
  const index = indexOf(files);
  const [crl, tcb] = ["snp/Milan/crl.der", "tdx/tcb/50806f000000.json"].map((path) =>
    index.entries.find((entry) => entry.path === path),
  );
  if (crl === undefined || tcb === undefined) throw new Error("the sample has no CRL");
  edit(files, index, crl, tcb);
  if (files.has("bundle.json")) files.set("bundle.json", new TextEncoder().encode(JSON.stringify(index)));
  return codeOf(() => parseBundle(files, "bundle"));
}

describe("encodeBundle()", () => {
  test("has the table of contents first, then all files in order", () => {
    expect([...FILES.keys()]).toEqual([
      "bundle.json",
      "snp/Genoa/vlek-cert_chain.pem",
      "snp/Milan/cert_chain.pem",
      "snp/Milan/crl.der",
      `snp/Milan/vcek/${"5c".repeat(64)}/3-0-8-209.der`,
      "snp/Turin/vcek/0123456789abcdef/1-2-3-4-5.der",
      "tdx/pckcrl-platform.der",
      "tdx/pckcrl-platform.issuer-chain.pem",
      "tdx/qe-identity.issuer-chain.pem",
      "tdx/qe-identity.json",
      "tdx/rootca.crl",
      "tdx/tcb/50806f000000.issuer-chain.pem",
      "tdx/tcb/50806f000000.json",
    ]);
  });

  test("says of each piece where it is from, what it is, and when it is valid", () => {
    const { formatVersion, createdAt, tool, entries } = indexOf(FILES);
    expect({ formatVersion, createdAt, tool }).toEqual({
      formatVersion: 1,
      createdAt: "2026-01-02T12:00:00.000Z",
      tool: "contrast v1",
    });
    expect(entries.find(({ path }) => path === "snp/Milan/crl.der")).toEqual({
      url: "https://kdsintf.amd.com/vcek/v1/Milan/crl",
      path: "snp/Milan/crl.der",
      sha256: sha256Hex(ITEMS[2]?.body ?? ""),
      fetchedAt: "2026-01-02T12:00:00.000Z",
      notBefore: "2026-01-01T00:00:00.000Z",
      notAfter: "2026-02-01T00:00:00.000Z",
      headers: {},
    } as Entry);
    const tcb = entries.find(({ path }) => path.startsWith("tdx/tcb/"));
    expect(tcb?.headers["tcb-info-issuer-chain"]).toStartWith("-----BEGIN%20CERTIFICATE-----%0A");
  });

  test("gives the same bytes for the same collateral in any order", () => {
    expect(encodeBundle(INSPECTED.toReversed(), "contrast v1")).toEqual(ARCHIVE);
  });

  test("takes its time from the objects where no fetch is known", () => {
    const one = fakeItem(NEEDS.crl, DATES);
    const bundle = encodeBundle([{ item: one, validity: inspectFake(one) }], "x");
    expect(indexOf(readTarFiles(bundle, "bundle", LIMITS)).createdAt).toBe("2026-01-01T00:00:00.000Z");
    expect(readBundle(bundle, "bundle")).toEqual([{ ...one, origin: "bundle" }]);
    expect(indexOf(readTarFiles(encodeBundle([], "x"), "bundle", LIMITS)).createdAt).toBe("1970-01-01T00:00:00.000Z");
  });
});

describe("readBundle()", () => {
  test("gives back what was bundled", () => {
    const read = readBundle(ARCHIVE, "bundle").toSorted((a, b) => (a.url < b.url ? -1 : 1));
    const written = ITEMS.map((item) => ({ ...item, origin: "bundle" as const }));
    expect(read).toEqual(written.toSorted((a, b) => (a.url < b.url ? -1 : 1)));
  });

  test("refuses every truncation and archives of something else", () => {
    for (let length = 0; length < ARCHIVE.length; length += 97) {
      expect(codeOf(() => readBundle(ARCHIVE.subarray(0, length), "bundle"))).toBe("lib/tar-invalid");
    }
  });
});

describe("readBundle() of changed archives", () => {
  test("refuses every flipped bit, unless it only changes what is said about time and tool", () => {
    const content = (items: readonly CollateralItem[]): unknown =>
      items.map(({ url, body, issuerChainPem }) => ({ url, body, issuerChainPem }));
    const sample = content(readBundle(ARCHIVE, "bundle"));
    const changes = { bit: fc.integer({ min: 0, max: ARCHIVE.length * 8 - 1 }) };
    fc.assert(
      fc.property(fc.record(changes), ({ bit }) => {
        try {
          expect(content(readBundle(flipBit(ARCHIVE, bit), "bundle"))).toEqual(sample);
        } catch (error) {
          if (!(error instanceof ContrastError)) throw error;
          expect(["lib/tar-invalid", "attestation/bundle-invalid"]).toContain(error.code);
        }
      }),
      { seed: 11, numRuns: 1500 },
    );
  });
});

describe("parseBundle()", () => {
  test("reads the sample", () => {
    expect(rejection(() => {})).toStartWith("no error");
  });

  test.each<readonly [string, Parameters<typeof rejection>[0]]>([
    ["no table of contents", (files) => files.delete("bundle.json")],
    ["another version", (_, index) => (index.formatVersion = 2)],
    ["a damaged time", (_, index) => (index.createdAt = "yesterday")],
    ["an unknown member", (_, index) => Object.assign(index, { extra: 1 })],
    ["an unknown member of an entry", (_, __, crl) => Object.assign(crl, { extra: 1 })],
    ["another digest", (_, __, crl) => (crl.sha256 = sha256Hex("other"))],
    ["a damaged digest", (_, __, crl) => (crl.sha256 = crl.sha256.toUpperCase())],
    ["other content", (files) => files.set("snp/Milan/crl.der", new TextEncoder().encode("other"))],
    ["a file that is missing", (files) => files.delete("snp/Milan/crl.der")],
    ["a file that is not listed", (files) => files.set("snp/Milan/extra", new Uint8Array())],
    ["an entry that is not listed", (_, index) => index.entries.pop()],
    ["an entry twice", (_, index, crl) => index.entries.push(crl)],
    ["an address of something else", (_, __, crl) => (crl.url = "https://kdsintf.amd.com/")],
    ["the address of another piece", (_, __, crl) => (crl.url = "https://kdsintf.amd.com/vcek/v1/Genoa/crl")],
    ["another place", (_, __, crl) => (crl.path = "snp/Genoa/crl.der")],
    ["a traversing place", (_, __, crl) => (crl.path = "../crl.der")],
    ["no issuer chain in the table", (_, __, ___, tcb) => (tcb.headers = {})],
    ["a damaged issuer chain in the table", (_, __, ___, tcb) => (tcb.headers = { "tcb-info-issuer-chain": "%" })],
    ["no file of an issuer chain", (files) => files.delete("tdx/tcb/50806f000000.issuer-chain.pem")],
    [
      "another issuer chain in the file",
      (files) => files.set("tdx/tcb/50806f000000.issuer-chain.pem", new TextEncoder().encode("other")),
    ],
    [
      "a body of 1 MiB and a byte",
      (files, _, crl) => {
        const body = new Uint8Array(1024 * 1024 + 1);
        files.set("snp/Milan/crl.der", body);
        crl.sha256 = sha256Hex(body);
      },
    ],
  ])("refuses %s", (_, edit) => {
    expect(rejection(edit)).toBe("attestation/bundle-invalid");
  });

  test("refuses a table of contents that is not JSON", () => {
    for (const text of ["", "{", "[]", "null", "[".repeat(100)]) {
      const files = new Map([["bundle.json", new TextEncoder().encode(text)]]);
      expect(codeOf(() => parseBundle(files, "bundle"))).toBe("attestation/bundle-invalid");
    }
    expect(codeOf(() => parseBundle(new Map([["bundle.json", Uint8Array.of(0xff)]]), "bundle"))).toBe(
      "attestation/bundle-invalid",
    );
  });
});
