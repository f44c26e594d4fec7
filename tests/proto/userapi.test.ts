import { describe, expect, test } from "bun:test";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  GetManifestsRequestSchema,
  GetManifestsResponseSchema,
  RecoverRequestSchema,
  SetManifestRequestSchema,
  SetManifestResponseSchema,
  UserAPI,
} from "../../src/proto/userapi_pb.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

// Bytes of the specification, which has them from the original's messages.
describe("UserAPI", () => {
  test("has the name and methods of Contrast 1.4", () => {
    expect(UserAPI.typeName).toBe("edgelesssys.contrast.userapi.UserAPI");
    expect(UserAPI.methods.map(({ name }) => name)).toEqual(["SetManifest", "GetManifests", "Recover"]);
  });

  test("writes SetManifestRequest", () => {
    const message = { Manifest: text('{"Policies":{}}'), Policies: [text("package agent_policy\n")] };
    const bytes = toBinary(SetManifestRequestSchema, create(SetManifestRequestSchema, message));
    expect(bytes.toHex()).toBe("0a0f7b22506f6c6963696573223a7b7d7d12157061636b616765206167656e745f706f6c6963790a");
  });

  test("writes SetManifestResponse with seed shares", () => {
    const SeedSharesDoc = {
      SeedShares: [{ PublicKey: "3082", EncryptedSeed: Uint8Array.of(1, 2, 3) }],
      salt: Uint8Array.of(0xaa, 0xbb),
    };
    const message = { RootCA: text("R"), MeshCA: text("M"), SeedSharesDoc };
    const bytes = toBinary(SetManifestResponseSchema, create(SetManifestResponseSchema, message));
    expect(bytes.toHex()).toBe("0a015212014d1a110a0b0a043330383212030102031202aabb");
  });

  test("writes RecoverRequest, and nothing of later versions", () => {
    const message = { Seed: Uint8Array.of(1, 2), Salt: Uint8Array.of(3, 4) };
    const bytes = toBinary(RecoverRequestSchema, create(RecoverRequestSchema, message));
    expect(bytes.toHex()).toBe("0a02010212020304");
  });

  test("writes empty messages as nothing", () => {
    expect(toBinary(GetManifestsRequestSchema, create(GetManifestsRequestSchema)).length).toBe(0);
    expect(toBinary(GetManifestsResponseSchema, create(GetManifestsResponseSchema)).length).toBe(0);
  });
});
