import { afterEach, describe, expect, test } from "bun:test";
import { observeEvidence } from "../../../src/attestation/atls/observe.ts";
import { type AtlsServer, type AtlsServerOptions, startAtlsServer } from "../../fakes/atls/atls-server.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";

let server: AtlsServer | undefined;

afterEach(async () => {
  await server?.close();
});

async function observe(options: Partial<AtlsServerOptions>): ReturnType<typeof observeEvidence> {
  server = await startAtlsServer({ onSecure: () => {}, ...options });
  const endpoint = { host: "127.0.0.1", port: server.port };
  return await observeEvidence({ endpoint, now: new Date(), signal: new AbortController().signal, timeoutMs: 5000 });
}

describe("observeEvidence()", () => {
  test("gives what an honest server presents, bound to the connection, and calls it unverified", async () => {
    const seen = await observe({});
    expect(seen.trust).toBe("unverified");
    expect(seen.presented).toEqual([{ oid: "1.3.9901.2.1", value: seen.reportData }]);
    const [hello] = server?.hellos ?? [];
    expect(hello?.serverName).toBe(seen.nonce.toBase64());
  });

  test("gives what a dishonest server presents as well", async () => {
    const seen = await observe({ trouble: "wrong-nonce" });
    expect(seen.presented[0].value).not.toEqual(seen.reportData);
  });

  test.each([
    ["no-evidence", "atls/no-evidence"],
    ["two-extensions", "atls/certificate-invalid"],
  ] as const)("refuses a server with %s", async (trouble, code) => {
    expect(await codeOfAsync(() => observe({ trouble }))).toBe(code);
  });
});
