import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as fc from "fast-check";
import { checkedRun } from "../fakes/checked-run.ts";
import { generate } from "../../src/generate/generate.ts";
import type { GenerateOptions } from "../../src/generate/generate-options.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../fakes/campaign.ts";
import { scene } from "../fakes/generate-scene.ts";
import { KnownImages } from "../fakes/known-images.ts";
import { FEATURES } from "../fakes/pod-features.ts";
import { IMAGE } from "../fakes/policy-input.ts";

const RUNS = IS_CAMPAIGN ? 3000 : 30;

/** A change of a few characters somewhere in a file. */
const edit = fc.record({
  file: fc.constantFrom(
    "resources/pod.yaml",
    "manifest.json",
    "settings.json",
    "coordinator-policy.sha256",
    "out/pod.yaml",
  ),
  /** Part of the file's length. */
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.integer({ min: 0, max: 3 }),
  added: fc.constantFrom("", "x", "1", " ", "\n", "# c", ","),
});

const mode = fc.constantFrom<"in place" | "directory" | "initdata">("in place", "directory", "initdata");

describe("checkGenerated()", () => {
  test(
    "finds exactly what generate then writes, whatever was edited after a run",
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...Object.keys(FEATURES)), mode, edit, async (feature, how, change) => {
          const yaml = (FEATURES[feature] ?? "").replaceAll("spec: {", "spec: {runtimeClassName: contrast-cc, ");
          const { directory, services, options: plain } = scene(yaml, { selfCheck: false, pinImages: false });
          const images = new KnownImages({ [IMAGE.split("@")[0]!]: {}, "registry.example/initializer:1.0": {} });
          // Without records of runs, everything is made anew.
          const own = { ...services, images, programId: undefined };
          const options: GenerateOptions = {
            ...plain,
            outputDirectory: how === "directory" ? `${directory}/out` : undefined,
            initdata: how === "initdata" ? {} : undefined,
          };
          const first = await codeOfAsync(async () => void (await generate(options, own)));
          const second = await codeOfAsync(async () => {
            expect((await checkedRun(options, own)).changes).toEqual([]);
          });
          expect(second).toBe(first);

          const path = `${directory}/${change.file}`;
          if (!existsSync(path)) return;
          const text = readFileSync(path, "utf8");
          const start = Math.floor(change.at * text.length);
          writeFileSync(path, text.slice(0, start) + change.added + text.slice(start + change.removed));

          let found: readonly string[] = [];
          const checked = await codeOfAsync(async () => {
            found = (await checkedRun(options, own)).changes.map((each) => each.path);
          });
          const contents = new Map(found.map((each) => [each, existsSync(each) ? readFileSync(each, "utf8") : ""]));
          let written: readonly string[] = [];
          const made = await codeOfAsync(async () => {
            written = (await generate(options, own)).written;
          });
          expect(checked).toBe(made);
          for (const each of found) expect(readFileSync(each, "utf8")).not.toBe(contents.get(each)!);
          // The hash of the Coordinator is written in every run, also when it is the same.
          expect(written.filter((each) => !each.endsWith(".sha256"))).toEqual(
            found.filter((each) => !each.endsWith(".sha256")),
          );
        }),
        { seed: 5, numRuns: RUNS },
      );
    },
    CAMPAIGN_TIMEOUT_MS,
  );
});
