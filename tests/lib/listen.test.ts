import { afterEach, describe, expect, test } from "bun:test";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type Server } from "node:net";
import { listen } from "../../src/lib/listen.ts";

const HOST = "127.0.0.1";
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function tracked<T extends Server>(server: T): T {
  servers.push(server);
  return server;
}

describe("listen()", () => {
  test.each([
    ["TCP", () => createServer((socket) => socket.end())],
    ["HTTP", () => createHttpServer((_request, response) => response.end())],
  ])("says which port the system chose for a server of %s, and connections come to it", async (_, create) => {
    const port = await listen(tracked(create()), { host: HOST, port: 0 });
    expect(port).toBeGreaterThan(0);
    await new Promise<void>((resolve, reject) => {
      const client = connect({ host: HOST, port }, () => {
        client.destroy();
        resolve();
      });
      client.once("error", reject);
    });
  });

  test("rejects with the error of the platform where the port is taken", async () => {
    const port = await listen(tracked(createServer()), { host: HOST, port: 0 });
    const failure = await listen(createServer(), { host: HOST, port }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "EADDRINUSE" });
  });

  test("hands on what fails later, and nothing ends because of it", async () => {
    const heard: Error[] = [];
    const server = tracked(createServer());
    await listen(server, { host: HOST, port: 0 }, (error) => heard.push(error));
    const error = new Error("no more descriptors");
    server.emit("error", error);
    server.emit("error", error);
    expect(heard).toEqual([error, error]);
    const silent = tracked(createServer());
    await listen(silent, { host: HOST, port: 0 });
    expect(silent.emit("error", error)).toBeTrue();
  });
});
