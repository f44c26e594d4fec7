import { describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { createIntelPlatform } from "../fakes/intel-platform.ts";
import { insecureTrustRoots } from "../../src/attestation/trust-roots.ts";
import { DoctorScene } from "../fakes/doctor-scene.ts";
import { HOUR_MS, later, type MakeFault, WITHOUT_IMAGES } from "./fault.ts";

/** Adds a TDX machine whose collateral is so old; vendors can be asked. */
const withOldIntel =
  (days: number): MakeFault =>
  (scene) => {
    scene.addTdx({});
    const platform = createIntelPlatform({ now: later(-days * 24 * HOUR_MS) });
    const { collateral } = scene.services();
    const roots = insecureTrustRoots(new TextEncoder().encode(scene.rootsPem + platform.rootPem), "roots");
    const files = [...collateral.files, ...platform.collateralItems()];
    return { options: { offline: false }, services: { roots, collateral: { ...collateral, files } } };
  };

const DIGEST = `@sha256:${"ab".repeat(32)}`;

/** Puts another name of an image into YAML and policy. */
function renameImage(scene: DoctorScene, before: string, inYaml: string, inPolicy: string): void {
  scene.repolicy((text) => text.replaceAll(before, inPolicy));
  scene.edit("resources/pod.yaml", before, inYaml);
}

const CASES: readonly (readonly [string, MakeFault])[] = [
  [
    "collateral that is in the cache",
    (scene) => {
      const { collateral } = scene.services();
      return {
        services: { collateral: { ...collateral, files: [], cache: { items: collateral.files, damaged: [] } } },
      };
    },
  ],
  [
    "no place for a cache",
    (scene) => ({ services: { collateral: { ...scene.services().collateral, directory: undefined } } }),
  ],
  ["a cache that is there", (scene) => void mkdirSync(scene.path("cache/kds"), { recursive: true })],
  ["collateral that expires soon, with vendors to ask", withOldIntel(27)],
  ["collateral that has expired, with vendors to ask", withOldIntel(40)],
  [
    "other files beside the history",
    (scene) => {
      mkdirSync(scene.path("verify/old"));
      for (const name of ["manifest.json", "old/manifest.1.json"])
        scene.write(`verify/${name}`, scene.read("manifest.json"));
    },
  ],
  ...["BootloaderVersion", "TEEVersion", "SNPVersion", "MicrocodeVersion"].map(
    (name) =>
      [
        `a minimum that machines reach, of ${name} alone`,
        (scene: DoctorScene) =>
          scene.changeValues((values) =>
            values.replace(/Version":[0-9]+/g, 'Version":255').replace(`${name}":255`, `${name}":3`),
          ),
      ] as const,
  ),
  [
    "the tag that an image has where none is named",
    (scene) => {
      renameImage(scene, `registry.example/web:1.0${DIGEST}`, "registry.example/web", "registry.example/web:latest");
      return WITHOUT_IMAGES;
    },
  ],
  [
    "an image without digest",
    (scene) =>
      renameImage(scene, `registry.example/web:1.0${DIGEST}`, "registry.example/web:1.0", "registry.example/web:1.0"),
  ],
];

describe("examine()", () => {
  test.each(CASES)("finds nothing wrong with %s", async (_what, make) => {
    const scene = await DoctorScene.create();
    const { options, services } = make(scene) ?? {};
    expect(await scene.findings(options, services)).toEqual([]);
  });

  test("needs no collateral for a manifest without reference values", async () => {
    const scene = await DoctorScene.create();
    scene.changeManifest((manifest) => void (manifest.ReferenceValues = {}));
    const results = await scene.examine();
    expect(results.filter(({ check }) => check === "collateral.dates").map(({ status }) => status)).toEqual(["ok"]);
  });

  test("says which secret a workload had, and which it would get", async () => {
    for (const [id, actual] of [
      ["", "none"],
      ["other", "other"],
    ] as const) {
      const scene = await DoctorScene.create();
      scene.setManifest(scene.read("manifest.json").replace("core/v1/Pod/shop/web", id), true);
      const results = await scene.examine();
      expect(results.find(({ check }) => check === "saved.workload-secrets")).toMatchObject({
        actual,
        expected: "core/v1/Pod/shop/web",
      });
    }
  });

  test("says whether the rules of a policy are those of the file", async () => {
    const messageOf = async (make: (scene: DoctorScene) => void): Promise<string> => {
      const scene = await DoctorScene.create();
      make(scene);
      const { services } = WITHOUT_IMAGES;
      const results = await scene.examine({}, services);
      return results.find(({ check }) => check === "deployment.policy-rules")?.message ?? "";
    };
    const isOfFile = async (policy: string, file: string): Promise<boolean> =>
      (
        await messageOf((scene) => {
          scene.repolicy((text) => `${policy}${text}`);
          if (file !== "") scene.edit("rules.rego", /^/, file);
        })
      ).includes("rules.rego");
    expect(await isOfFile("# changed\n", "# changed\n")).toBe(true);
    expect(await isOfFile("# changed\n", "# other\n")).toBe(false);
    expect(
      await messageOf((scene) => scene.repolicy((text) => text.replace("policy_data :=", "a := 1\npolicy_data :="))),
    ).not.toMatch(/^$|rules\.rego/);
  });
});
