import { afterEach, describe, expect, test } from "bun:test";
import { askThim, parseThimAnswer } from "../../../src/attestation/issue/thim.ts";
import { createHttpClient } from "../../../src/lib/http-client.ts";
import { encodePem } from "../../../src/pki/pem-block.ts";
import { amdChip } from "../../fakes/amd-chip.ts";
import { codeOf, codeOfAsync } from "../../fakes/error-code.ts";
import { recordLog } from "../../fakes/image-provider.ts";

const chip = amdChip();
const { askDer, arkDer } = chip.authority;
const VCEK = encodePem("CERTIFICATE", chip.vcekDer);
const CHAIN = encodePem("CERTIFICATE", askDer) + encodePem("CERTIFICATE", arkDer);
const GOOD = { vcekCert: VCEK, certificateChain: CHAIN, tcbm: "DB18000000000004", cacheControl: "86400" };

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe("parseThimAnswer()", () => {
  test("reads the certificates of an answer", () => {
    expect(parseThimAnswer(encode(GOOD))).toEqual({ vcek: chip.vcekDer, ask: askDer, ark: arkDer });
  });

  test.each([
    ["no JSON", new TextEncoder().encode("<html>")],
    ["no UTF-8", Uint8Array.of(0xff)],
    ["no object", encode([GOOD])],
    ["no VCEK", encode({ ...GOOD, vcekCert: undefined })],
    ["no chain", encode({ ...GOOD, certificateChain: undefined })],
    ["a VCEK that is no text", encode({ ...GOOD, vcekCert: 1 })],
    ["a VCEK that is not PEM", encode({ ...GOOD, vcekCert: "MIIB" })],
    ["a VCEK that is no certificate", encode({ ...GOOD, vcekCert: encodePem("CERTIFICATE", Uint8Array.of(1, 2)) })],
    ["two VCEKs", encode({ ...GOOD, vcekCert: VCEK + VCEK })],
    ["one certificate in the chain", encode({ ...GOOD, certificateChain: VCEK })],
    ["three certificates in the chain", encode({ ...GOOD, certificateChain: CHAIN + VCEK })],
    ["something behind the chain", encode({ ...GOOD, certificateChain: `${CHAIN}x` })],
    ["something before the VCEK", encode({ ...GOOD, vcekCert: `x\n${VCEK}` })],
  ])("refuses %s: issuer/thim-invalid", (_, body) => {
    expect(codeOf(() => parseThimAnswer(body))).toBe("issuer/thim-invalid");
  });
});

describe("askThim()", () => {
  const servers: { stop: (force: boolean) => unknown }[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) void server.stop(true);
  });
  const serve = (answer: (request: Request) => Response): string => {
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: answer });
    servers.push(server);
    return `http://127.0.0.1:${server.port}/metadata/THIM/amd/certification`;
  };
  const http = createHttpClient({ offline: false, log: recordLog(), signal: new AbortController().signal });

  test("asks with the header that keeps other programs from being tricked into asking", async () => {
    const url = serve((request) =>
      request.headers.get("metadata") === "true" ? Response.json(GOOD) : new Response("no", { status: 400 }),
    );
    expect(await askThim(http, url)).toEqual({ vcek: chip.vcekDer, ask: askDer, ark: arkDer });
  });

  test.each([
    ["another status", () => new Response(JSON.stringify(GOOD), { status: 404 })],
    ["a redirect", () => new Response(null, { status: 302, headers: { location: "http://127.0.0.1:1/" } })],
    ["too much", () => new Response("x".repeat(64 * 1024 + 1))],
  ])("refuses %s: issuer/thim-invalid", async (_, answer) => {
    expect(await codeOfAsync(() => askThim(http, serve(answer)))).toBe("issuer/thim-invalid");
  });

  test("says that nobody is there: lib/network-unreachable", async () => {
    expect(await codeOfAsync(() => askThim(http, "http://127.0.0.1:1/"))).toBe("lib/network-unreachable");
  });
});
