import { describe, expect, test } from "bun:test";
import { ContrastError, inContext, messageChainOf, messageOf } from "../../src/lib/errors.ts";
import { ProblemsError } from "../../src/lib/problems.ts";

describe("inContext()", () => {
  test("keeps the code of the cause, and takes its own only where there is none", () => {
    const cause = new ContrastError("lib/file-unreadable", "Cannot read", { hint: "Look." });
    expect(inContext(cause, "Cannot load", "lib/internal")).toMatchObject({ code: "lib/file-unreadable", cause });
    expect(inContext(new TypeError("x"), "Cannot load", "lib/internal")).toMatchObject({ code: "lib/internal" });
  });
});

describe("messageOf()", () => {
  test.each([
    [new Error("broken"), "broken"],
    ["text", "text"],
    [undefined, "undefined"],
  ])("gives the text of %p", (thrown, expected) => {
    expect(messageOf(thrown)).toBe(expected);
  });
});

describe("messageChainOf()", () => {
  test("joins the messages outermost first and leaves out causes that are quoted", () => {
    const inner = new Error("no route to host");
    const quoting = new ContrastError("lib/network-unreachable", "cannot reach x: no route to host", { cause: inner });
    const outer = new ContrastError("lib/internal", "Cannot load image", { cause: quoting });
    expect(messageChainOf(outer)).toBe("Cannot load image: cannot reach x: no route to host");
  });

  test("leaves out how many problems there are, but goes on behind that", () => {
    const problems = new ProblemsError("Cannot read", [{ code: "lib/json-wrong-type", message: "got null" }]);
    expect(messageChainOf(problems)).toBe("Cannot read: 1 problem");
    const outer = new ContrastError("lib/internal", "Cannot use x: got null", { cause: problems });
    expect(messageChainOf(outer)).toBe("Cannot use x: got null");
    problems.cause = new Error("disk");
    expect(messageChainOf(outer)).toBe("Cannot use x: got null: disk");
  });
});
