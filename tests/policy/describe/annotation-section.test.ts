import { describe, expect, test } from "bun:test";
import { describeFound, foundIn, withDataAt } from "../../fakes/found-policies.ts";
import { podYaml } from "../../fakes/policy-input.ts";

const ANNOTATIONS = ["containers", 1, "OCI", "Annotations"];

describe("annotationSection()", () => {
  test.each([
    ["blue", "fixed"],
    ["^blue", "fixed"],
    ["^blue$", "pattern"],
    ["$(bundle-id)", "pattern"],
    ["$(unknown)", "fixed"],
  ])("tells how much room %p leaves", async (value, room) => {
    const { containers } = await describeFound(withDataAt(await foundIn(podYaml()), [...ANNOTATIONS, "team"], value));
    const section = containers[1]?.sections.find(({ id }) => id === "annotations");
    expect(section?.rows.find(({ subject }) => subject === "team")).toMatchObject({ value, room });
  });
});
