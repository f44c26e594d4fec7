// Adds to package-lock.json the platform packages that `npm install` left out because its registry does not carry
// them: `npm ci` refuses a lockfile that lacks an optional package, even one for another platform. The added entries
// have no checksum; version and platform follow from the package that names them. With --check only looks.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Entry {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const PATH = join(import.meta.dir, "..", "package-lock.json");
const SYSTEMS = ["darwin", "linux", "win32", "android", "freebsd", "openharmony"];
const PROCESSORS = ["arm64", "x64", "arm", "ppc64", "riscv64", "s390x", "ia32"];
/** Other words for processors. */
const ALIASES: Readonly<Record<string, string>> = { aarch64: "arm64", armv7: "arm" };

function platformEntry(name: string, version: string): object {
  const words = (name.split("/").at(-1) ?? "").split("-").map((word) => ALIASES[word] ?? word);
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  if (os.length !== 1 || cpu.length !== 1) throw new Error(`Cannot tell the platform of ${name}`);
  const abi = words.at(-1) ?? "";
  const libc = os[0] === "linux" ? (abi.startsWith("musl") ? ["musl"] : abi.startsWith("gnu") ? ["glibc"] : []) : [];
  return { version, cpu, dev: true, ...(libc.length > 0 ? { libc } : {}), optional: true, os };
}

const lock = JSON.parse(readFileSync(PATH, "utf8")) as { packages: Record<string, object & Entry> };
const known = new Set(Object.keys(lock.packages).map((path) => path.slice(path.lastIndexOf("node_modules/") + 13)));
const missing = new Map(
  Object.values(lock.packages)
    .flatMap(({ optionalDependencies = {} }) => Object.entries(optionalDependencies))
    .filter(([name]) => !known.has(name)),
);
if (process.argv.includes("--check")) {
  if (missing.size > 0) {
    console.error(
      `package-lock.json lacks ${[...missing.keys()].join(", ")}: run "npx bun scripts/complete-lockfile.ts"`,
    );
    process.exitCode = 1;
  }
} else {
  for (const [name, version] of missing) lock.packages[`node_modules/${name}`] = platformEntry(name, version);
  const sorted = Object.entries(lock.packages).toSorted(([left], [right]) => (left < right ? -1 : 1));
  writeFileSync(PATH, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
  console.log(`added ${missing.size} packages`);
}
