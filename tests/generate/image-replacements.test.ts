import { describe, expect, test } from "bun:test";
import {
  bundledImages,
  embeddedImageReplacements,
  parseImageReplacements,
} from "../../src/generate/image-replacements.ts";
import { codeOf } from "../fakes/error-code.ts";

describe("parseImageReplacements()", () => {
  test("reads lines, skips comments and empty lines, the last line for an image wins", () => {
    const text = "# comment\n\na = b\r\n  c=d  \n \t \ne\t=\tf\na = z";
    expect([...parseImageReplacements(text, "images.txt")]).toEqual([
      ["a", "z"],
      ["c", "d"],
      ["e", "f"],
    ]);
  });

  test.each(["a", "a =", "= b", "a b = c", "a = b c", "a = b = c", "a == b", " # a = b"])(
    "rejects the line %j",
    (line) => {
      expect(codeOf(() => parseImageReplacements(line, "images.txt"))).toBe("generate/image-line-invalid");
    },
  );

  test("reports every bad line with its number", () => {
    expect(() => parseImageReplacements("x\na = b\ny", "images.txt")).toThrow(
      expect.objectContaining({
        problems: [expect.objectContaining({ file: "images.txt", line: 1 }), expect.objectContaining({ line: 3 })],
      }),
    );
  });

  test("stays quick on a huge line", () => {
    expect(codeOf(() => parseImageReplacements(" ".repeat(100_000) + "x", "images.txt"))).toBe(
      "generate/image-line-invalid",
    );
  });
});

describe("embeddedImageReplacements()", () => {
  test("maps the three images of the release to digests", () => {
    const table = embeddedImageReplacements();
    expect([...table.keys()]).toEqual(
      ["coordinator", "initializer", "service-mesh-proxy"].map((name) => `ghcr.io/edgelesssys/contrast/${name}:latest`),
    );
    for (const [image, replacement] of table) {
      expect(replacement).toMatch(/:v1\.4\.1@sha256:[0-9a-f]{64}$/);
      expect(replacement).toStartWith(image.replace("latest", "v"));
    }
    expect(bundledImages()).toEqual([...table.values()]);
  });
});
