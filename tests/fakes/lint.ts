import { embeddedImageReplacements } from "../../src/generate/image-replacements.ts";
import { renderPath } from "../../src/kubernetes/path.ts";
import type { LintFinding } from "../../src/lint/finding.ts";
import { lintObjects } from "../../src/lint/lint-objects.ts";
import type { LintOptions } from "../../src/lint/lint-options.ts";
import { objectsFrom } from "./objects.ts";

/** Options of a run without platform. */
export const LINT_OPTIONS: LintOptions = {
  platform: undefined,
  images: embeddedImageReplacements(),
  skipServiceMesh: false,
  policyRulesBytes: 40_000,
};

/** Findings of the rules about YAML, as `rule path`, sorted. */
export async function lintYaml(yaml: string, options: Partial<LintOptions> = {}): Promise<readonly string[]> {
  const findings = await lintObjects(objectsFrom(yaml), { ...LINT_OPTIONS, ...options });
  return findings.map(showFinding).toSorted();
}

/** A finding as `rule path`. */
export function showFinding({ rule, path }: LintFinding): string {
  return `${rule} ${renderPath(path)}`;
}

/** A digest behind a reference, so that the image is in order. */
export const DIGEST = `@sha256:${"ab".repeat(32)}`;

/** Parts of a Pod in flow style. */
export interface PodParts {
  readonly metadata?: string;
  readonly spec?: string;
  readonly container?: string;
}

/** A confidential Pod about which no rule has anything to say, with additions. */
export function podYaml({ metadata = "", spec = "", container = "" }: PodParts = {}): string {
  const fields = [
    "name: web",
    ...(/\bimage:/.test(container) ? [] : [`image: "web${DIGEST}"`]),
    ...(/\bresources:/.test(container) ? [] : ["resources: {limits: {memory: 64Mi}}"]),
    ...(container === "" ? [] : [container]),
  ];
  const pod = [
    ...(/\bruntimeClassName:/.test(spec) ? [] : ["runtimeClassName: contrast-cc"]),
    ...(spec === "" ? [] : [spec]),
    `containers: [{${fields.join(", ")}}]`,
  ];
  const meta = [
    "name: web",
    ...(/\bnamespace:/.test(metadata) ? [] : ["namespace: shop"]),
    ...(metadata === "" ? [] : [metadata]),
  ];
  return `{apiVersion: v1, kind: Pod, metadata: {${meta.join(", ")}}, spec: {${pod.join(", ")}}}`;
}
