import { describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { chmodSync, closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { valueAt } from "../../src/kubernetes/value.ts";
import { portForwarder } from "../../src/resources/port-forwarder.ts";
import { createImageTable } from "../../src/resources/release-images.ts";
import { followed } from "../fakes/followed-process.ts";
import { leavesOf, textAt } from "../fakes/leaves.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const LISTENING = [1313, 7777].map((port) => `TCP-LISTEN:${port},fork,reuseaddr TCP:coordinator:${port}`);

/**
 * Runs what the container runs, with programs in place of socat that say how they were called, and wait until one of them
 * is to end. Whichever nobody has ended says so in the end.
 */
function startContainer(variables: Readonly<Record<string, string>> = {}) {
  const directory = temporaryDirectory();
  const gate = join(directory, "gate");
  execFileSync("mkfifo", [gate]);
  const waiting = 'if read -r line <&3; then echo ended >&2; else echo "left over" >&2; fi';
  writeFileSync(join(directory, "socat"), `#!/bin/sh\nexec 3< "${gate}"\necho "$*" >&2\n${waiting}\n`);
  chmodSync(join(directory, "socat"), 0o755);
  let handle: number | undefined = openSync(gate, "r+");
  const close = (): void => {
    if (handle !== undefined) closeSync(handle);
    handle = undefined;
  };
  const pod = portForwarder({ name: "coordinator", namespace: undefined, ports: [1313, 7777] }, createImageTable());
  const command = valueAt(pod, ["spec", "containers", 0, "command"]) as readonly string[];
  const env = valueAt(pod, ["spec", "containers", 0, "env"]) as readonly { name: string; value: string }[];
  const told = Object.fromEntries(env.map(({ name, value }) => [name, value]));
  const { child, hasSaid, ended, said } = followed(
    Bun.spawn([...command], {
      env: { ...told, ...variables, PATH: directory },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  return {
    child,
    hasSaid,
    endOne: (): void => void writeSync(handle ?? -1, "\n"),
    /** Every line in order of the alphabet, after the end. */
    said: async (): Promise<readonly string[]> => {
      close();
      await ended();
      return said().trimEnd().split("\n").toSorted();
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      child.kill("SIGKILL");
      close();
      await ended();
    },
  };
}

describe("portForwarder()", () => {
  test("makes the pod of the table and nothing else of it", () => {
    const service = { name: "coordinator", namespace: undefined, ports: [1313, 7777] };
    const { "spec.containers[0].command[2]": script, ...fields } = leavesOf(portForwarder(service, createImageTable()));
    expect(fields).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      "metadata.name": "port-forwarder-coordinator",
      "metadata.labels[app.kubernetes.io/name]": "port-forwarder-coordinator",
      "spec.containers[0].name": "port-forwarder",
      "spec.containers[0].image": "ghcr.io/edgelesssys/contrast/port-forwarder:v1.4.1",
      "spec.containers[0].command[0]": "/bin/bash",
      "spec.containers[0].command[1]": "-c",
      "spec.containers[0].env[0].name": "LISTEN_PORTS",
      "spec.containers[0].env[0].value": "1313 7777",
      "spec.containers[0].env[1].name": "FORWARD_HOST",
      "spec.containers[0].env[1].value": "coordinator",
      "spec.containers[0].env[2].name": "FORWARD_PORT",
      "spec.containers[0].env[2].value": "-1",
      "spec.containers[0].ports[0].containerPort": 1313,
      "spec.containers[0].ports[1].containerPort": 7777,
      "spec.containers[0].resources.limits.memory": "50Mi",
      "spec.containers[0].resources.requests.memory": "50Mi",
    });
    // Kubernetes would expand $(NAME) in it before the shell does.
    expect(textAt(script)).not.toContain("$(");
  });

  test("puts the pod into the namespace of its Service", () => {
    const pod = portForwarder({ name: "web", namespace: "shop", ports: [443] }, createImageTable());
    expect(leavesOf(pod)).toMatchObject({
      "metadata.name": "port-forwarder-web",
      "metadata.namespace": "shop",
      "spec.containers[0].env[0].value": "443",
      "spec.containers[0].env[1].value": "web",
    });
  });

  test("runs one socat for each port, and none any more once one of them has ended", async () => {
    await using container = startContainer();
    for (const line of LISTENING) await container.hasSaid(line);
    container.endOne();
    expect(await container.child.exited).toBe(1);
    expect(await container.said()).toEqual([...LISTENING, "ended"]);
  });

  test("ends every socat when it is told to end, and nothing else", async () => {
    await using container = startContainer({ pids: "of the image" });
    for (const line of LISTENING) await container.hasSaid(line);
    container.child.kill("SIGTERM");
    expect(await container.child.exited).toBe(0);
    expect(await container.said()).toEqual(LISTENING);
  });
});
