// Compiles policy/lint/*.rego to wasm/lint.wasm with the pinned OPA, and writes down what it was made from.
// With --check: fails when the committed module is stale, and compiles and compares it where that OPA is at hand.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { runOpaBuild } from "./policy-wasm/opa-build.ts";

const FOLDER = "policy/lint";

const names = await readdir(join(import.meta.dir, "..", FOLDER));

await runOpaBuild({
  script: "scripts/build-lint-wasm.ts",
  module: "wasm/lint.wasm",
  sources: names
    .filter((name) => name.endsWith(".rego"))
    .toSorted()
    .map((name) => `${FOLDER}/${name}`),
  entryPoints: ["contrast/lint/findings"],
  flags: [],
});
