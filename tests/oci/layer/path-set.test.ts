import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { prefixesOf } from "../../../src/oci/archive-path.ts";
import { PathSet } from "../../../src/oci/layer/path-set.ts";

const path = fc.array(fc.constantFrom("a", "b", "ab"), { maxLength: 4 }).map((parts) => parts.join("/"));
const step = fc.record({ action: fc.constantFrom("add", "delete", "ask"), path });

describe("PathSet", () => {
  test("finds the shortest member above a path, as a set of texts does", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const [paths, plain] = [new PathSet(), new Set<string>()];
        for (const { action, path: subject } of steps) {
          if (action === "add") {
            paths.add(subject);
            plain.add(subject);
          } else if (action === "delete") {
            paths.delete(subject);
            plain.delete(subject);
          }
          expect(paths.shortestAbove(subject)).toBe([...prefixesOf(subject)].find((prefix) => plain.has(prefix)));
        }
      }),
      { seed: 5 },
    );
  });
});
