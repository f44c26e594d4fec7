import { describe, expect, test } from "bun:test";
import { parseClientHello } from "../../../../src/attestation/atls/serve/client-hello.ts";
import { alpn, helloBody, serverName, vector } from "../../../fakes/atls/hello-bytes.ts";
import { codeOf } from "../../../fakes/error-code.ts";
import { bitFlips, seededRandom, truncations } from "../../../fakes/mutations.ts";

function codeOfBody(body: Uint8Array): string {
  return codeOf(() => parseClientHello(body));
}

describe("parseClientHello()", () => {
  test("reads server name and protocols among other extensions", () => {
    const extensions = [
      [10, Buffer.of(1, 2)],
      alpn("atls:x", "h2"),
      [0xff01, Buffer.of()],
      serverName("a+/="),
    ] as const;
    expect(parseClientHello(helloBody({ extensions }))).toEqual({ serverName: "a+/=", protocols: ["atls:x", "h2"] });
  });

  test("takes a message without extensions, and one with none of the two", () => {
    const nothing = { serverName: undefined, protocols: [] };
    expect(parseClientHello(helloBody({ extensions: undefined }))).toEqual(nothing);
    expect(parseClientHello(helloBody({ extensions: [[43, Buffer.of(2, 3, 4)]] }))).toEqual(nothing);
  });

  test.each([
    ["a session id of 33 bytes", helloBody({ sessionId: Buffer.alloc(33) })],
    ["no cipher suite", helloBody({ suites: Buffer.of() })],
    ["half a cipher suite", helloBody({ suites: Buffer.of(1, 2, 3) })],
    ["no compression method", helloBody({ compression: Buffer.of() })],
    ["bytes after the extensions", Buffer.concat([helloBody(), Buffer.of(0)])],
    ["an extension twice", helloBody({ extensions: [alpn("h2"), alpn("h2")] })],
    [
      "an unknown extension twice",
      helloBody({
        extensions: [
          [99, Buffer.of()],
          [99, Buffer.of()],
        ],
      }),
    ],
    ["an extension that is cut off", helloBody({ extensions: [[0, Buffer.of()]] }).subarray(0, -1)],
    ["an empty server name extension", helloBody({ extensions: [[0, Buffer.of()]] })],
    ["an empty list of server names", helloBody({ extensions: [[0, vector(2, Buffer.of())]] })],
    ["an empty server name", helloBody({ extensions: [serverName("")] })],
    ["a server name of another type", helloBody({ extensions: [[0, vector(2, Buffer.of(1, 0, 1, 65))]] })],
    ["two server names", helloBody({ extensions: [[0, vector(2, Buffer.of(0, 0, 1, 65, 0, 0, 1, 66))]] })],
    ["bytes after the server names", helloBody({ extensions: [[0, Buffer.of(0, 4, 0, 0, 1, 65, 9)]] })],
    ["an empty list of protocols", helloBody({ extensions: [[16, vector(2, Buffer.of())]] })],
    ["a protocol without name", helloBody({ extensions: [alpn("h2", "")] })],
    ["a protocol that is cut off", helloBody({ extensions: [[16, vector(2, Buffer.of(3, 104, 50))]] })],
    ["bytes after the protocols", helloBody({ extensions: [[16, Buffer.of(0, 3, 2, 104, 50, 0)]] })],
  ])("refuses %s", (_what, body) => {
    expect(codeOfBody(body)).toBe("atls/hello-invalid");
  });

  test("refuses every beginning but that without extensions", () => {
    const withoutExtensions = helloBody({ extensions: undefined }).length;
    for (const cut of truncations(helloBody())) {
      expect(codeOfBody(cut)).toBe(
        cut.length === withoutExtensions ? "no error, returned object" : "atls/hello-invalid",
      );
    }
  });

  test("reads or refuses whatever it is given", () => {
    const answers = new Set([...bitFlips(helloBody())].map(({ flipped }) => codeOfBody(flipped)));
    const random = seededRandom(20_260_105);
    for (let run = 0; run < 2000; run++) {
      const bytes = Uint8Array.from({ length: random(200) }, () => random(256));
      answers.add(codeOfBody(Buffer.concat([helloBody({ extensions: undefined }), vector(2, bytes)])));
      answers.add(codeOfBody(bytes));
    }
    expect([...answers].toSorted()).toEqual(["atls/hello-invalid", "no error, returned object"]);
  });
});
