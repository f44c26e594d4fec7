import { expect, test } from "bun:test";
import { connect as connectTcp } from "node:net";
import { join } from "node:path";
import { connectAtls } from "../../../../src/attestation/atls/connect.ts";
import { judgeReportData } from "../../../fakes/atls/test-validator.ts";

const SERVER = join(import.meta.dir, "..", "..", "..", "e2e", "fixtures", "atls-server.ts");
const FLOOD = 120;

test("startAtlsService() survives that no file descriptor is left, and serves again", async () => {
  const child = Bun.spawn(["sh", "-c", `ulimit -n 64; exec "$0" "$1"`, process.execPath, SERVER], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  try {
    const { value } = await child.stdout.getReader().read();
    const endpoint = { host: "127.0.0.1", port: Number(Buffer.from(value ?? []).toString()) };
    const silent = Array.from({ length: FLOOD }, () => connectTcp(endpoint).on("error", () => {}));
    await Promise.all(silent.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
    const { signal } = new AbortController();
    const options = { endpoint, clientKey: undefined, validate: judgeReportData, now: new Date(), signal };
    // Its turn comes when those before it were given up.
    const { close } = await connectAtls(options);
    close();
    for (const socket of silent) socket.destroy();
    expect(child.exitCode).toBeNull();
  } finally {
    child.kill();
    await child.exited;
  }
}, 20_000);
