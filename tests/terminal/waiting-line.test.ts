import { describe, expect, test } from "bun:test";
import { createWaitingLine } from "../../src/terminal/waiting-line.ts";
import { recordIo } from "../fakes/recorded-io.ts";

const TEXT = "  Waiting for coordinator ";

function lineOn(change: Parameters<typeof recordIo>[0]) {
  const io = recordIo(change);
  const ticks: (() => void)[] = [];
  let stopped = 0;
  const line = createWaitingLine(io, TEXT, (everyMs, tick) => {
    expect(everyMs).toBe(500);
    ticks.push(tick);
    return () => void stopped++;
  });
  return { io, line, tick: () => ticks.forEach((tick) => tick()), stopped: () => stopped };
}

describe("createWaitingLine()", () => {
  test("prints only its end where nobody watches", () => {
    const { io, line } = lineOn({});
    line.succeed("done");
    expect(io.printed).toEqual(["done"]);
    const other = lineOn({});
    other.line.fail();
    expect(other.io.printed).toEqual(["❌"]);
  });

  test("prints nothing beside a JSON object", () => {
    const { io, line } = lineOn({ format: "json", columns: () => 80 });
    line.succeed("done");
    line.fail();
    expect(io.printed).toEqual([]);
  });

  test("moves on a terminal and is erased by its end", () => {
    const { io, line, tick, stopped } = lineOn({ columns: () => 80 });
    tick();
    line.succeed("done");
    expect(io.printed).toEqual([`\u001b[2K\r${TEXT}`, `\u001b[2K\r${TEXT}.`, "\u001b[2K\r", "done"]);
    expect(stopped()).toBe(1);
  });

  test("ends with a cross on a terminal", () => {
    const { io, line, stopped } = lineOn({ columns: () => 80 });
    line.fail();
    expect(io.printed.at(-1)).toBe("\r❌\n");
    expect(stopped()).toBe(1);
  });
});
