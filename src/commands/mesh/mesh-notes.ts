import { embeddedImageReplacements } from "../../generate/image-replacements.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { findFindings } from "../../lint/lint-report.ts";
import { SEVERITIES } from "../../lib/finding.ts";
import { LINT_RULES } from "../../lint/rule-catalogue.ts";
import { rulesText } from "../../policy/rules-text.ts";
import type { MeshNote } from "../../topology/mesh-note.ts";
import type { TopologyWorkload } from "../../topology/topology-workload.ts";
import { workloadNotes } from "../../topology/workload-notes.ts";
import type { MeshInput } from "./read-mesh-input.ts";

/** What of lint is not about the mesh. */
const OTHER_RULES: ReadonlySet<string> = new Set(
  LINT_RULES.map(({ id }) => id).filter((id) => !id.startsWith("mesh-")),
);

/**
 * Notes about each object: what lint says about the mesh, and what ports and sidecars show, the worst first. Silenced
 * findings of lint stay silent.
 *
 * @throws ContrastError of `findFindings()`
 */
export async function meshNotes(
  { files }: MeshInput,
  skipServiceMesh: boolean,
): Promise<(workload: TopologyWorkload) => readonly MeshNote[]> {
  const options = {
    platform: undefined,
    images: embeddedImageReplacements(),
    skipServiceMesh,
    policyRulesBytes: rulesText().length,
  };
  const choice = { severity: "info", ignored: OTHER_RULES } as const;
  const { findings } = await findFindings(files, options, [], choice);
  const byObject = Map.groupBy(findings, ({ object }): KubernetesObject => object);
  return (workload) => {
    const linted = (byObject.get(workload.object) ?? []).map(({ severity, rule, message, hint, place }): MeshNote => {
      return { ...place, severity, code: rule, message, hint };
    });
    return [...linted, ...workloadNotes(workload)].toSorted(
      (left, right) => SEVERITIES.indexOf(left.severity) - SEVERITIES.indexOf(right.severity),
    );
  };
}
