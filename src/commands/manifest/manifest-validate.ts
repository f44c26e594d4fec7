import { findingsOf } from "../../lib/finding.ts";
import { ProblemsError } from "../../lib/problems.ts";
import { unjudgedReferenceValues } from "../../manifest/unjudged-reference-values.ts";
import { validateManifest } from "../../manifest/validate-manifest.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import { findingsJson } from "../../terminal/findings-json.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { manifestPath, readManifest } from "../read-manifest.ts";

/** `contrast manifest validate`; its definition is in `manifest-definition.ts`. */
export const manifestValidateCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    const { manifest, what, path } = await readManifest(manifestPath(flags, positionals[0]), io);
    const { errors, missing } = validateManifest(manifest);
    const problems = [...errors, ...missing].map((problem) => ({ ...problem, file: path === "-" ? undefined : path }));
    const [first, ...rest] = problems;
    const unjudged = unjudgedReferenceValues(manifest);
    if (io.format === "json") {
      io.out(
        resultJson("manifest-validate", {
          ok: first === undefined,
          ...findingsJson(findingsOf(problems, [])),
          unjudged,
        }),
      );
    }
    if (first !== undefined) throw new ProblemsError(`Cannot use ${what}`, [first, ...rest]);
    if (io.format === "json") return;
    io.out(`✔️ The ${what} is valid`);
    for (const name of unjudged) io.out(`  This version does not know ${name}, and does not check it`);
  },
};
