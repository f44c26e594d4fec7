import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { sha256Hex } from "../../src/lib/digest.ts";
import { parseInitdata } from "../../src/policy/initdata/parse-initdata.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { SandboxBench } from "./sandbox-bench.ts";
import { GenerateBench } from "./workspace.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

// The self-check of policies is not what is tested here.
const generated = new GenerateBench(temporaryDirectory(), ["--no-self-check", "--initdata"]);

test.each(["snp-milan", "tdx"] as const)("a Coordinator on %s works with initdata of SHA-256", async (platform) => {
  await using bench = await SandboxBench.create(generated, platform);
  await bench.up();
  const flags = bench.coordinatorFlags();
  expect(await bench.succeed("set", ...flags, "resources")).toContain("✔️ Seed shares received");
  await bench.succeed("sandbox", "status", "--wait");
  expect((await bench.status()).workloads.map(({ state }) => state)).toEqual(["certified", "certified"]);
  await bench.succeed("verify", ...flags);
  // What the Coordinator gives out is the document under its hash.
  const names = readdirSync(bench.workspace.path("verify")).filter((name) => name.startsWith("policy."));
  expect(names).toHaveLength(3);
  for (const name of names) {
    const document = bench.workspace.read(`verify/${name}`);
    expect(name).toBe(`policy.${sha256Hex(document)}.rego`);
    expect([...parseInitdata(document, name).data.keys()]).toEqual(["policy.rego"]);
  }
  await bench.succeed("sandbox", "down", "--delete");
});
