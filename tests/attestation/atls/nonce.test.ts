import { describe, expect, test } from "bun:test";
import { createNonce, nonceFields } from "../../../src/attestation/atls/nonce.ts";

const NONCE = Uint8Array.from({ length: 32 }, (_, index) => index);
const SERVER_NAME = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const PROTOCOL = "atls:v1:nonce:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

describe("createNonce()", () => {
  test("makes 32 bytes that were never there before", () => {
    const nonces = Array.from({ length: 100 }, createNonce);
    expect(nonces.every(({ length }) => length === 32)).toBe(true);
    expect(new Set(nonces.map((nonce) => nonce.toHex())).size).toBe(100);
  });
});

describe("nonceFields()", () => {
  test("puts the nonce into the server name for Contrast 1.4", () => {
    expect(nonceFields(NONCE, "sni")).toEqual({ servername: SERVER_NAME, alpnProtocols: ["h2"] });
  });

  test("puts the nonce into the first protocol for later versions", () => {
    expect(nonceFields(NONCE, "alpn")).toEqual({ servername: "", alpnProtocols: [PROTOCOL, "h2"] });
  });

  test("puts the nonce into both", () => {
    expect(nonceFields(NONCE, "both")).toEqual({ servername: SERVER_NAME, alpnProtocols: [PROTOCOL, "h2"] });
  });
});
