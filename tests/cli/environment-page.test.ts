import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");
/** Rooms that write variables into YAML or look for them there, for the sidecar of the service mesh. */
const WRITERS = /^src\/(?:generate|servicemesh|policy|lint)\//;

describe("docs/environment.md", () => {
  test("lists every variable that the program reads", () => {
    const page = readFileSync(join(ROOT, "docs/environment.md"), "utf8");
    const paths = [...new Bun.Glob("src/**/*.ts").scanSync({ cwd: ROOT })].filter((path) => !WRITERS.test(path));
    const names = paths.flatMap((path) =>
      [...readFileSync(join(ROOT, path), "utf8").matchAll(/env\["(\w+)"\]|"((?:CONTRAST|COORDINATOR)_[A-Z_]+)"/g)].map(
        ([, read, named]) => read ?? named ?? "",
      ),
    );
    expect(names).toContain("COORDINATOR_HOST");
    expect([...new Set(names)].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
