import { describe, expect, test } from "bun:test";
import { cacheDirectory } from "../../src/lib/cache-directory.ts";

describe("cacheDirectory()", () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ["linux", { CONTRAST_CACHE_DIR: "/own", HOME: "/h", XDG_CACHE_HOME: "/x" }, "/own"],
    ["linux", { CONTRAST_CACHE_DIR: "", HOME: "/h", XDG_CACHE_HOME: "/x" }, "/x/contrast"],
    ["linux", { HOME: "/h" }, "/h/.cache/contrast"],
    ["linux", { HOME: "" }, undefined],
    ["linux", {}, undefined],
    ["darwin", { HOME: "/h", XDG_CACHE_HOME: "/x" }, "/h/Library/Caches/contrast"],
    ["darwin", {}, undefined],
    ["win32", { LocalAppData: "/l" }, "/l/contrast"],
    ["win32", { HOME: "/h" }, undefined],
  ])("gives on %s for %j the directory %s", (system, env, expected) => {
    expect(cacheDirectory(env, system)).toBe(expected);
  });
});
