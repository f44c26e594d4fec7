import { describe, expect, test } from "bun:test";
import { Glob } from "bun";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { renderPolicyData } from "../../src/policy/render-policy.ts";
import { derive } from "../fakes/policy-input.ts";
import { vectorsFolder } from "../fakes/vectors.ts";

const folder = vectorsFolder("kata-policy");

describe.skipIf(folder === undefined)("derivePolicyData() of the upstream pods", () => {
  const root = folder ?? "";
  const pods = folder === undefined ? [] : [...new Glob("**/pod.yaml").scanSync(root)].toSorted();
  test.each(pods)("derives %s", async (pod) => {
    const facts = JSON.parse(readFileSync(join(root, "images.json"), "utf8"));
    const { data, errors } = await derive(readFileSync(join(root, pod), "utf8"), { profile: "upstream", facts });
    expect(errors).toEqual([]);
    expect(data?.containers).toHaveLength(2);
    // The policy that a pod already carries is no part of the new one.
    expect(renderPolicyData(data!)).not.toContain("cc_init_data");
  });
});
