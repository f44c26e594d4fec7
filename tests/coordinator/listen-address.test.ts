import { describe, expect, test } from "bun:test";
import { checkPorts, parseListenAddress, parsePort } from "../../src/coordinator/listen-address.ts";
import { codeOf } from "../fakes/error-code.ts";

describe("parseListenAddress()", () => {
  test.each([
    ["127.0.0.1:1313", "127.0.0.1", 1313],
    [":9102", "0.0.0.0", 9102],
    ["[::]:0", "::", 0],
    ["localhost:65535", "localhost", 65_535],
  ])("reads %s", (text, host, port) => {
    expect(parseListenAddress(text, "--x")).toEqual({ host, port });
  });

  test.each(["", "1313", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "::1:1313", "http://x:1"])(
    "refuses %p",
    (text) => {
      expect(codeOf(() => parseListenAddress(text, "--x"))).toBe("coordinator/address-invalid");
    },
  );
});

describe("parsePort()", () => {
  test.each(["1", "9102", "65535"])("reads %s", (text) => {
    expect(parsePort(text, "X")).toBe(Number(text));
  });

  test.each(["", "0", "65536", "99999", "123456", "-1", "+1", "1.5", "0x10", " 9102", "abc", ":9102"])(
    "refuses %p",
    (text) => {
      expect(codeOf(() => parsePort(text, "X"))).toBe("coordinator/address-invalid");
    },
  );
});

describe("checkPorts()", () => {
  const at = (port: number) => ({ host: "127.0.0.1", port });

  test("takes different ports, ports that the system chooses, and servers that are not there", () => {
    expect(() => checkPorts({ a: at(1), b: at(2), c: at(0), d: at(0), e: undefined })).not.toThrow();
  });

  test("refuses a port that is taken, whatever the host", () => {
    expect(codeOf(() => checkPorts({ a: at(1), b: { host: "::1", port: 1 } }))).toBe("coordinator/address-invalid");
  });
});
