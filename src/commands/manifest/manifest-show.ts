import { sha256Hex } from "../../lib/digest.ts";
import { isJsonObject, parseJson } from "../../lib/json.ts";
import { findingsOf } from "../../lib/finding.ts";
import { renderProblem } from "../../lib/problems.ts";
import { encodeManifest } from "../../manifest/manifest-json.ts";
import { renderManifest } from "../../manifest/manifest-text.ts";
import { unjudgedReferenceValues } from "../../manifest/unjudged-reference-values.ts";
import { validateManifest } from "../../manifest/validate-manifest.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import { findingsJson } from "../../terminal/findings-json.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { manifestPath, readManifest } from "../read-manifest.ts";

/** `contrast manifest show`; its definition is in `manifest-definition.ts`. */
export const manifestShowCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    const { manifest, bytes } = await readManifest(manifestPath(flags, positionals[0]), io);
    const { errors, missing } = validateManifest(manifest);
    const unjudged = unjudgedReferenceValues(manifest);
    const digest = sha256Hex(bytes);
    const problems = [...errors, ...missing];
    if (io.format === "json") {
      const content = parseJson(encodeManifest(manifest), "manifest");
      const shown = isJsonObject(content) ? content : {};
      io.out(
        resultJson("manifest-show", {
          sha256: digest,
          manifest: shown,
          ...findingsJson(findingsOf(problems, [])),
          unjudged,
        }),
      );
      return;
    }
    io.out(`Manifest with SHA-256 ${digest}`);
    for (const line of renderManifest(manifest)) io.out(line);
    if (unjudged.length > 0) io.out("Not known to this version, and not checked by it");
    for (const name of unjudged) io.out(`  ${name}`);
    if (problems.length > 0) io.out("Not usable yet");
    for (const problem of problems) io.out(`  ${renderProblem(problem)}`);
  },
};
