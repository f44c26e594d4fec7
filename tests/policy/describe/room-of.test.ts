import { describe, expect, test } from "bun:test";
import { isHostChosen, roomOf } from "../../../src/policy/describe/room-of.ts";
import { rulesText } from "../../../src/policy/rules-text.ts";

describe("roomOf()", () => {
  test.each([
    ["plain", true, "fixed"],
    ["$(NAME)", true, "fixed"],
    ["$(default_caps)", true, "fixed"],
    ["http://$(pod-ip):80", true, "pattern"],
    ["$(node-name)", true, "pattern"],
    ["$(node-name)", false, "any"],
    ["$(pod-ip)", false, "pattern"],
    ["$(todo-annotation)", true, "any"],
  ] as const)("takes %j (own rules: %p) for %s", (text, isEmbedded, room) => {
    expect(roomOf(text, isEmbedded).room).toBe(room);
  });
  test("knows every placeholder that the rules fill in with a form", () => {
    const [, table = ""] = /^process_tokens := \{\n(.*?)\n\}/ms.exec(rulesText()) ?? [];
    const names = [...table.matchAll(/^\t"([a-z-]+)":/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(8);
    expect(names.filter((name) => roomOf(`$(${name})`, true).room === "fixed")).toEqual([]);
  });
});

describe("isHostChosen()", () => {
  test("leaves out what other checks settle", () => {
    expect(["$(pod-ip)", "$(sandbox-name)", "$(bundle-id)", "x$(resource-field)"].map(isHostChosen)).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });
});
