import { describe, expect, test } from "bun:test";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Attestation } from "../../src/attestation/atls/attestation.ts";
import { parseEndpoint } from "../../src/attestation/atls/endpoint.ts";
import { createSession } from "../../src/rpc/coordinator-session.ts";
import { codeOfAsync } from "../fakes/error-code.ts";

/** The code of a call that fails with this error at once, of a session with this time limit. */
async function codeOfCall(failure: ConnectError, callTimeoutMs: number): Promise<string> {
  const session = createSession({
    endpoint: parseEndpoint("192.0.2.1:1313"),
    attestation: {} as Attestation,
    client: { call: () => Promise.reject(failure), close: () => {} },
    callTimeoutMs,
    signal: new AbortController().signal,
  });
  return await codeOfAsync(() => session.getManifests());
}

describe("createSession()", () => {
  test.each([Code.Unavailable, Code.Canceled])(
    "takes the loss of a call (status %d) after its time for a timeout",
    async (status) => {
      const loss = new ConnectError("the stream was reset", status);
      expect(await codeOfCall(loss, 0)).toBe("rpc/timeout");
      expect(await codeOfCall(loss, 60_000)).toBe("rpc/unavailable");
    },
  );

  test("takes another failure after its time for what it is", async () => {
    expect(await codeOfCall(new ConnectError("nonsense", Code.Internal), 0)).toBe("rpc/answer-invalid");
  });
});
