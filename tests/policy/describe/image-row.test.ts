import { describe, expect, test } from "bun:test";
import type { FoundPolicy } from "../../../src/policy/found-policy.ts";
import { bareText, describeFound, foundIn, withDataAt, withText } from "../../fakes/found-policies.ts";
import { podYaml } from "../../fakes/policy-input.ts";

const own = bareText((await foundIn(podYaml())).text);
const foreign = (found: FoundPolicy) => withText(found, `# x\n${found.text}`);
const verifying = (kind: string) => withDataAt(own, ["common", "image_verification"], kind);
const image = (found: FoundPolicy, reference: string | undefined) =>
  withDataAt(found, ["containers", 1, "image"], reference);
const storages = [{ fstype: "fuse3.kata-overlay", options: ["a", "ab".repeat(32)] }];
const layered = (found: FoundPolicy) => withDataAt(found, ["containers", 1, "storages"], storages);
const nameless = withDataAt(image(own, undefined), ["containers", 1, "OCI", "Annotations"], {});

/** Room and note of a container's image. */
async function imageOf(found: FoundPolicy, index = 1): Promise<string> {
  const { containers } = await describeFound(found);
  const row = containers[index]?.sections[0]?.rows[0];
  return `${row?.room}: ${row?.note}`;
}

describe("imageRow()", () => {
  test.each([
    ["a digest", own, "fixed: the guest pulls it and checks the digest"],
    ["a tag", image(own, "app:1"), "fixed: without a digest the container does not start"],
    ["no image", nameless, "fixed: the policy names none, so the container does not start"],
    ["root hashes", layered(verifying("tardev")), "fixed: the root hash of every layer is checked"],
    ["missing root hashes", verifying("tardev"), "any: the policy names no root hashes of its layers"],
    ["no verification", verifying("none"), "any: the settings verify no images, so the host decides what runs"],
    ["a digest under other rules", foreign(own), "fixed: whether the digest is checked depends on the rules"],
    [
      "a tag under other rules",
      foreign(image(own, "app")),
      "any: without a digest the host or the registry decides what runs",
    ],
    ["no image under other rules", foreign(nameless), "any: the policy names no image"],
    [
      "root hashes under other rules",
      foreign(layered(own)),
      "fixed: by the root hashes of its layers; whether they are checked depends on the rules",
    ],
  ])("says what %s means", async (_, found, said) => {
    expect(await imageOf(found)).toBe(said);
  });
  test("says that the pause image is the guest's where the guest pulls", async () => {
    expect(await imageOf(own, 0)).toBe("fixed: part of the measured guest");
  });
});
