import { sha256Hex } from "../../lib/digest.ts";
import type { FoundPolicy } from "../found-policy.ts";
import { parsePolicy } from "../parse-policy.ts";
import { nearestProfile } from "../nearest-profile.ts";
import type { PolicyView } from "../policy-view.ts";
import type { UsualParts } from "../usual-parts.ts";
import { describeContainer } from "./describe-container.ts";
import type { PolicyDescription } from "./description.ts";
import { findGaps } from "./find-gaps.ts";
import { PodSource } from "./pod-source.ts";
import { podSections } from "./pod-sections.ts";
import type { ContainerInputs } from "./container-inputs.ts";

/**
 * Says what a policy allows, where that comes from, and what it does not protect. Where the workload's YAML is known,
 * origins are fields of it; else only what every policy has is told from what the workload asked for.
 *
 * @param usual the shipped settings: what they give to every container is marked as routine
 * @throws ContrastError `rego/policy-too-large`
 */
export function describePolicy(found: FoundPolicy, usual: readonly UsualParts[]): PolicyDescription {
  const parsed = parsePolicy(found.text);
  const { isEmbeddedRules, rulesText, data } = parsed;
  const source = PodSource.of(found.object);
  const containers = data === undefined ? [] : containerInputs(data, { isEmbeddedRules, source, usual });
  const nearest = data === undefined ? undefined : nearestProfile(data.raw, usual);
  const { label, namespace, file, place, carrier, hashHex, manifests, manifestEntries } = found;
  const trust = manifestEntries.length > 0 ? "trusted" : manifests.length > 0 ? "missing" : "absent";
  return {
    label,
    namespace,
    file,
    place,
    carrier,
    hashHex,
    sizeBytes: new TextEncoder().encode(found.text).length,
    rules: { embedded: isEmbeddedRules, digestHex: sha256Hex(rulesText), lines: rulesText.split("\n").length },
    settings: nearest && { profile: nearest.parts.profile, changes: nearest.changes.length },
    trust,
    manifests,
    manifestEntries,
    gaps: findGaps({ found, parsed, containers, source, trust, nearest }),
    pod: data === undefined ? [] : podSections(data, { isEmbeddedRules, source, nearest }),
    containers: containers.map((inputs) => describeContainer(inputs)),
    faults: data?.faults ?? [],
  };
}

function containerInputs(
  policy: PolicyView,
  shared: Pick<ContainerInputs, "isEmbeddedRules" | "source" | "usual">,
): readonly ContainerInputs[] {
  return policy.containers.map((view) => {
    const inYaml = view.isSandbox ? undefined : shared.source?.container(view.name);
    return { view, policy, inYaml, ...shared };
  });
}
