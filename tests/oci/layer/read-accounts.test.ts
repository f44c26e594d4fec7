import { describe, expect, test } from "bun:test";
import { type TarMember, directory, file, hardlink, symlink, writeTar } from "../../../scripts/lib/tar-writer.ts";
import { streamOf } from "../../fakes/stream-of.ts";
import type { Accounts } from "../../../src/oci/image.ts";
import { readAccounts } from "../../../src/oci/layer/read-accounts.ts";
import { LayerFactsCollector } from "../../../src/oci/layer/layer-facts.ts";
import { readTar } from "../../../src/oci/tar-reader.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";

/** Accounts of layers from the oldest to the newest, and which layers were read. */
async function accountsOf(...layers: (readonly TarMember[])[]): Promise<Accounts & { readonly read: number[] }> {
  const read: number[] = [];
  const accounts = await readAccounts(layers.length, async (layer, paths) => {
    read.push(layer);
    const collector = new LayerFactsCollector(paths, `layer ${layer}`);
    await readTar(streamOf(writeTar(layers[layer]!)), collector);
    return collector.facts;
  });
  return { ...accounts, read };
}

function rejection(...members: readonly TarMember[]): Promise<string> {
  return codeOfAsync(() => accountsOf(members));
}

/** Hard links in a row: `link-0` to nothing, each to the one before it, `etc/passwd` to the last. */
function chain(length: number): TarMember[] {
  const links = Array.from({ length }, (_, index) => hardlink(`link-${index}`, `link-${index - 1}`));
  return [...links, hardlink("etc/passwd", `link-${length - 1}`)];
}

const PASSWD = file("etc/passwd", "base");
const GROUP = file("etc/group", "base group");

describe("readAccounts()", () => {
  test("reads both files of one layer", async () => {
    expect(await accountsOf([directory("etc"), PASSWD, GROUP])).toEqual({
      passwd: "base",
      group: "base group",
      read: [0],
    });
  });

  test("finds nothing in an image without layers, without files, or with directories in their place", async () => {
    const nothing = { passwd: undefined, group: undefined };
    expect(await accountsOf()).toMatchObject(nothing);
    expect(await accountsOf([file("bin/app", "x")])).toMatchObject(nothing);
    expect(await accountsOf([directory("etc/passwd"), { name: "etc/group", type: "6" }])).toMatchObject(nothing);
    expect(await accountsOf([file("etc", "no directory")])).toMatchObject(nothing);
  });

  test("takes the newest layer and reads no further than needed", async () => {
    const newest = [file("etc/passwd", "new"), file("etc/group", "new group")];
    expect(await accountsOf([PASSWD, GROUP], newest, [file("app", "x")])).toEqual({
      passwd: "new",
      group: "new group",
      read: [2, 1],
    });
  });

  test("reads on for the file that is still missing", async () => {
    const found = await accountsOf([PASSWD, GROUP], [file("etc/passwd", "new")]);
    expect(found).toEqual({ passwd: "new", group: "base group", read: [1, 0] });
  });

  test.each(["./etc/passwd", "/etc/passwd", "etc//passwd", "./etc/./passwd"])("knows %s", async (name) => {
    expect((await accountsOf([file(name, "found")])).passwd).toBe("found");
  });

  test("reads PAX names", async () => {
    const member = { name: "x", pax: { path: "./etc/passwd" }, content: "pax" };
    expect((await accountsOf([member])).passwd).toBe("pax");
  });

  test("takes the last of several entries of a layer", async () => {
    expect((await accountsOf([PASSWD, file("etc/passwd", "again"), file("./etc/passwd", "last")])).passwd).toBe("last");
    expect((await accountsOf([symlink("etc/passwd", "/x"), PASSWD])).passwd).toBe("base");
    expect((await accountsOf([PASSWD, symlink("etc", "usr")])).passwd).toBeUndefined();
  });

  test.each<[string, readonly TarMember[]]>([
    ["the file", [file("etc/.wh.passwd", "")]],
    ["the directory", [file(".wh.etc", "")]],
    ["what is in the directory", [file("etc/.wh..wh..opq", "")]],
    ["what is in the root", [file(".wh..wh..opq", "")]],
    ["the directory by a file", [file("etc", "")]],
    ["the directory by a dangling link", [symlink("etc", "nowhere")]],
    ["the directory, and makes it anew", [file(".wh.etc", ""), directory("etc"), file("etc/hosts", "")]],
  ])("respects a layer that hides %s", async (_, hiding) => {
    expect((await accountsOf([PASSWD, GROUP], hiding)).passwd).toBeUndefined();
  });

  test("keeps the other file when one is hidden, and what lies above a whiteout", async () => {
    const found = await accountsOf([PASSWD, GROUP], [file("etc/.wh.passwd", "")], [file("etc/passwd", "newer")]);
    expect(found).toMatchObject({ passwd: "newer", group: "base group" });
  });

  test("lets an opaque directory and a whiteout hide only lower layers", async () => {
    expect((await accountsOf([PASSWD], [file("etc/.wh..wh..opq", ""), file("etc/passwd", "own")])).passwd).toBe("own");
    expect((await accountsOf([PASSWD], [file("etc/passwd", "own"), file("etc/.wh..wh..opq", "")])).passwd).toBe("own");
    expect((await accountsOf([PASSWD], [file("etc/.wh.passwd", ""), file("etc/passwd", "own")])).passwd).toBe("own");
  });

  test("ignores whiteouts of others and bookkeeping of storage drivers", async () => {
    const other = [
      file("etc/.wh.passwd-", ""),
      file("opt/.wh..wh..opq", ""),
      file(".wh..wh.aufs", ""),
      file(".wh.opt", ""),
    ];
    expect((await accountsOf([PASSWD, GROUP], other)).passwd).toBe("base");
  });

  test("lets a directory over a link end what lies below", async () => {
    const found = await accountsOf([PASSWD], [symlink("etc", "usr/etc")], [directory("etc"), file("etc/hosts", "")]);
    expect(found.passwd).toBeUndefined();
  });

  test.each<[string, (readonly TarMember[])[]]>([
    ["an absolute link", [[symlink("etc/passwd", "/usr/share/accounts"), file("usr/share/accounts", "far")]]],
    ["a relative link", [[symlink("etc/passwd", "../usr/share/accounts"), file("usr/share/accounts", "far")]]],
    ["a link to a neighbour", [[symlink("etc/passwd", "accounts"), file("etc/accounts", "far")]]],
    ["a link that tries to leave", [[symlink("etc/passwd", "../../../../srv/p"), file("srv/p", "far")]]],
    [
      "a link through a link and back",
      [[symlink("etc/passwd", "/a/../p"), symlink("a", "srv/x"), directory("srv/x"), file("srv/p", "far")]],
    ],
    ["a link of the directory", [[symlink("etc", "usr/etc"), file("usr/etc/passwd", "far")]]],
    ["a link of a directory on the way", [[symlink("etc/passwd", "/a/p"), symlink("a", "b"), file("b/p", "far")]]],
    ["a link to an older layer", [[file("srv/p", "far")], [symlink("etc/passwd", "/srv/p")]]],
    ["a link to a newer layer", [[symlink("etc/passwd", "/srv/p"), file("srv/p", "old")], [file("srv/p", "far")]]],
    ["a hard link", [[file("srv/p", "far"), hardlink("etc/passwd", "srv/p")]]],
    ["a hard link to a lower layer", [[file("srv/p", "far")], [hardlink("etc/passwd", "/srv/p")]]],
    [
      "a hard link to what changes later",
      [[file("srv/p", "far"), hardlink("etc/passwd", "srv/p"), file("srv/p", "x")]],
    ],
    ["a chain of hard links", [[file("link-0", "far"), ...chain(16).slice(1)]]],
    ["a hard link to the other file", [[file("etc/group", "far"), hardlink("etc/passwd", "etc/group")]]],
    ["a hard link to a link", [[symlink("l", "/srv/p"), file("srv/p", "far"), hardlink("etc/passwd", "l")]]],
  ])("follows %s", async (_, layers) => {
    expect((await accountsOf(...layers)).passwd).toBe("far");
  });

  test("finds nothing behind a link to nothing", async () => {
    expect((await accountsOf([symlink("etc/passwd", "/srv/p")])).passwd).toBeUndefined();
    expect((await accountsOf([hardlink("etc/passwd", "srv/p")])).passwd).toBeUndefined();
  });

  test("replaces bytes outside of UTF-8 and keeps the rest", async () => {
    const latin1 = Buffer.from("root:x:0:0:R\xf6\xf6t:/:\n", "latin1");
    expect((await accountsOf([file("etc/passwd", latin1)])).passwd).toBe("root:x:0:0:R\ufffd\ufffdt:/:\n");
  });

  test.each<[string, readonly TarMember[]]>([
    ["links in a circle", [symlink("etc/passwd", "/etc/group"), symlink("etc/group", "/etc/passwd")]],
    ["a link to itself", [symlink("etc", "etc")]],
    ["a chain of 17 hard links", chain(17)],
    ["a name that leads upwards", [file("srv/../etc/passwd", "x")]],
    ["a name that leads out of the image", [file("../etc/passwd", "x")]],
    ["a link target that leads upwards", [hardlink("etc/passwd", "../srv/p")]],
    ["a sparse file", [{ name: "x", pax: { "GNU.sparse.name": "etc/passwd" } }]],
    ["a file of more than 1 MiB", [file("etc/passwd", new Uint8Array(1024 * 1024 + 1))]],
    ["an entry below a file", [file("etc", ""), file("etc/passwd", "x")]],
    ["an entry below a link", [symlink("etc", "usr"), file("etc/hosts", "x")]],
    ["an entry that is written through a link", [symlink("x/y", "../etc"), file("x/y/passwd", "z"), PASSWD]],
    ["a file that is added and then removed", [file("etc/passwd", "x"), file("etc/.wh.passwd", "")]],
    ["a whiteout without name", [file("etc/.wh.", "")]],
    ["a whiteout of the parent", [file("etc/.wh...", "")]],
    ["a root that is no directory", [symlink("./", "elsewhere")]],
  ])("rejects %s", async (_, members) => {
    expect(await rejection(...members)).toBe("oci/layer-invalid");
  });

  test("does not mind a link that is replaced by a directory", async () => {
    expect((await accountsOf([symlink("x", "/etc"), directory("x"), file("x/passwd", "z"), PASSWD])).passwd).toBe(
      "base",
    );
  });

  test("does not mind strange names elsewhere", async () => {
    const strange = [
      file("../../bin/sh", "x"),
      file("usr/../bin/sh", "x"),
      file("opt/.wh.", ""),
      hardlink("a", "../b"),
    ];
    expect((await accountsOf([...strange, PASSWD])).passwd).toBe("base");
  });
});
