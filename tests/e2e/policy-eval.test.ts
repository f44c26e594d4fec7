import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { otherContainer, otherPolicy } from "../fakes/other-rules.ts";
import { isPermitted } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { contrastBinary } from "./binary.ts";
import { runBinary } from "./run-binary.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const request = (id: string, namespace: string) => ({
  kind: "CreateContainerRequest",
  request: otherContainer(id, namespace),
});

/** Paths of a policy of another author and of requests for it. */
function sceneWith(version: "v0" | "v1"): readonly [string, string] {
  const folder = temporaryDirectory();
  const paths = [join(folder, "policy.rego"), join(folder, "requests.json")] as const;
  writeFileSync(paths[0], otherPolicy(version));
  writeFileSync(paths[1], JSON.stringify([request("a", "prod"), request("b", "prod"), request("c", "other")]));
  return paths;
}

const verdicts = (stdout: string): readonly string[] => stdout.split("\n").filter((line) => /^\d/.test(line));

describe("contrast policy eval", () => {
  const cases = (["v0", "v1"] as const).flatMap((version) =>
    (["guest", "current"] as const).map((engine) => [version, engine] as const),
  );
  test.each(cases)("decides with rules in Rego %s, by the %s engine", async (version, engine) => {
    const [policy, requests] = sceneWith(version);
    const run = await runBinary(["policy", "eval", "--engine", engine, "--policy", policy, requests]);
    expect(verdicts(run.stdout)).toEqual([
      "1 allow CreateContainerRequest",
      "2 allow CreateContainerRequest",
      "3 deny CreateContainerRequest",
    ]);
    expect(run.status).toBe(1);
    expect(run.stderr).toStartWith('Error: Policy denied 1 of 3 requests\n  Run "contrast policy explain"');
    expect(run.stderr).toEndWith("More about it: contrast help policy/request-denied\n");
  });

  test("tells refusals and missing verdicts apart by the exit status, where output is structured", async () => {
    const [policy, requests] = sceneWith("v0");
    const words = ["policy", "eval", "--format", "json", "--policy", policy];
    expect((await runBinary([...words, requests])).status).toBe(4);
    writeFileSync(requests, '{"kind": "SetPolicyRequest", "request": {}}');
    expect((await runBinary([...words, requests])).status).toBe(7);
    writeFileSync(requests, JSON.stringify(request("a", "prod")));
    expect((await runBinary([...words, requests])).status).toBe(0);
  });

  test.if(isPermitted("policy eval without network", "unshare", "--map-root-user", "--net", "true"))(
    "needs no network",
    async () => {
      const [policy, requests] = sceneWith("v1");
      const words = ["unshare", "--map-root-user", "--net", await contrastBinary(), "policy", "eval"];
      const child = Bun.spawnSync([...words, "--policy", policy, requests]);
      expect(verdicts(child.stdout.toString())).toHaveLength(3);
    },
  );
});
