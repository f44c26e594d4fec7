import { describe, expect, test } from "bun:test";
import { type CapabilityRequest, deriveCapabilities } from "../../../src/policy/derive/capabilities.ts";
import { loadProfile } from "../../../src/policy/settings/profiles.ts";

const { common } = await loadProfile("upstream");
const NONE: CapabilityRequest = { privileged: false, add: [], drop: [] };

/** The bounding set; effective and permitted must equal it. */
function granted(request: Partial<CapabilityRequest>): readonly string[] {
  const sets = deriveCapabilities({ ...NONE, ...request }, common);
  expect(sets.Effective).toEqual(sets.Bounding);
  expect(sets.Permitted).toEqual(sets.Bounding);
  expect([sets.Ambient, sets.Inheritable]).toEqual([[], []]);
  return sets.Bounding;
}

describe("deriveCapabilities()", () => {
  test.each<[string, Partial<CapabilityRequest>, readonly string[]]>([
    ["the default list as token", {}, ["$(default_caps)"]],
    ["the privileged list as token", { privileged: true }, ["$(privileged_caps)"]],
    ["everything for ALL", { add: ["all"] }, ["$(privileged_caps)"]],
    ["nothing after dropping all", { drop: ["all"] }, []],
    ["only what is added after dropping all", { drop: ["ALL"], add: ["NET_BIND_SERVICE"] }, ["CAP_NET_BIND_SERVICE"]],
    ["names with prefix and in lower case", { drop: ["ALL"], add: ["cap_chown", "kill"] }, ["CAP_CHOWN", "CAP_KILL"]],
    ["each name once", { drop: ["ALL"], add: ["KILL", "CAP_KILL"] }, ["CAP_KILL"]],
    ["the default list for an addition that it has", { add: ["CHOWN"] }, ["$(default_caps)"]],
    ["the default list and an addition", { add: ["SYS_NICE"] }, [...common.default_caps, "CAP_SYS_NICE"]],
    [
      "the default list without what is dropped",
      { drop: ["NET_RAW"] },
      common.default_caps.filter((name) => name !== "CAP_NET_RAW"),
    ],
    ["no name that is added and dropped", { drop: ["ALL", "KILL"], add: ["KILL"] }, []],
  ])("gives %s", (_, request, expected) => {
    expect(granted(request)).toEqual(expected);
  });
});
