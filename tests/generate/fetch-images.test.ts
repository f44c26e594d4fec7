import { describe, expect, test } from "bun:test";
import { describedFailure, fetchImages } from "../../src/generate/fetch-images.ts";
import { ContrastError } from "../../src/lib/errors.ts";
import { Problems } from "../../src/lib/problems.ts";
import type { ImageProvider } from "../../src/oci/image.ts";

describe("fetchImages()", () => {
  test("tells failures in the order of the input, not of the answers", async () => {
    const turns = new Map<string, () => void>();
    const images: ImageProvider = {
      image: async (reference) => {
        await new Promise<void>((resolve) => turns.set(reference, resolve));
        throw new ContrastError("oci/image-not-found", `no ${reference}`, { hint: "Look again." });
      },
    };
    const places = new Map(["a", "b"].map((reference, line) => [reference, { file: "x.yaml", line }]));
    const problems = new Problems();
    const fetching = fetchImages(places, images, new AbortController().signal, problems);
    for (const reference of ["b", "a"]) turns.get(reference)?.();
    expect((await fetching).size).toBe(0);
    expect(problems.errors).toEqual([
      { code: "oci/image-not-found", message: "no a", hint: "Look again.", file: "x.yaml", line: 0 },
      { code: "oci/image-not-found", message: "no b", hint: "Look again.", file: "x.yaml", line: 1 },
    ]);
  });
});

describe("describedFailure()", () => {
  test("leaves out a cause that its context quotes", () => {
    const cause = new Error("connection refused");
    const inner = new ContrastError("oci/registry-unreachable", "cannot reach r: connection refused", { cause });
    const outer = new ContrastError("oci/registry-unreachable", "Cannot load image", { cause: inner });
    expect(describedFailure(outer).message).toBe("Cannot load image: cannot reach r: connection refused");
  });
});
