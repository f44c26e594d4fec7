import { beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../fakes/campaign.ts";
import { isReady } from "../fakes/peers.ts";
import { ALL_RESOURCES, printedResources } from "../fakes/printed-resources.ts";
import { pythonPeer, PYTHON_PEERS_NEED } from "../fakes/python-peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const VALIDATE = pythonPeer("kubernetes-validate") ?? "";

/** Those that the project Kubernetes supports, and in a campaign all since the release whose objects these are. */
const SUPPORTED = ["1.35", "1.36", "1.37"];
const EARLIER = ["1.29", "1.30", "1.31", "1.32", "1.33", "1.34"];
const VERSIONS = IS_CAMPAIGN ? [...EARLIER, ...SUPPORTED] : SUPPORTED;
const LATEST = "1.37";

/** Asks the schemas of one version, with no property beyond them; the exit status and what was said. */
function validate(version: string, ...paths: readonly string[]) {
  const run = Bun.spawnSync([VALIDATE, "-k", version, "--strict", ...paths], { stderr: "pipe" });
  return { status: run.exitCode, text: run.stdout.toString() + run.stderr.toString() };
}

describe.skipIf(!isReady("contrast resources and the schemas of Kubernetes", VALIDATE !== "", PYTHON_PEERS_NEED))(
  "contrast resources",
  () => {
    const directory = temporaryDirectory();
    const paths = Object.keys(ALL_RESOURCES).map((name) => join(directory, name));

    beforeAll(async () => {
      for (const [name, words] of Object.entries(ALL_RESOURCES)) {
        writeFileSync(join(directory, name), await printedResources(words));
      }
    });

    test.each(VERSIONS)(
      "prints objects that fit the schemas of Kubernetes %s",
      (version) => {
        const { status, text } = validate(version, ...paths);
        expect(text).not.toContain("did not validate");
        expect(status).toBe(0);
        // Each object was judged: 9 runtimes of 5, 9 Coordinators of 2, one pod.
        expect(text.match(/ passed for resource /g)).toHaveLength(9 * 5 + 9 * 2 + 1);
      },
      CAMPAIGN_TIMEOUT_MS,
    );

    test.each([
      ["runtime-k3s-qemu-snp.yaml", "hostPID: true", "hostPid: true"],
      ["runtime-k3s-qemu-snp.yaml", "privileged: true", 'privileged: "true"'],
      ["coordinator-k3s-qemu-snp.yaml", "periodSeconds: 5", "periodSeconds: five"],
    ])(
      "would be found out in %s with %p as %p",
      async (name, good, bad) => {
        const text = await printedResources(ALL_RESOURCES[name] ?? []);
        expect(text).toContain(good);
        const path = join(temporaryDirectory(), name);
        writeFileSync(path, text.replace(good, bad));
        for (const version of IS_CAMPAIGN ? VERSIONS : [LATEST]) expect(validate(version, path).status).toBe(1);
      },
      CAMPAIGN_TIMEOUT_MS,
    );
  },
);
