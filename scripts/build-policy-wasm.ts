// Compiles policy/rules.rego, and beside it policy/explain.rego, to wasm/policy.wasm with the pinned OPA, and writes down
// what it was made from. Only the rules are part of policies; what explains their refusals stays in this program.
// With --check: fails when the committed module is stale, and compiles and compares it where that OPA is at hand.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { entryPointsOf } from "./policy-wasm/bundle.ts";
import { runOpaBuild } from "./policy-wasm/opa-build.ts";

const RULES = "policy/rules.rego";

const requests = entryPointsOf(await readFile(join(import.meta.dir, "..", RULES), "utf8"));

await runOpaBuild({
  script: "scripts/build-policy-wasm.ts",
  module: "wasm/policy.wasm",
  sources: [RULES, "policy/explain.rego"],
  entryPoints: [...requests, "explanation"].map((name) => `agent_policy/${name}`),
  flags: ["--v0-compatible"],
});
