import { beforeEach, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type History, openHistory } from "../../../src/coordinator/history/history.ts";
import { ContrastError } from "../../../src/lib/errors.ts";
import { nodeDisk } from "../../../src/lib/disk.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { manifestNamed, manifestNames, setManifest } from "../../fakes/history-scenario.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

/** What may be in place of a file, and how it comes there. */
const INTRUDERS: readonly (readonly [string, (path: string) => void])[] = [
  ["a symbolic link to the file", (path) => (renameSync(path, `${path}-moved`), symlinkSync(`${path}-moved`, path))],
  ["a dangling symbolic link", (path) => (rmSync(path), symlinkSync("nowhere", path))],
  ["a directory", (path) => (rmSync(path), mkdirSync(path))],
  ["a pipe", (path) => (rmSync(path), expect(spawnSync("mkfifo", [path]).status).toBe(0))],
  ["a huge file", (path) => truncateSync(path, 2 ** 40)],
  ["a file with one byte more", (path) => writeFileSync(path, "x", { flag: "a" })],
];

describe("a history on a real file system", () => {
  let directory: string;
  let history: History;
  const firstOf = (area: string): string =>
    join(area, readdirSync(join(directory, area)).find((name) => name !== "latest") ?? "");

  beforeEach(async () => {
    directory = join(temporaryDirectory(), "history");
    history = await openHistory(directory, nodeDisk);
    await setManifest(history, undefined, "first");
  });

  describe.each(INTRUDERS)("with %s in place of an object", (kind, intrude) => {
    test.each(["manifests", "transitions", "policies"])("of %s names it", async (area) => {
      const object = firstOf(area);
      intrude(join(directory, object));
      const error = await manifestNames(await openHistory(directory, nodeDisk)).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ContrastError);
      expect(error).toMatchObject({ code: "coordinator/history-corrupt", details: { object } });
    });

    test("names the latest transition", async () => {
      intrude(join(directory, "transitions", "latest"));
      // A longer signature is for its verification to refuse.
      const expected = kind.includes("one byte")
        ? "coordinator/history-signature-invalid"
        : "coordinator/history-corrupt";
      expect(await codeOfAsync(() => manifestNames(history))).toBe(expected);
    });

    test("replaces it only if it is a file", async () => {
      intrude(join(directory, firstOf("policies")));
      const outcome = await codeOfAsync(() => history.putPolicy(manifestNamed("first").policy));
      expect(outcome).toBe(
        kind.includes("file with") || kind === "a huge file"
          ? "no error, returned string"
          : "coordinator/history-corrupt",
      );
    });
  });

  test.each(["claims", "manifests", "policies", "transitions", "."])(
    "refuses a symbolic link as directory %s",
    async (area) => {
      const path = join(directory, area);
      renameSync(path, `${path}-moved`);
      symlinkSync(`${path}-moved`, path);
      expect(await codeOfAsync(() => openHistory(directory, nodeDisk))).toBe("coordinator/history-corrupt");
    },
  );

  test("is not taken for empty where the directory that it is to be in is missing", async () => {
    const elsewhere = join(directory, "not-mounted", "history");
    expect(await codeOfAsync(() => openHistory(elsewhere, nodeDisk))).toBe("coordinator/history-unreadable");
  });
});
