import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { lintYaml } from "../fakes/lint.ts";
import { derive } from "../fakes/policy-input.ts";

const PAGE = readFileSync(join(import.meta.dir, "..", "..", "docs", "gpu.md"), "utf8");
const [, YAML = ""] = /```yaml\n([^`]*)```/.exec(PAGE) ?? [];
const [IMAGE = ""] = /registry\.example\/infer@sha256:4{64}/.exec(YAML) ?? [];

describe("docs/gpu.md", () => {
  test("shows a pod about which lint has nothing to say on GPU platforms", async () => {
    expect(await lintYaml(YAML, { platform: { display: "K3s-QEMU-SNP-GPU", gpu: true } })).toEqual([]);
  });

  test("shows a pod whose policy has one GPU", async () => {
    const { data } = await derive(YAML, { facts: { [IMAGE]: { config: { Entrypoint: ["/infer"] } } } });
    expect(data?.containers.map(({ gpus }) => gpus)).toEqual([1, 1]);
  });
});
