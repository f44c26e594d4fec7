import { describe, expect, test } from "bun:test";
import { imagesOf } from "../../src/resources/resource-images.ts";

describe("imagesOf()", () => {
  test("lists each image once, and whether it can be exchanged", () => {
    const digest = `registry.example/a@sha256:${"0".repeat(64)}`;
    const objects = [
      { spec: { containers: [{ image: digest }, { image: "registry.example/b:1" }] } },
      { spec: { template: { spec: { initContainers: [{ image: digest }] } } } },
    ];
    expect(imagesOf(objects)).toEqual([
      { image: digest, isPinned: true },
      { image: "registry.example/b:1", isPinned: false },
    ]);
  });
});
