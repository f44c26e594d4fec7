import { afterAll, describe, expect, test } from "bun:test";
import { isValueMap, valueAt } from "../../src/kubernetes/value.ts";
import { portForwarder } from "../../src/resources/port-forwarder.ts";
import { createImageTable } from "../../src/resources/release-images.ts";
import { freePorts } from "../fakes/free-ports.ts";
import { hasPrograms, isPermitted } from "../fakes/peers.ts";
import { until } from "../fakes/until.ts";

const canRun =
  hasPrograms("contrast resources port-forwarder", "bash", "socat") &&
  isPermitted("contrast resources port-forwarder, which listens on IPv4", "socat", "-u", "/dev/null", "UDP6:[::1]:9");

/** Runs what the container of a port-forwarder runs; the Service is at ::1, since pod and Service are one host here. */
function startPod(ports: readonly number[]) {
  const pod = portForwarder({ name: "web", namespace: undefined, ports }, createImageTable());
  const container = valueAt(pod, ["spec", "containers", 0]);
  if (!isValueMap(container)) throw new Error("no container");
  const variables = (container["env"] as readonly { name: string; value: string }[]).map(
    ({ name, value }) => [name, name === "FORWARD_HOST" ? "[::1]" : value] as const,
  );
  const child = Bun.spawn([...(container["command"] as readonly string[])], {
    env: { PATH: process.env["PATH"], ...Object.fromEntries(variables) },
    stderr: "ignore",
  });
  afterAll(() => child.kill("SIGKILL"));
  return child;
}

/** What a server behind the port-forwarder answers; empty while nothing listens. */
async function ask(port: number): Promise<string> {
  return await fetch(`http://127.0.0.1:${port}/`, { keepalive: false }).then(
    (response) => response.text(),
    () => "",
  );
}

describe.skipIf(!canRun)("portForwarder()", () => {
  test("relays each port, and ends at once when it is told to", async () => {
    const ports = freePorts(2);
    const servers = ports.map((port) =>
      Bun.serve({ hostname: "::1", port, fetch: () => new Response(`the server at ${port}`) }),
    );
    const child = startPod(ports);
    for (const port of ports) await until(async () => (await ask(port)) === `the server at ${port}`);

    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
    for (const port of ports) await until(async () => (await ask(port)) === "");
    for (const server of servers) await server.stop(true);
  });

  test("ends when one port cannot be relayed, so that the container is started again", async () => {
    const [taken = 0, free = 0] = freePorts(2);
    const server = Bun.listen({ hostname: "0.0.0.0", port: taken, socket: { data: () => {} } });
    const child = startPod([free, taken]);
    expect(await child.exited).toBe(1);
    await until(async () => (await ask(free)) === "");
    server.stop(true);
  });
});
