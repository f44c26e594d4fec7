import { describe, expect, test } from "bun:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { ContrastError } from "../../src/lib/errors.ts";
import { callError } from "../../src/rpc/call-error.ts";
import type { UserApiMethod } from "../../src/rpc/server-status.ts";

const ENDPOINT = { host: "203.0.113.7", port: 1313 };
const NEVER = new AbortController().signal;

/** A status as a server sends it. */
function fromServer(code: Code, message: string): ConnectError {
  return new ConnectError(message, code, { "grpc-status": String(code) });
}

function codeFor(error: unknown, method: UserApiMethod = "GetManifests"): string {
  return callError(error, method, ENDPOINT, NEVER).code;
}

describe("callError()", () => {
  const { FailedPrecondition, Internal, InvalidArgument, PermissionDenied, ResourceExhausted, Unknown } = Code;

  test.each([
    ["SetManifest", FailedPrecondition, "coordinator is in recovery mode", "rpc/recovery-needed"],
    ["GetManifests", Internal, "syncing: coordinator is in recovery mode", "rpc/recovery-needed"],
    ["GetManifests", FailedPrecondition, "coordinator is in recovery mode", "rpc/recovery-needed"],
    ["SetManifest", PermissionDenied, "validating peer: peer not authorized", "rpc/permission-denied"],
    ["SetManifest", PermissionDenied, "changes to seedshare owners are not allowed", "rpc/permission-denied"],
    ["Recover", PermissionDenied, "peer not authorized to recover existing state", "rpc/permission-denied"],
    ["GetManifests", FailedPrecondition, "no manifest configured", "rpc/no-manifest"],
    ["Recover", FailedPrecondition, "coordinator is already recovered", "rpc/already-recovered"],
    ["Recover", FailedPrecondition, "no persisted transaction to recover from", "rpc/nothing-to-recover"],
    ["Recover", FailedPrecondition, "the coordinator was recovered concurrently", "rpc/changed-concurrently"],
    ["SetManifest", Internal, "setting latest: it has changed since last read", "rpc/changed-concurrently"],
    ["SetManifest", FailedPrecondition, "it has changed since last read", "rpc/changed-concurrently"],
    ["SetManifest", InvalidArgument, "unmarshaling manifest", "rpc/manifest-refused"],
    ["Recover", InvalidArgument, "recovery failed", "rpc/recovery-refused"],
    ["Recover", FailedPrecondition, "seedshare owner public key is not hex-encoded", "rpc/recovery-refused"],
    ["SetManifest", ResourceExhausted, "received message larger than max", "rpc/request-too-large"],
    ["SetManifest", ResourceExhausted, "the server holds too many requests at the moment", "rpc/unavailable"],
    ["GetManifests", ResourceExhausted, "too much", "rpc/server-failed"],
    ["GetManifests", InvalidArgument, "what?", "rpc/server-failed"],
    ["SetManifest", Internal, "setting manifest: disk full", "rpc/server-failed"],
    ["GetManifests", Unknown, "something", "rpc/server-failed"],
    ["GetManifests", Code.Unavailable, "shutting down", "rpc/unavailable"],
    ["GetManifests", Code.DeadlineExceeded, "too slow", "rpc/timeout"],
    ["GetManifests", Code.Unimplemented, "unknown service", "rpc/method-missing"],
  ] as const)("reads the answer to %s with status %d and %p", (method, status, text, code) => {
    expect(codeFor(fromServer(status, text), method)).toBe(code);
  });

  test.each([
    ["lost", Code.Unavailable, "rpc/unavailable"],
    ["http/2 stream closed", Code.Canceled, "rpc/unavailable"],
    ["the operation timed out", Code.DeadlineExceeded, "rpc/timeout"],
    ["message size is larger than writeMaxBytes", Code.ResourceExhausted, "rpc/request-too-large"],
    ["HTTP 404", Code.Unimplemented, "rpc/method-missing"],
    ["protocol error: received extra output message", Code.Unimplemented, "rpc/answer-invalid"],
    ["protocol error: incomplete envelope", Code.InvalidArgument, "rpc/answer-invalid"],
    ["HTTP 403", Code.PermissionDenied, "rpc/answer-invalid"],
    ["coordinator is in recovery mode", Code.FailedPrecondition, "rpc/answer-invalid"],
  ] as const)("does not take a failure of the transport for a status of the server: %s, %d", (text, status, code) => {
    expect(codeFor(new ConnectError(text, status))).toBe(code);
  });

  test("takes an error of the platform for an answer that breaks the protocol", () => {
    expect(codeFor(new TypeError("of the platform"))).toBe("rpc/answer-invalid");
  });

  test("keeps the code of our own errors, also inside of Connect's", () => {
    const own = new ContrastError("rpc/answer-too-large", "Cannot read the answer");
    expect(codeFor(own)).toBe("rpc/answer-too-large");
    expect(codeFor(ConnectError.from(own))).toBe("rpc/answer-too-large");
  });

  test("tells the wish to stop from every failure", () => {
    const error = callError(fromServer(Code.Internal, "x"), "Recover", ENDPOINT, AbortSignal.abort());
    expect(error.code).toBe("lib/interrupted");
  });

  test("says how long an answer was waited for", () => {
    const late = new ConnectError("the operation timed out", Code.DeadlineExceeded);
    expect(callError(late, "Recover", ENDPOINT, NEVER, 60_000).message).toEndWith(": no answer within 60 s");
    expect(callError(late, "Recover", ENDPOINT, NEVER).message).toEndWith(": no answer in time");
  });

  test("shows the text of the server cut and without what a terminal obeys", () => {
    const text = `\u001b[2Jgone\u202e\n${"x".repeat(100_000)}`;
    const { message } = callError(fromServer(Code.Internal, text), "SetManifest", ENDPOINT, NEVER);
    expect(message).toContain("203.0.113.7:1313");
    expect(message).toContain("gone");
    expect(message.length).toBeLessThan(2300);
    expect(message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
  });
});
