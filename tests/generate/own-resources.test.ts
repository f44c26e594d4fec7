import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PLATFORMS } from "../../src/manifest/platforms.ts";
import { callCommand } from "../fakes/call-command.ts";
import { textAt } from "../fakes/leaves.ts";
import { COORDINATOR_IMAGE, OWN_NAMES, ownScene } from "../fakes/own-resources.ts";
import { listedResources, printedResources } from "../fakes/printed-resources.ts";
import { recordIo } from "../fakes/recorded-io.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

/** Lines that a text has and the other has not. */
function linesOnlyIn(text: string, other: string): readonly string[] {
  const known = new Set(other.split("\n"));
  return text.split("\n").filter((line) => !known.has(line));
}

describe.each(PLATFORMS)("generate() on the output of contrast resources for $name", ({ name }) => {
  test("gives the Coordinator its policy, changes nothing else, and a second run changes nothing", async () => {
    const { run, read, before, directory } = await ownScene(name);
    await run();
    expect(read("runtime")).toBe(before.get("runtime")!);
    expect(read("port-forwarder")).toBe(before.get("port-forwarder")!);
    const [old, now] = [before.get("coordinator")!, read("coordinator")];
    expect(linesOnlyIn(now, old)).toEqual([
      expect.stringMatching(/^ {8}io\.katacontainers\.config\.agent\.policy: [A-Za-z0-9+/]+=*$/),
      expect.stringMatching(/^ +image: registry\.example\/coordinator:1\.0@sha256:[0-9a-f]{64}$/),
    ]);
    expect(linesOnlyIn(old, now)).toEqual([`          image: ${COORDINATOR_IMAGE}`]);

    const hash = readFileSync(join(directory, "coordinator-policy.sha256"), "utf8");
    const manifest = JSON.parse(readFileSync(join(directory, "manifest.json"), "utf8"));
    expect(manifest.Policies[hash]).toMatchObject({ SANs: ["coordinator", "*"] });
    expect(Object.keys(manifest.Policies)).toHaveLength(2);

    const files = [...OWN_NAMES, "pod"].map(read);
    await run();
    expect([...OWN_NAMES, "pod"].map(read)).toEqual(files);
  });

  test("has the name of the RuntimeClass in every confidential pod", async () => {
    const { run, read } = await ownScene(name);
    await run();
    const { items } = await listedResources(["runtime", "--platform", name]);
    const line = `runtimeClassName: ${textAt(items[0], "handler")}\n`;
    for (const file of ["coordinator", "pod"]) expect(read(file)).toContain(line);
  });

  test("leaves nothing for lint to tell", async () => {
    const directory = temporaryDirectory();
    // A port-forwarder is told, and rightly so: it runs outside of any guest.
    writeFileSync(join(directory, "runtime.yaml"), await printedResources(["runtime", "--platform", name]));
    const coordinator = await printedResources(["coordinator", "--platform", name, "--namespace", "shop"]);
    writeFileSync(join(directory, "coordinator.yaml"), coordinator);
    const io = recordIo({ format: "json" });
    await callCommand(["lint", "--reference-values", name, directory], io);
    expect(JSON.parse(io.printed[0] ?? "").findings).toEqual([]);
  });
});
