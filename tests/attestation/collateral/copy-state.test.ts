import { describe, expect, test } from "bun:test";
import { copyState, isValidAt, renderAge } from "../../../src/attestation/collateral/copy-state.ts";
import { NEEDS, fakeItem } from "../../fakes/collateral-items.ts";

const AT = new Date("2026-01-10T12:00:00Z");
const DAY = 24 * 60 * 60 * 1000;

function ago(ms: number, from = AT): Date {
  return new Date(from.getTime() - ms);
}

describe("copyState()", () => {
  const cached = (fetchedAt: Date | undefined) => fakeItem(NEEDS.crl, {}, { origin: "cache", fetchedAt });

  test.each([
    ["fetched now", AT, "current"],
    ["fetched a moment less than a day ago", ago(DAY - 1), "current"],
    ["fetched a day ago", ago(DAY), "old"],
    ["of unknown age", undefined, "old"],
    ["from the future", ago(-1), "old"],
  ] as const)("judges a cached CRL %s", (_, fetchedAt, state) => {
    expect(copyState(cached(fetchedAt), {}, AT, AT)).toBe(state);
  });

  test("counts age from the time that is asked about", () => {
    const now = new Date("2026-06-01T00:00:00Z");
    expect(copyState(cached(ago(DAY - 1)), {}, AT, now)).toBe("current");
    expect(copyState(cached(ago(-DAY)), {}, AT, now)).toBe("current");
    expect(copyState(cached(ago(DAY)), {}, AT, now)).toBe("old");
  });

  test.each(["evidence", "file", "bundle", "network"] as const)(
    "does not ask for the age of what %s gave",
    (origin) => {
      expect(copyState(fakeItem(NEEDS.crl, {}, { origin, fetchedAt: ago(99 * DAY) }), {}, AT, AT)).toBe("current");
    },
  );

  test("says when the object's own dates do not cover the time", () => {
    const item = fakeItem(NEEDS.tcbInfo, {}, { origin: "file" });
    expect(copyState(item, { notAfter: ago(1) }, AT, AT)).toBe("invalid-now");
    expect(copyState(item, { notBefore: ago(-1) }, AT, AT)).toBe("invalid-now");
    expect(copyState(item, { notBefore: AT, notAfter: AT }, AT, AT)).toBe("current");
  });

  test.each([NEEDS.vcek, NEEDS.chain])("keeps %j for ever", (need) => {
    const item = fakeItem(need, {}, { origin: "cache", fetchedAt: ago(2000 * DAY) });
    expect(copyState(item, { notAfter: ago(1) }, AT, AT)).toBe("current");
  });
});

describe("isValidAt()", () => {
  test("takes what names no dates for valid", () => {
    expect(isValidAt({}, AT)).toBe(true);
  });
});

describe("renderAge()", () => {
  test.each([
    [0, "less than a minute"],
    [60_000, "1 minute"],
    [3_599_000, "59 minutes"],
    [2 * 3_600_000, "2 hours"],
    [DAY, "1 day"],
    [400 * DAY, "400 days"],
  ])("writes %d ms", (ms, text) => {
    expect(renderAge(ms)).toBe(text);
  });
});
