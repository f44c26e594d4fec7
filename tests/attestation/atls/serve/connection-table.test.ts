import { describe, expect, test } from "bun:test";
import { ConnectionTable } from "../../../../src/attestation/atls/serve/connection-table.ts";
import { codeOf } from "../../../fakes/error-code.ts";

const LIMITS = {
  handshakes: 100,
  handshakesPerAddress: 100,
  patienceMs: 10,
  connections: 100,
  connectionsPerAddress: 100,
};

/** A table whose clock stands still until it is set. */
function tableOf(limits: Partial<typeof LIMITS>) {
  const clock = { ms: 0 };
  const evicted: string[] = [];
  const table = new ConnectionTable({ ...LIMITS, ...limits }, () => clock.ms);
  const add = (name: string, address = "a") => table.add(address, () => evicted.push(name));
  return { clock, evicted, table, add };
}

const TOO_MANY = "atls/too-many-connections";

describe("ConnectionTable", () => {
  test("takes no more connections than allowed, with finished handshakes too", () => {
    const { add, table } = tableOf({ connections: 2 });
    add("1", "a").finishHandshake();
    const second = add("2", "b");
    expect(codeOf(() => add("3", "c"))).toBe(TOO_MANY);
    second.remove();
    second.remove();
    add("4", "c");
    expect(table.size).toBe(2);
  });

  test("takes no more connections of one address than allowed", () => {
    const { add } = tableOf({ connectionsPerAddress: 1 });
    add("1").finishHandshake();
    expect(codeOf(() => add("2"))).toBe(TOO_MANY);
    add("3", "b");
  });

  test("takes no more handshakes than allowed, and forgets those that are done", () => {
    const { add } = tableOf({ handshakes: 1 });
    const first = add("1");
    expect(codeOf(() => add("2", "b"))).toBe(TOO_MANY);
    first.finishHandshake();
    first.finishHandshake();
    add("3", "b");
    expect(codeOf(() => add("4", "c"))).toBe(TOO_MANY);
  });

  test("takes no more handshakes of one address than allowed", () => {
    const { add } = tableOf({ handshakesPerAddress: 1 });
    add("1");
    expect(codeOf(() => add("2"))).toBe(TOO_MANY);
    add("3", "b");
  });

  test("ends the handshake that has waited longest for its client, once its patience is over", () => {
    const { add, clock, evicted } = tableOf({ handshakes: 2 });
    const busy = add("busy");
    busy.setWaiting(false);
    clock.ms = 5;
    add("silent");
    clock.ms = 14;
    expect(codeOf(() => add("3"))).toBe(TOO_MANY);
    clock.ms = 15;
    add("4");
    expect(evicted).toEqual(["silent"]);
    expect(codeOf(() => add("5"))).toBe(TOO_MANY);
    busy.setWaiting(true);
    clock.ms = 25;
    add("6");
    add("7");
    expect(evicted).toEqual(["silent", "4", "busy"]);
  });

  test("ends the connection without calls that has waited longest, not one with a call", () => {
    const { add, clock, evicted, table } = tableOf({ connections: 3 });
    for (const name of ["busy", "idle", "later"]) {
      const entry = add(name);
      entry.finishHandshake();
      entry.setWaiting(name !== "busy");
      clock.ms++;
    }
    clock.ms = 10;
    expect(codeOf(() => add("too early"))).toBe(TOO_MANY);
    clock.ms = 11;
    add("4");
    expect([evicted, table.size]).toEqual([["idle"], 3]);
  });

  test("makes room for an address among its own connections", () => {
    const { add, clock, evicted } = tableOf({ connectionsPerAddress: 1 });
    add("other", "b").finishHandshake();
    add("own").finishHandshake();
    clock.ms = 10;
    add("next");
    expect(evicted).toEqual(["own"]);
  });

  test("makes room for an address among its own handshakes", () => {
    const { add, clock, evicted } = tableOf({ handshakesPerAddress: 1 });
    add("other", "b");
    add("own");
    clock.ms = 10;
    add("next");
    expect(evicted).toEqual(["own"]);
  });
});
