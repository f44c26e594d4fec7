import { describe, expect, test } from "bun:test";
import { messageOf } from "../../src/lib/errors.ts";

describe("messageOf()", () => {
  test.each([
    ["ENOENT: no such file or directory, stat 'a, b'", "no such file or directory"],
    ["EACCES: permission denied, open '/x'", "permission denied"],
    ["EISDIR: illegal operation on a directory, read", "illegal operation on a directory"],
    ["getaddrinfo ENOTFOUND registry.example", "getaddrinfo ENOTFOUND registry.example"],
    ["Cannot read x: EACCES: permission denied, open 'x'", "Cannot read x: EACCES: permission denied, open 'x'"],
  ])("reads %j as %j", (message, expected) => {
    expect(messageOf(new Error(message))).toBe(expected);
  });

  test("takes whatever is thrown", () => {
    expect(messageOf("text")).toBe("text");
  });
});
