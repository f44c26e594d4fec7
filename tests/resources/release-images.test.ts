import { describe, expect, test } from "bun:test";
import { createImageTable } from "../../src/resources/release-images.ts";

const NAME = "ghcr.io/edgelesssys/contrast/nydus-pull:latest";

describe("createImageTable()", () => {
  test("has the tag of the release for images that no table knows", () => {
    expect(createImageTable(new Map())("nydus-pull")).toBe("ghcr.io/edgelesssys/contrast/nydus-pull:v1.4.1");
  });

  test("takes the first table that knows an image", () => {
    const images = createImageTable(new Map([["other:latest", "x"]]), new Map([[NAME, "y"]]), new Map([[NAME, "z"]]));
    expect(images("nydus-pull")).toBe("y");
  });
});
