import type { ChangedSetting } from "../nearest-profile.ts";
import type { Gap } from "./description.ts";
import { changedVariables } from "./environment-section.ts";
import { failingRequests } from "./failing-requests.ts";
import { type GapInputs, gapUnlessEmpty } from "./gap-inputs.ts";
import { changedArguments } from "./process-section.ts";

/** Gaps of the policy as a whole: its rules, its data, and whether anybody trusts it. */
export function trustGaps(inputs: GapInputs): readonly Gap[] {
  const { found, parsed, trust } = inputs;
  const gaps: Gap[] = [];
  const failing = failingRequests(found.text, parsed.isEmbeddedRules);
  if (failing !== "refused") gaps.push(failing === "allowed" ? FAILING_ALLOWED : FAILING_POSSIBLE);
  if (!parsed.isEmbeddedRules) gaps.push(FOREIGN_RULES);
  if (!parsed.isEmbeddedRules && parsed.data !== undefined) gaps.push(FOREIGN_STORAGES);
  if (parsed.data === undefined) gaps.push(NO_DATA);
  else if (parsed.data.faults.length > 0) gaps.push({ ...UNREADABLE_PARTS, concerns: parsed.data.faults });
  if (trust === "missing") gaps.push({ ...NOT_IN_MANIFEST, concerns: found.manifests });
  return [...gaps, ...changedSettings(inputs), ...changedYaml(inputs)];
}

const FAILING_ALLOWED: Gap = {
  id: "failing-requests-allowed",
  weight: "high",
  title: "The policy is switched off: requests that it refuses are allowed all the same",
  why: "AllowRequestsFailingPolicy is true, so the guest does whatever the host asks for. Nothing below is enforced.",
  action: "Use this policy for debugging only, and never trust its hash in a manifest.",
  concerns: ["AllowRequestsFailingPolicy"],
};

const FAILING_POSSIBLE: Gap = {
  id: "failing-requests-possible",
  weight: "high",
  title: "The policy may switch itself off",
  why: "The rules define AllowRequestsFailingPolicy in a way that depends on other rules. Where it becomes true, the guest does whatever the host asks for.",
  action: "Read the definition in the rules; it should be the constant false.",
  concerns: ["AllowRequestsFailingPolicy"],
};

const FOREIGN_RULES: Gap = {
  id: "rules-foreign",
  weight: "high",
  title: "The rules are not those of this program, so what they enforce is not known",
  why: "A policy is rules and data. This page shows the data. Whether a value in it is compared with what the host asks for is up to the rules, which have a digest that this program does not know.",
  action:
    'Read the rules, compare them with a version that you know ("contrast policy diff"), and try requests with "contrast policy eval".',
  concerns: ["rules"],
};

const FOREIGN_STORAGES: Gap = {
  id: "storages-unchecked",
  weight: "medium",
  title: "Storages may be unchecked",
  why: "Rules of older versions do not check storages: the host may add some, and thereby images and files, at any place in the guest.",
  action: "Use the rules of this program, which allow no storage that the data do not name.",
  concerns: ["rules"],
};

const NO_DATA: Gap = {
  id: "data-missing",
  weight: "high",
  title: "The policy has no data that this program can read",
  why: "There is no JSON behind policy_data at the end of the text. What containers may run stands in the rules, or nowhere.",
  action: 'Read the policy text itself, and try requests with "contrast policy eval".',
  concerns: ["policy_data"],
};

const UNREADABLE_PARTS: Omit<Gap, "concerns"> = {
  id: "data-unreadable",
  weight: "high",
  title: "Parts of the policy data have an unknown form and are not shown",
  why: "What is not shown may allow more than what is.",
  action: "Look at these members in the policy text.",
};

const NOT_IN_MANIFEST: Omit<Gap, "concerns"> = {
  id: "not-in-manifest",
  weight: "high",
  title: "No manifest beside it trusts this policy",
  why: "The Coordinator gives a guest with this policy neither certificates nor secrets: it was made or changed after the manifest.",
  action: 'Run "contrast generate" again on all files together, then "contrast set".',
};

/** Settings decide what placeholders stand for and what the host may ask for, so a change of one reaches everything. */
function changedSettings({ nearest, parsed }: GapInputs): readonly Gap[] {
  const isKnown = (change: ChangedSetting): boolean => change.inPolicy !== undefined && change.asShipped !== undefined;
  // Generators of other versions have other settings; what both have is still told.
  const changes = (nearest?.changes ?? []).filter((change) => parsed.isEmbeddedRules || isKnown(change));
  return gapUnlessEmpty({
    id: "settings-changed",
    weight: "medium",
    title: `The settings are not as shipped (nearest profile: ${nearest?.parts.profile ?? "none"})`,
    why: "Settings say what placeholders such as $(sfprefix) stand for and what the host may ask for. A wider pattern there is a wider pattern everywhere.",
    action: "Look at each of these members: they were changed on purpose, or made by another version.",
    concerns: changes.map(({ path, inPolicy, asShipped }) => {
      if (inPolicy === undefined) return `${path}: missing, shipped as ${cut(asShipped ?? "")}`;
      return `${path}: ${cut(inPolicy)}${asShipped === undefined ? ", not shipped" : `, shipped as ${cut(asShipped)}`}`;
    }),
  });
}

function cut(text: string): string {
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

/** The YAML was edited after `generate`: the policy then still enforces what it said before. */
function changedYaml({ containers, source }: GapInputs): readonly Gap[] {
  if (source === undefined) return [];
  const named = new Set(containers.map(({ view }) => view.name));
  const { initContainers = [], containers: listed } = source.view.podSpec;
  const added = [...(initContainers ?? []), ...listed].filter(({ name }) => !named.has(name));
  const concerns = [
    ...containers.flatMap(({ view, inYaml }) => {
      if (inYaml === undefined) return view.isSandbox ? [] : [`${view.name}: not in the YAML`];
      const image = inYaml.container.image ?? "";
      const images = view.image === undefined || view.image === image ? [] : [`${view.name}: image`];
      const parts = [...changedArguments(view, inYaml), ...changedVariables(view, inYaml)];
      return [...images, ...parts.map((name) => `${view.name}: ${name}`)];
    }),
    ...added.map(({ name }) => `${name}: not in the policy`),
  ];
  return gapUnlessEmpty({
    id: "yaml-changed",
    weight: "medium",
    title: "The YAML says something else than the policy",
    why: "The YAML was edited after the policy was made. The policy still enforces the values shown here, so the pod will be refused or start without the change.",
    action: 'Run "contrast generate" again.',
    concerns,
  });
}
