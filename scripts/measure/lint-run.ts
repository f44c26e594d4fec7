// Reads or lints the YAML of a directory in a process of its own, and prints the milliseconds of each round as JSON.
// Arguments: directory, `parse` or `lint`, rounds.
import { embeddedImageReplacements } from "../../src/generate/image-replacements.ts";
import { Problems } from "../../src/lib/problems.ts";
import { readLintFiles } from "../../src/lint/read-lint-files.ts";
import { createReport, findFindings } from "../../src/lint/lint-report.ts";
import { rulesText } from "../../src/policy/rules-text.ts";

const [directory = "", what = "", rounds = "1"] = process.argv.slice(2);
const options = {
  platform: undefined,
  images: embeddedImageReplacements(),
  skipServiceMesh: false,
  policyRulesBytes: rulesText().length,
};

async function run(): Promise<number> {
  const startedMs = performance.now();
  const problems = new Problems();
  const files = await readLintFiles([directory], async () => new Uint8Array(), problems);
  if (what === "lint") {
    const found = await findFindings(files, options, [], { severity: "info", ignored: new Set() });
    createReport(files, found, problems);
  }
  return performance.now() - startedMs;
}

const times: number[] = [];
for (let round = 0; round < Number(rounds); round++) times.push(await run());
console.log(JSON.stringify(times));
