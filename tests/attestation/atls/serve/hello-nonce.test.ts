import { describe, expect, test } from "bun:test";
import { helloNonce } from "../../../../src/attestation/atls/serve/hello-nonce.ts";
import { nonceFields } from "../../../../src/attestation/atls/nonce.ts";
import { codeOf } from "../../../fakes/error-code.ts";

const NONCE = Uint8Array.from({ length: 32 }, (_, index) => 255 - index * 3);
const [HEX, BASE64] = [NONCE.toHex(), NONCE.toBase64()];

describe("helloNonce()", () => {
  test.each(["sni", "alpn", "both"] as const)("reads what our clients send in form %s", (form) => {
    const { servername, alpnProtocols } = nonceFields(NONCE, form);
    expect(helloNonce({ serverName: servername || undefined, protocols: alpnProtocols })).toEqual(NONCE);
  });

  test("believes the protocol where the server name says something else", () => {
    expect(helloNonce({ serverName: "coordinator.example", protocols: [`atls:v1:nonce:${HEX}`] })).toEqual(NONCE);
  });

  test.each([
    ["nothing", undefined, ["h2"]],
    ["a host name", "coordinator.example", ["h2"]],
    ["a nonce of 31 bytes", NONCE.subarray(1).toBase64(), []],
    ["a nonce of 33 bytes", `${BASE64.slice(0, -1)}A`, []],
    ["base64 without padding", BASE64.slice(0, -1), []],
    ["base64 of the web alphabet", BASE64.replace("/", "_").replace("+", "-"), []],
    ["a line break in base64", `${BASE64.slice(0, 20)}\n${BASE64.slice(20)}`, []],
    ["another version in a protocol", BASE64, [`atls:v2:nonce:${HEX}`]],
    ["upper-case digits", BASE64, [`atls:v1:nonce:${HEX.toUpperCase()}`]],
    ["too few digits", BASE64, [`atls:v1:nonce:${HEX.slice(2)}`]],
    ["too many digits", BASE64, [`atls:v1:nonce:${HEX}00`]],
    ["two protocols", BASE64, [`atls:v1:nonce:${HEX}`, `atls:v1:nonce:${HEX}`]],
  ])("refuses %s", (_what, serverName, protocols) => {
    expect(codeOf(() => helloNonce({ serverName, protocols }))).toBe("atls/nonce-invalid");
  });
});
