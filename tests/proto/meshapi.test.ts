import { describe, expect, test } from "bun:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { MeshAPI, NewMeshCertRequestSchema, NewMeshCertResponseSchema } from "../../src/proto/meshapi_pb.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

// Bytes of the specification, which has them from the original's messages.
describe("MeshAPI", () => {
  test("has the name and the method of Contrast 1.4", () => {
    expect([MeshAPI.typeName, ...MeshAPI.methods.map(({ name }) => name)]).toEqual(["meshapi.MeshAPI", "NewMeshCert"]);
  });

  test("writes NewMeshCertResponse", () => {
    const message = {
      MeshCACert: text("M"),
      CertChain: text("C"),
      RootCACert: text("R"),
      WorkloadSecret: Uint8Array.of(0xff),
    };
    const bytes = toBinary(NewMeshCertResponseSchema, create(NewMeshCertResponseSchema, message));
    expect(bytes.toHex()).toBe("0a014d1201431a01522201ff");
  });

  test("writes NewMeshCertRequest as nothing, and takes what versions before 1.0 sent in it", () => {
    expect(toBinary(NewMeshCertRequestSchema, create(NewMeshCertRequestSchema)).length).toBe(0);
    const old = Uint8Array.fromHex("0a03616263");
    expect(() => fromBinary(NewMeshCertRequestSchema, old)).not.toThrow();
  });
});
