import { describe, expect, test } from "bun:test";
import { MESH_ANNOTATIONS, MESH_OPTION_ANNOTATIONS, SIDECAR_VARIABLES } from "../../src/servicemesh/annotation-keys.ts";

describe("MESH_ANNOTATIONS", () => {
  test("are with MESH_OPTION_ANNOTATIONS all that a sidecar is told by variables, each once", () => {
    const known = [...MESH_ANNOTATIONS, ...MESH_OPTION_ANNOTATIONS];
    expect(known.toSorted()).toEqual(Object.keys(SIDECAR_VARIABLES).toSorted() as never);
  });
});
