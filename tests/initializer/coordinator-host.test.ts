import { describe, expect, test } from "bun:test";
import { renderEndpoint } from "../../src/attestation/atls/endpoint.ts";
import { parseCoordinatorHost } from "../../src/initializer/coordinator-host.ts";
import { codeOf } from "../fakes/error-code.ts";

describe("parseCoordinatorHost()", () => {
  test.each([
    ["coordinator", "coordinator:7777"],
    ["coordinator.ns.svc", "coordinator.ns.svc:7777"],
    ["203.0.113.7", "203.0.113.7:7777"],
    ["203.0.113.7:17777", "203.0.113.7:17777"],
    ["coordinator:1", "coordinator:1"],
    ["2001:db8::7", "[2001:db8::7]:7777"],
    ["[2001:db8::7]", "[2001:db8::7]:7777"],
    ["[2001:db8::7]:17777", "[2001:db8::7]:17777"],
  ])("reads %s as %s", (text, address) => {
    expect(renderEndpoint(parseCoordinatorHost(text))).toBe(address);
  });

  test("refuses an environment without Coordinator", () => {
    expect(codeOf(() => parseCoordinatorHost(""))).toBe("initializer/coordinator-host-missing");
  });

  test.each(["https://coordinator", "coordinator:", "coordinator:0", "coordinator:70000", "a b", "[::1", "x:y:7777"])(
    "refuses %s",
    (text) => {
      expect(codeOf(() => parseCoordinatorHost(text))).toBe("atls/endpoint-invalid");
    },
  );
});
