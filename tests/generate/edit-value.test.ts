import { describe, expect, test } from "bun:test";
import { keepEqualParts, replaceAt, withMember, withoutMember } from "../../src/generate/edit-value.ts";

describe("withMember()", () => {
  test("returns the same map when nothing changes", () => {
    const map = { a: { b: [1] } };
    expect(withMember(map, "a", { b: [1] })).toBe(map);
  });

  test("puts a new key into ascending order where there is one, else to the end", () => {
    expect(Object.keys(withMember({ a: 1, c: 1 }, "b", 2))).toEqual(["a", "b", "c"]);
    expect(Object.keys(withMember({ c: 1, a: 1 }, "b", 2))).toEqual(["c", "a", "b"]);
    expect(Object.keys(withMember({ a: 1 }, "b", 2))).toEqual(["a", "b"]);
    expect(Object.keys(withMember({ c: 1, a: 1 }, "a", 2))).toEqual(["c", "a"]);
  });

  test("sets and removes __proto__ as an own key", () => {
    const map = withMember({ a: 1 }, "__proto__", { polluted: true });
    expect(Object.keys(map)).toEqual(["__proto__", "a"]);
    expect(Object.getPrototypeOf(map)).toBe(Object.prototype);
    expect(withoutMember(map, "__proto__")).toEqual({ a: 1 });
  });
});

describe("withoutMember()", () => {
  test("returns the same map when the member is not there", () => {
    const map = { a: 1 };
    expect(withoutMember(map, "toString")).toBe(map);
  });
});

describe("replaceAt()", () => {
  test("copies only the maps on the way", () => {
    const object = { a: { b: { c: 1 } }, d: {} };
    const changed = replaceAt(object, ["a", "b", "c"], 2);
    expect(changed).toEqual({ a: { b: { c: 2 } }, d: {} });
    expect(changed["d"]).toBe(object.d);
    expect(object.a.b.c).toBe(1);
    expect(replaceAt(object, ["a"], object.a)).toBe(object);
  });
});

describe("keepEqualParts()", () => {
  test("stays quick on long lists in which everything changed", () => {
    const list = (value: number) =>
      Array.from({ length: 20_000 }, (_, index) => ({ name: `n${index}`, value, same: [index] }));
    const before = { list: list(1) };
    const after = keepEqualParts(before, { list: list(2).toReversed() }) as typeof before;
    expect(after.list[0]).toEqual({ name: "n19999", value: 2, same: [19_999] });
    expect(after.list[0]!.same).toBe(before.list[19_999]!.same);
  });

  test("takes over equal parts of the old value", () => {
    const before = { list: [{ name: "a" }, { name: "b" }], map: { x: [1] } };
    expect(keepEqualParts(before, { map: { x: [1] }, list: [{ name: "a" }, { name: "b" }] })).toBe(before);
    const after = keepEqualParts(before, { list: [{ name: "new" }, { name: "a" }], map: { x: [1] } });
    expect(after).toEqual({ list: [{ name: "new" }, { name: "a" }], map: { x: [1] } });
    expect((after as typeof before).list[1]).toBe(before.list[0]!);
    expect((after as typeof before).map).toBe(before.map);
  });
});
