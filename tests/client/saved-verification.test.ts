import { describe, expect, test } from "bun:test";
import { encodeSavedVerification, type SavedVerification } from "../../src/client/saved-verification.ts";
import { parseSavedVerification } from "../../src/client/read-saved-verification.ts";
import { sha256Hex } from "../../src/lib/digest.ts";
import { encodeTar, type TarFile } from "../../src/lib/tar/encode-tar.ts";
import { readTarFiles } from "../../src/lib/tar/read-tar-files.ts";
import { CoordinatorState } from "../fakes/coordinator-state.ts";
import { codeOf } from "../fakes/error-code.ts";
import { fakeItem, NEEDS } from "../fakes/collateral-items.ts";

const { rootCaPem, meshCaPem } = new CoordinatorState();
const hashed = (text: string) => {
  const bytes = new TextEncoder().encode(text);
  return { sha256: sha256Hex(bytes), bytes };
};
const SAVED: SavedVerification = {
  coordinator: "localhost:1313",
  checkedAt: new Date("2026-01-02T03:04:05.678Z"),
  at: new Date("2026-01-02T03:04:05.000Z"),
  nonce: new Uint8Array(32).fill(1),
  certificateDer: Uint8Array.of(1, 2, 3),
  presented: { oid: "1.3.9901.2.1", value: Uint8Array.of(4, 5) },
  policyHashes: [new Uint8Array(32).fill(2)],
  collateral: [
    fakeItem(NEEDS.vcek),
    fakeItem(NEEDS.tcbInfo, {}, { origin: "cache", fetchedAt: new Date("2026-01-01T00:00:00Z"), note: "answered 429" }),
  ],
  history: {
    manifests: [hashed("{}"), hashed("{ }")],
    policies: [hashed("b"), hashed("a")].toSorted((left, right) => (left.sha256 < right.sha256 ? -1 : 1)),
    rootCaPem,
    meshCaPem,
    latestTransition: new Uint8Array(32).fill(3),
  },
};
const ARCHIVE = encodeSavedVerification(SAVED);

function filesOf(archive: Uint8Array): TarFile[] {
  const files = readTarFiles(archive, "test", { maxFiles: 100, maxFileBytes: 1 << 20 });
  return [...files].map(([path, content]) => ({ path, content }));
}

/** The archive with another table of contents. */
function withIndex(change: (index: Record<string, unknown>) => void): Uint8Array {
  const files = filesOf(ARCHIVE).map(({ path, content }) => {
    if (path !== "verification.json") return { path, content };
    const index = JSON.parse(Buffer.from(content).toString());
    change(index);
    return { path, content: Buffer.from(JSON.stringify(index)) };
  });
  return encodeTar(files);
}

describe("encodeSavedVerification()", () => {
  test("gives the same bytes for the same content, whatever the order of the policies", () => {
    const history = { ...SAVED.history, policies: SAVED.history.policies.toReversed() };
    expect(Buffer.compare(encodeSavedVerification({ ...SAVED, history }), ARCHIVE)).toBe(0);
  });
});

describe("parseSavedVerification()", () => {
  test("reads what is written", () => {
    expect(parseSavedVerification(ARCHIVE, "saved")).toEqual(SAVED);
  });

  test("refuses the archive cut at any length", () => {
    for (let length = 0; length < ARCHIVE.length; length += length % 512 < 4 ? 1 : 37) {
      expect(codeOf(() => parseSavedVerification(ARCHIVE.subarray(0, length), "saved"))).toBe("client/saved-invalid");
    }
  });

  test("refuses every file that is missing, and one too many", () => {
    const files = filesOf(ARCHIVE);
    for (const { path } of files) {
      const archive = encodeTar(files.filter((file) => file.path !== path));
      expect(
        codeOf(() => parseSavedVerification(archive, "saved")),
        path,
      ).toBe("client/saved-invalid");
    }
    const more = encodeTar([...files, { path: "more", content: new Uint8Array() }]);
    expect(codeOf(() => parseSavedVerification(more, "saved"))).toBe("client/saved-invalid");
  });

  test("refuses a policy under the name of another hash", () => {
    const files = filesOf(ARCHIVE).map((file) =>
      file.path.startsWith("policies/") ? { ...file, content: Buffer.from("changed") } : file,
    );
    expect(codeOf(() => parseSavedVerification(encodeTar(files), "saved"))).toBe("client/saved-invalid");
  });

  test.each<[string, (index: Record<string, unknown>) => void]>([
    ["another schema", (index) => (index["schema"] = "contrast/saved-verification/v2")],
    ["a member too many", (index) => (index["more"] = 1)],
    ["a short nonce", (index) => (index["nonce"] = "00")],
    ["no expected policy", (index) => (index["policyHashes"] = [])],
    ["a time that does not exist", (index) => (index["at"] = "2026-02-30T00:00:00Z")],
    ["more manifests than files", (index) => (index["manifests"] = 1_000_000_000)],
    ["a negative number of manifests", (index) => (index["manifests"] = -1)],
    ["a transition of another length", (index) => (index["latestTransition"] = "00")],
    [
      "collateral from another host",
      (index) => ((index["collateral"] as { url: string }[])[0]!.url = "https://example.com/vcek"),
    ],
    ["a policy twice", (index) => (index["policies"] as string[]).push((index["policies"] as string[])[0]!)],
  ])("refuses a table of contents with %s", (_, change) => {
    const code = codeOf(() => parseSavedVerification(withIndex(change), "saved"));
    expect(code).toBe("client/saved-invalid");
  });
});
