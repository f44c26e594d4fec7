import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadProfile, profileText } from "../../../src/policy/settings/profiles.ts";

const PROFILES = ["metal", "aks", "upstream"] as const;

describe("profileText()", () => {
  test.each(PROFILES)("gives the exact text of settings-%s.json", async (name) => {
    const file = join(import.meta.dir, `../../../policy/settings-${name}.json`);
    expect(await profileText(name)).toBe(readFileSync(file, "utf8"));
  });
});

describe("loadProfile()", () => {
  test("gives the same frozen object every time", async () => {
    const settings = await loadProfile("metal");
    expect(await loadProfile("metal")).toBe(settings);
    expect(Object.isFrozen(settings.common.default_caps)).toBe(true);
  });
  test("separates the platforms", async () => {
    const [metal, aks, upstream] = await Promise.all(PROFILES.map(loadProfile));
    expect([metal, aks, upstream].map((settings) => settings?.common.image_verification)).toEqual([
      "guest-pull",
      "tardev",
      "none",
    ]);
    expect([metal, aks, upstream].map((settings) => settings?.common.check_oci_version)).toEqual([false, false, true]);
    expect([metal, aks, upstream].map((settings) => settings?.request_defaults.ReadStreamRequest)).toEqual([
      true,
      true,
      false,
    ]);
    expect(metal?.cluster_config.emptydir_type).toBe("local");
    expect(upstream?.cluster_config.emptydir_type).toBe("block-encrypted");
    expect(metal?.sandbox.allowed_guest_hooks).toEqual(["/usr/share/oci/hooks"]);
    expect(upstream?.sandbox.allowed_guest_hooks).toEqual([]);
    expect(upstream?.common.default_caps).toHaveLength(14);
    expect(upstream?.common.privileged_caps).toHaveLength(41);
  });
});
