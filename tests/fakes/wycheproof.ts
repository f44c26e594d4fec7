import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { isReady } from "./peers.ts";

/** Fetched by `.ci/run` with `go mod download`, which checks it against Go's public checksum database. */
const MODULE = "github.com/c2sp/wycheproof@v0.0.0-20260902155932-3fa63dd0344a";

/** One test vector: fields whose names differ between the kinds of tests are texts in hex. */
export interface WycheproofVector {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly result: "valid" | "invalid" | "acceptable";
  readonly msg: string;
  readonly sig: string;
  readonly ct: string;
  readonly label: string;
}

/** Vectors of one key. */
export interface WycheproofGroup {
  readonly publicKeyDer: string;
  readonly privateKeyPkcs8: string;
  readonly sha: string;
  readonly mgfSha: string;
  readonly sLen: number;
  readonly tests: readonly WycheproofVector[];
}

/** Folder of the vectors; undefined, after one line that says so, where the module is not in Go's cache. */
export function wycheproofFolder(): string | undefined {
  const cache = process.env["GOMODCACHE"] ?? join(process.env["GOPATH"] ?? join(homedir(), "go"), "pkg", "mod");
  const folder = join(cache, MODULE, "testvectors_v1");
  return isReady("Wycheproof vectors", existsSync(folder), `need "go mod download ${MODULE}"`) ? folder : undefined;
}

/**
 * The groups of one file.
 *
 * @param sha256 of the file; vectors that change are looked at before they are used
 */
export function readWycheproof(folder: string, name: string, sha256: string): readonly WycheproofGroup[] {
  const bytes = readFileSync(join(folder, `${name}_test.json`));
  const actual = createHash("sha256").update(bytes).digest("hex");
  if (actual !== sha256) throw new Error(`${name}: got SHA-256 ${actual}, want ${sha256}`);
  const { testGroups } = JSON.parse(bytes.toString()) as { testGroups: readonly WycheproofGroup[] };
  return testGroups;
}
