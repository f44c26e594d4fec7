import { homedir } from "node:os";
import { join } from "node:path";

/** The only version whose output is committed; another one may order the module differently. */
export const OPA_VERSION = "1.22.2";

const toolFolder = (root: string): string => join(root, ".tools", `opa-${OPA_VERSION}`);

/** Path of an installed opa of the pinned version: OPA in the environment, the tool folder, Go's folder, or PATH. */
export function findOpa(root: string): string | undefined {
  const goFolder = process.env["GOBIN"] ?? join(process.env["GOPATH"] ?? join(homedir(), "go"), "bin");
  const places = [process.env["OPA"], join(toolFolder(root), "opa"), join(goFolder, "opa"), Bun.which("opa")];
  return places.find((path): path is string => typeof path === "string" && versionOf(path) === OPA_VERSION);
}

/** Installs opa from the Go module proxy into a folder that git ignores; needs a current Go toolchain. */
export function installOpa(root: string): string {
  const folder = toolFolder(root);
  console.log(`installing opa ${OPA_VERSION} into ${folder}`);
  const child = Bun.spawnSync(["go", "install", `github.com/open-policy-agent/opa@v${OPA_VERSION}`], {
    env: { ...process.env, GOBIN: folder, GOFLAGS: "-trimpath" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const path = join(folder, "opa");
  if (child.exitCode !== 0 || versionOf(path) !== OPA_VERSION) throw new Error(`Cannot install opa ${OPA_VERSION}`);
  return path;
}

function versionOf(path: string): string | undefined {
  try {
    const child = Bun.spawnSync([path, "version"], { stdio: ["ignore", "pipe", "ignore"] });
    return /^Version: (\S+)$/m.exec(child.stdout.toString())?.[1];
  } catch {
    return undefined; // no such file
  }
}
