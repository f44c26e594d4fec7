import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ContainerPolicy, PolicyData } from "../../src/policy/policy-data.ts";
import { renderPrettyJson } from "../../src/policy/pretty-json.ts";
import type { ProfileName } from "../../src/policy/settings/profiles.ts";
import { derive } from "../fakes/policy-input.ts";
import { FEATURES } from "../fakes/pod-features.ts";

/** Rewrites the golden files; the change is then read in review. */
const UPDATE = process.env["UPDATE_GOLDEN"] === "1";

/** The part of a policy that a feature shapes, and its profile. */
const CASES: readonly (readonly [feature: string, profile: ProfileName, part: (data: PolicyData) => unknown])[] = [
  ["plain", "upstream", ({ containers }) => containers],
  ["volumes", "metal", ({ containers }) => volumesOf(containers.at(-1))],
  ["environment", "metal", ({ containers }) => containers.at(-1)?.OCI.Process],
];

function volumesOf(container: ContainerPolicy | undefined) {
  return { Mounts: container?.OCI.Mounts, storages: container?.storages, devices: container?.devices };
}

describe("derivePolicyData(), golden files", () => {
  test.each(CASES)("derives %s under %s as reviewed", async (feature, profile, part) => {
    const { data } = await derive(FEATURES[feature]!, { profile });
    const text = `${renderPrettyJson(part(data!))}\n`;
    const file = join(import.meta.dir, "golden", `${feature}-${profile}.json`);
    if (UPDATE) writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, "utf8"));
  });
});
