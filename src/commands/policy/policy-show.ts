import { writeFileAtomically } from "../../lib/files.ts";
import { describePolicy } from "../../policy/describe/describe-policy.ts";
import type { PolicyDescription } from "../../policy/describe/description.ts";
import { renderPage } from "../../policy/describe/page/render-page.ts";
import { renderPolicyText } from "../../policy/describe/render-text.ts";
import { findPolicies } from "../../policy/find/find-policies.ts";
import { loadProfile, PROFILES } from "../../policy/settings/profiles.ts";
import { usualPartsOf } from "../../policy/usual-parts.ts";
import { paintFor } from "../../terminal/colour.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { reportWidth } from "../../terminal/report-width.ts";
import { manifestPath } from "../read-manifest.ts";

/** `contrast policy show`; its definition is in `policy-show-definition.ts`. */
export const policyShowCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    const paths = positionals.length === 0 ? [flags.string("workspace-dir") || "."] : positionals;
    const policies: PolicyDescription[] = [];
    const usual = await Promise.all(PROFILES.map(async (name) => usualPartsOf(name, await loadProfile(name))));
    const named = flags.isSet("manifest") ? flags.string("manifest") : undefined;
    const manifests = { named, usual: manifestPath(flags, undefined) };
    for (const found of await findPolicies(paths, io, manifests)) {
      io.signal.throwIfAborted();
      policies.push(describePolicy(found, usual));
    }
    const htmlPath = flags.string("html");
    if (htmlPath !== "") await writeFileAtomically(htmlPath, renderPage(policies));
    if (io.format === "json") {
      io.out(resultJson("policy-show", { ...(htmlPath === "" ? {} : { html: htmlPath }), policies }));
    } else if (htmlPath === "") printText(policies, flags.boolean("all"), io);
    else io.out(`✔️ Wrote ${htmlPath}: ${policies.length} ${policies.length === 1 ? "policy" : "policies"}`);
  },
};

function printText(policies: readonly PolicyDescription[], all: boolean, io: Io): void {
  const paint = paintFor(io);
  const layout = { width: reportWidth(io.columns()), paint, all };
  const texts = policies.map((policy) => `${renderPolicyText(policy, layout).join("\n")}\n`);
  io.write(texts.join("\n\n"));
  const hasRoutine = policies.some(({ containers }) => containers.length > 0);
  if (hasRoutine && !all) io.write(`\n${paint("quiet", "Show what every pod has with --all")}\n`);
}
