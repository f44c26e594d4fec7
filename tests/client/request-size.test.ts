import { describe, expect, test } from "bun:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { explainRequestSize, requestSizeOf, requireSendable } from "../../src/client/request-size.ts";
import { ContrastError } from "../../src/lib/errors.ts";
import { MAX_REQUEST_BYTES } from "../../src/proto/message-limits.ts";
import { SetManifestRequestSchema } from "../../src/proto/userapi_pb.ts";
import { codeOf } from "../fakes/error-code.ts";

describe("requestSizeOf()", () => {
  test.each([0, 1, 200, 70_000])(
    "is no less than the message, and hardly more, with policies of %d bytes",
    (length) => {
      const policies = Array.from({ length: 20 }, () => new Uint8Array(length));
      const Manifest = new Uint8Array(1000);
      const PreviousTransitionHash = new Uint8Array(32);
      const message = create(SetManifestRequestSchema, { Manifest, Policies: policies, PreviousTransitionHash });
      const { bytes } = requestSizeOf(Manifest, policies);
      const actual = toBinary(SetManifestRequestSchema, message).length;
      expect(bytes).toBeGreaterThanOrEqual(actual);
      expect(bytes).toBeLessThan(actual + 400);
    },
  );
});

describe("requireSendable()", () => {
  test("refuses what no Coordinator takes, and nothing else", () => {
    expect(codeOf(() => requireSendable({ bytes: MAX_REQUEST_BYTES + 1, policies: 1 }))).toBe("rpc/request-too-large");
    requireSendable({ bytes: MAX_REQUEST_BYTES, policies: 1 });
  });
});

describe("explainRequestSize()", () => {
  const size = { bytes: 5_000_000, policies: 80 };
  const refusal = (text: string) => new ContrastError("rpc/request-too-large", text);

  test("names the limit of the Coordinator that refused", () => {
    const error = refusal(
      'the Coordinator answers with "grpc: received message larger than max (5000000 vs. 4194304)"',
    );
    expect(explainRequestSize(error, size)).toMatchObject({
      code: "rpc/request-too-large",
      message: expect.stringContaining("80 policies have 4.8 MiB together; this Coordinator takes 4 MiB"),
      details: { bytes: 5_000_000, policies: 80, limitBytes: 4_194_304 },
      cause: error,
    });
  });

  test.each([
    refusal("too large"),
    refusal("larger than max (99999999999999999999 vs. 1)"),
    new ContrastError("rpc/timeout", "larger than max (5 vs. 4)"),
    new TypeError("larger than max (5 vs. 4)"),
  ])("leaves another error as it is", (error) => {
    expect(explainRequestSize(error, size)).toBe(error);
  });
});
