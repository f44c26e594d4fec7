import { describe, expect, test } from "bun:test";
import { checkLuksHeader } from "../../src/initializer/luks-header.ts";
import { codeOf } from "../fakes/error-code.ts";
import { luksMetadata, type PlainLuksMetadata } from "../fakes/luks-metadata.ts";

function check(change: (metadata: PlainLuksMetadata) => void): string {
  const metadata = luksMetadata();
  change(metadata);
  return codeOf(() => checkLuksHeader(JSON.stringify(metadata), "/dev/csi0"));
}

const ACCEPTED = "no error, returned undefined";

describe("checkLuksHeader()", () => {
  test("takes what cryptsetup makes, on sectors of either size and with any derivation", () => {
    expect(check(() => {})).toBe(ACCEPTED);
    expect(check(({ segments }) => (segments["0"]!["sector_size"] = 4096))).toBe(ACCEPTED);
    expect(check(({ keyslots }) => (keyslots["0"]!.kdf.type = "argon2id"))).toBe(ACCEPTED);
    expect(check((metadata) => (metadata.keyslots["1"] = structuredClone(metadata.keyslots["0"]!)))).toBe(ACCEPTED);
  });

  test.each<[string, (metadata: PlainLuksMetadata) => void]>([
    ["data in the clear", ({ segments }) => (segments["0"]!["encryption"] = "cipher_null-ecb")],
    ["another cipher", ({ segments }) => (segments["0"]!["encryption"] = "aes-ecb")],
    ["a linear segment", ({ segments }) => (segments["0"]!["type"] = "linear")],
    ["a second segment", ({ segments }) => (segments["1"] = structuredClone(segments["0"]!))],
    ["no segment", ({ segments }) => delete segments["0"]],
    ["integrity", ({ segments }) => (segments["0"]!["integrity"] = { type: "none" })],
    ["flags of a segment", ({ segments }) => (segments["0"]!["flags"] = ["in-reencryption"])],
    ["a key slot in the clear", ({ keyslots }) => (keyslots["0"]!.area.encryption = "cipher_null-ecb")],
    ["a short key of a key slot", ({ keyslots }) => (keyslots["0"]!.area.key_size = 16)],
    ["a short key", ({ keyslots }) => (keyslots["0"]!.key_size = 16)],
    ["a key slot of re-encryption", ({ keyslots }) => (keyslots["0"]!.type = "reencrypt")],
    ["another area", ({ keyslots }) => (keyslots["0"]!.area.type = "journal")],
    ["another derivation", ({ keyslots }) => (keyslots["0"]!.kdf.type = "none")],
    ["a second key slot in the clear", addNullSlot],
    ["a token", ({ tokens }) => (tokens["0"] = { type: "x", keyslots: ["0"] })],
    ["requirements", ({ config }) => (config["requirements"] = { mandatory: ["online-reencrypt"] })],
  ])("refuses %s", (_what, change) => {
    expect(check(change)).toBe("initializer/volume-untrusted");
  });

  test.each(["", "{", "[]", "null", '{"segments":{}}'])("refuses %p", (text) => {
    expect(codeOf(() => checkLuksHeader(text, "/dev/csi0"))).toBe("initializer/volume-untrusted");
  });
});

function addNullSlot({ keyslots }: PlainLuksMetadata): void {
  const slot = structuredClone(keyslots["0"]!);
  slot.area.encryption = "cipher_null-ecb";
  keyslots["1"] = slot;
}
