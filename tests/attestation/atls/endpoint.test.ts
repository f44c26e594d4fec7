import { describe, expect, test } from "bun:test";
import { parseEndpoint, renderEndpoint } from "../../../src/attestation/atls/endpoint.ts";
import { codeOf } from "../../fakes/error-code.ts";

describe("parseEndpoint()", () => {
  test.each([
    ["coordinator.example:1313", "coordinator.example", 1313],
    ["203.0.113.7:1", "203.0.113.7", 1],
    ["[2001:db8::7]:65535", "2001:db8::7", 65_535],
  ])("reads %s and renders it again", (text, host, port) => {
    expect(parseEndpoint(text)).toEqual({ host, port });
    expect(renderEndpoint({ host, port })).toBe(text);
  });

  test.each([
    "",
    "host",
    ":1313",
    "host:",
    "host:0",
    "host:65536",
    "host:13x",
    "host:-1",
    "https://host:1313",
    "user@host:1313",
    "2001:db8::7:1313",
    "[2001:db8::7]",
    "[]:1313",
    "ho st:1313",
    "host:1313/",
  ])("refuses %p", (text) => {
    expect(codeOf(() => parseEndpoint(text))).toBe("atls/endpoint-invalid");
  });
});
