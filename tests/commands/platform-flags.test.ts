import { describe, expect, test } from "bun:test";
import { PLATFORM_NAMES } from "../../src/commands/platform-flags.ts";
import { PLATFORMS } from "../../src/manifest/platforms.ts";

describe("PLATFORM_NAMES", () => {
  test("has every platform in the order of listings", () => {
    expect(PLATFORM_NAMES).toEqual(PLATFORMS.map(({ name }) => name));
  });
});
