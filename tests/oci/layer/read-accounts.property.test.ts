import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { type TarMember, directory, file, symlink, writeTar } from "../../../scripts/lib/tar-writer.ts";
import { streamOf } from "../../fakes/stream-of.ts";
import { readAccounts } from "../../../src/oci/layer/read-accounts.ts";
import { LayerFactsCollector } from "../../../src/oci/layer/layer-facts.ts";
import { readTar } from "../../../src/oci/tar-reader.ts";

/** A directory is a map, a file its content, a link an object. */
type Node = Map<string, Node> | string | { readonly target: string };

interface Change {
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink" | "whiteout" | "opaque";
  readonly target: string;
}

const PATHS = ["etc", "etc/passwd", "etc/group", "usr", "usr/p", "usr/etc", "usr/etc/passwd"];
const TARGETS = [
  "usr/p",
  "/usr/p",
  "usr/etc",
  "../usr/p",
  "/etc/group",
  "group",
  "/nowhere",
  "../../etc",
  "usr/../p",
  "/etc/../usr/p",
  "/usr/etc/./../p",
];

const change = fc.record({
  path: fc.constantFrom(...PATHS),
  kind: fc.constantFrom("file", "file", "directory", "symlink", "whiteout", "opaque"),
  target: fc.constantFrom(...TARGETS),
}) satisfies fc.Arbitrary<Change>;

/** Layers whose archives say nothing contradictory: one change for each path, nothing below what is no directory. */
const layers = fc.array(
  fc.uniqueArray(change, { selector: ({ path }) => path, maxLength: 5 }).map((changes) => {
    const sorted = changes.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    return sorted.filter(
      ({ path }) =>
        !sorted.some(
          (other) => path.startsWith(`${other.path}/`) && (other.kind === "file" || other.kind === "symlink"),
        ),
    );
  }),
  { minLength: 1, maxLength: 5 },
);

function memberOf({ path, kind, target }: Change, layer: number): TarMember {
  if (kind === "directory") return directory(path);
  if (kind === "symlink") return symlink(path, target);
  if (kind === "opaque") return file(`${path}/.wh..wh..opq`, "");
  if (kind === "whiteout")
    return file(
      path.replace(/[^/]+$/, (name) => `.wh.${name}`),
      "",
    );
  return file(path, `${path} of layer ${layer}`);
}

/** The directory of a path; on the way, everything that is no directory becomes an empty one. */
function openParent(root: Map<string, Node>, path: string): Map<string, Node> {
  let current = root;
  for (const name of path.split("/").slice(0, -1)) {
    const next = current.get(name);
    const opened = next instanceof Map ? next : new Map<string, Node>();
    current.set(name, opened);
    current = opened;
  }
  return current;
}

/** The plain meaning of layers: each one changes a whole tree, whiteouts before everything else. */
function applyLayer(root: Map<string, Node>, changes: readonly Change[], layer: number): void {
  const nameOf = (path: string): string => path.split("/").at(-1)!;
  for (const { path, kind } of changes) {
    const parent = openParent(root, path);
    if (kind === "whiteout") parent.delete(nameOf(path));
    if (kind === "opaque") parent.set(nameOf(path), new Map());
  }
  for (const { path, kind, target } of changes) {
    if (kind === "whiteout" || kind === "opaque") continue;
    const parent = openParent(root, path);
    if (kind === "file") parent.set(nameOf(path), `${path} of layer ${layer}`);
    else if (kind === "symlink") parent.set(nameOf(path), { target });
    else if (!(parent.get(nameOf(path)) instanceof Map)) parent.set(nameOf(path), new Map());
  }
}

/** Follows a path in a tree; `loop` after too many links. */
function lookUp(root: Map<string, Node>, path: string): string | undefined {
  let rest = path.split("/");
  let links = 0;
  const above: Map<string, Node>[] = [root];
  while (rest.length > 0) {
    const [name = "", ...next] = rest;
    rest = next;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (above.length > 1) above.pop();
      continue;
    }
    const node = above.at(-1)!.get(name);
    if (node instanceof Map) above.push(node);
    else if (typeof node === "string") return rest.length === 0 ? node : undefined;
    else if (node === undefined) return undefined;
    else {
      if (++links > 16) return "loop";
      if (node.target.startsWith("/")) above.splice(1);
      rest = [...node.target.split("/"), ...rest];
    }
  }
  return undefined;
}

describe("readAccounts()", () => {
  test("agrees with layers that are applied one after the other", async () => {
    await fc.assert(
      fc.asyncProperty(layers, async (layers) => {
        const root = new Map<string, Node>();
        for (const [layer, changes] of layers.entries()) applyLayer(root, changes, layer);
        const expected = { passwd: lookUp(root, "etc/passwd"), group: lookUp(root, "etc/group") };
        const found = await readAccounts(layers.length, async (layer, paths) => {
          const collector = new LayerFactsCollector(paths, "layer");
          const members = layers[layer]!.map((change) => memberOf(change, layer));
          await readTar(streamOf(writeTar(members)), collector);
          return collector.facts;
        }).catch(() => "loop");
        if (found === "loop") expect(Object.values(expected)).toContain("loop");
        else expect(found).toEqual(expected);
      }),
      { seed: 17, numRuns: 4000 },
    );
  });
});
