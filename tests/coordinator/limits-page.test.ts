import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_ATLS_LIMITS } from "../../src/attestation/atls/serve/serve-options.ts";
import { DEFAULT_GRPC_LIMITS } from "../../src/rpc/serve/grpc-limits.ts";

const PAGE = readFileSync(join(import.meta.dir, "../../docs/coordinator.md"), "utf8");
const LIMITS = PAGE.slice(PAGE.indexOf("## Limits")).replaceAll(/ +/g, " ");

describe("docs/coordinator.md", () => {
  test("names the limits that hold", () => {
    const { handshakeTimeoutMs, handshakes, handshakesPerAddress, connections, connectionsPerAddress } =
      DEFAULT_ATLS_LIMITS;
    const { streams, callTimeoutMs, idleMs, heldBytes } = DEFAULT_GRPC_LIMITS;
    const count = (value: number): string => value.toLocaleString("en");
    const rows = [
      `${handshakeTimeoutMs / 1000} s, ${count(handshakes)} at one time, ${count(handshakesPerAddress)} of one address`,
      `${count(connections)}, ${count(connectionsPerAddress)} of one address`,
      `${streams} at one time, ${callTimeoutMs / 1000} s each; without a call it is closed after ${idleMs / 60_000} minutes`,
      `${heldBytes / 1024 / 1024} MiB of all clients together`,
    ];
    for (const row of rows) expect(LIMITS).toContain(row);
  });
});
