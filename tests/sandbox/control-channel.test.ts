import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { ContrastError } from "../../src/lib/errors.ts";
import { askSupervisor, checkNotRunning, publishAccess, supervisorState } from "../../src/sandbox/control-client.ts";
import type { ControlAnswer, ControlRequest } from "../../src/sandbox/control-messages.ts";
import { type ControlServer, startControlServer } from "../../src/sandbox/control-server.ts";
import { sandboxDirectory, type SandboxDirectory } from "../../src/sandbox/sandbox-directory.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

interface Channel {
  readonly directory: SandboxDirectory;
  readonly server: ControlServer;
  readonly requests: ControlRequest[];
}

async function withChannel<T>(
  work: (channel: Channel) => Promise<T>,
  answer: () => ControlAnswer = () => ({ ok: true, processes: [] }),
): Promise<T> {
  const requests: ControlRequest[] = [];
  const server = await startControlServer(async (request) => {
    requests.push(request);
    return answer();
  });
  const directory = sandboxDirectory(temporaryDirectory());
  try {
    await publishAccess(directory, server.access);
    return await work({ directory, server, requests });
  } finally {
    await server.close();
  }
}

const post = async (port: number, headers: Record<string, string>, body: string, method = "POST"): Promise<number> => {
  const init = method === "GET" ? { method, headers } : { method, headers, body };
  return (await fetch(`http://127.0.0.1:${port}/`, init)).status;
};

describe("startControlServer()", () => {
  test("hears only who knows the token, and only what it understands", async () => {
    await withChannel(async ({ server, requests }) => {
      const { port, token } = server.access;
      const authorization = `Bearer ${token}`;
      const stop = JSON.stringify({ action: "stop" });
      const wrong = `Bearer ${"0".repeat(64)}`;
      expect(await post(port, {}, stop)).toBe(403);
      expect(await post(port, { authorization: wrong }, stop)).toBe(403);
      expect(await post(port, { authorization: token }, stop)).toBe(403);
      expect(await post(port, { authorization }, stop, "GET")).toBe(403);
      expect(await post(port, { authorization }, '{"action":"exec"}')).toBe(400);
      expect(await post(port, { authorization }, "{")).toBe(400);
      expect(await post(port, { authorization }, " ".repeat(2 * 1024 * 1024))).toBe(400);
      expect(requests).toEqual([]);
      expect(await post(port, { authorization }, stop)).toBe(200);
      expect(requests).toEqual([{ action: "stop" }]);
    });
  });

  test("does not wait for the end of a request that is too long", async () => {
    await withChannel(async ({ server: { access } }) => {
      const headers = { authorization: `Bearer ${access.token}` };
      const call = request({ host: "127.0.0.1", port: access.port, method: "POST", headers });
      const answered = new Promise((resolve, reject) => {
        call.once("error", reject).once("response", ({ statusCode }) => resolve(statusCode));
      });
      call.write(" ".repeat(2 * 1024 * 1024));
      expect(await answered).toBe(400);
      call.on("error", () => {}).destroy();
    });
  });

  test("passes on the error of whoever handles the request", async () => {
    const fail = (): never => {
      const report = { lines: ["last words"], json: {} };
      throw new ContrastError("sandbox/coordinator-failed", "Cannot start the Coordinator: x", {
        hint: "Look.",
        report,
      });
    };
    await withChannel(async ({ directory }) => {
      const error = await askSupervisor(directory, { action: "stop" }).catch((error: unknown) => error);
      expect(error).toMatchObject({
        code: "sandbox/coordinator-failed",
        message: "Cannot start the Coordinator: x",
        hint: "Look.",
        report: { lines: ["last words"] },
      });
    }, fail);
  });
});

describe("checkNotRunning()", () => {
  test("refuses while a supervisor answers", async () => {
    await withChannel(async ({ directory, server }) => {
      expect(await supervisorState(directory)).toBe("running");
      expect(await codeOfAsync(() => checkNotRunning(directory))).toBe("sandbox/already-running");
      expect(await codeOfAsync(() => publishAccess(directory, server.access))).toBe("sandbox/already-running");
    });
  });

  test.each(["", "{", '{"schema":"contrast/sandbox-control/v1","port":1,"token":"00"}'])(
    "removes what a supervisor left that is gone: %j",
    async (text) => {
      const directory = sandboxDirectory(temporaryDirectory());
      writeFileSync(directory.control, text);
      expect(await supervisorState(directory)).toBe("gone");
      await checkNotRunning(directory);
      expect(readdirSync(directory.path)).toEqual([]);
      expect(await supervisorState(directory)).toBe("stopped");
    },
  );

  test("does not take another program that has the port now for the supervisor", async () => {
    const web = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response('{"ok":true}') });
    const directory = sandboxDirectory(temporaryDirectory());
    const access = { schema: "contrast/sandbox-control/v1", port: web.port, token: "0".repeat(64) };
    writeFileSync(directory.control, JSON.stringify(access));
    expect(await supervisorState(directory)).toBe("gone");
    expect(await codeOfAsync(() => askSupervisor(directory, { action: "status" }))).toBe("sandbox/not-running");
    await web.stop(true);
  });

  test("does not remove the access of another supervisor that was started meanwhile", async () => {
    const directory = sandboxDirectory(temporaryDirectory());
    const fresh = JSON.stringify({ schema: "contrast/sandbox-control/v1", port: 1, token: "1".repeat(64) });
    const web = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: () => {
        // While the old access is judged, somebody else removes it and starts.
        writeFileSync(directory.control, fresh);
        return new Response("no", { status: 500 });
      },
    });
    const access = { schema: "contrast/sandbox-control/v1", port: web.port, token: "0".repeat(64) };
    writeFileSync(directory.control, JSON.stringify(access));
    expect(await codeOfAsync(() => checkNotRunning(directory))).toBe("sandbox/already-running");
    expect(existsSync(directory.control)).toBe(true);
    expect(readFileSync(directory.control, "utf8")).toBe(fresh);
    expect(readdirSync(directory.path)).toEqual([join(directory.control).split("/").at(-1) ?? ""]);
    await web.stop(true);
  });
});
