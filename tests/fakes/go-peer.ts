import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/**
 * Builds a peer in Go, or finds it as built by an earlier run: Go leaves a program alone that is current, which takes a
 * tenth of linking it again.
 *
 * @param folder where its go.mod is, or a package of that module
 * @param name of the program; that of the folder unless given
 * @returns the program's path
 */
export function goPeer(folder: string, name = basename(folder)): string {
  const directory = join(tmpdir(), "contrast-go-peers");
  mkdirSync(directory, { recursive: true });
  const program = join(directory, name);
  const build = spawnSync("go", ["build", "-o", program, "."], { cwd: folder });
  if (build.status !== 0) throw new Error(`Cannot build ${folder}: ${build.stderr.toString()}`);
  return program;
}
