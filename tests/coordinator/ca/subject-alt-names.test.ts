import { describe, expect, test } from "bun:test";
import { parseSan, workloadNames } from "../../../src/coordinator/ca/subject-alt-names.ts";
import { codeOf } from "../../fakes/error-code.ts";

const LABEL = "a".repeat(63);

describe("workloadNames()", () => {
  test("takes the first DNS name as common name and puts DNS names, IP addresses and URIs in this order", () => {
    const sans = ["spiffe://mesh/web", "192.0.2.1", "web", "2001:db8::1", "*", "https://web.example/"];
    expect(workloadNames(sans)).toEqual({
      commonName: "web",
      names: [
        { type: "dns", name: "web" },
        { type: "dns", name: "*" },
        { type: "ip", address: Uint8Array.of(192, 0, 2, 1) },
        { type: "ip", address: Uint8Array.fromHex("20010db8000000000000000000000001") },
        { type: "uri", uri: "spiffe://mesh/web" },
        { type: "uri", uri: "https://web.example/" },
      ],
    });
  });

  test("takes the first name as common name where none is a DNS name", () => {
    expect(workloadNames(["192.0.2.1", "spiffe://mesh/web"]).commonName).toBe("192.0.2.1");
    expect(workloadNames(["spiffe://mesh/web", "192.0.2.1"]).commonName).toBe("spiffe://mesh/web");
  });

  test("refuses an empty list", () => {
    expect(codeOf(() => workloadNames([]))).toBe("coordinator/san-invalid");
  });

  test("refuses more than 16 KiB of names", () => {
    const names = Array.from({ length: 256 }, () => "a".repeat(60)).concat("a".repeat(32));
    expect(
      workloadNames([...names, "b".repeat(63), "b".repeat(63), "b".repeat(63), "b".repeat(63)]).names,
    ).toHaveLength(261);
    const full = Array.from({ length: 256 }, () => `${"a".repeat(31)}.${"a".repeat(32)}`);
    expect(workloadNames(full).names).toHaveLength(256);
    expect(codeOf(() => workloadNames([...full, "a"]))).toBe("coordinator/san-invalid");
  });
});

describe("parseSan()", () => {
  test.each([
    "*",
    "*.default.svc",
    "web_1",
    "WEB.Example",
    "*:8080",
    "1web:80",
    ":80",
    "a@b",
    LABEL,
    `${LABEL}.${LABEL}.${LABEL}.${"a".repeat(61)}`,
  ])("takes %s for a DNS name, as it is written", (san) => {
    expect(parseSan(san)).toEqual({ type: "dns", name: san });
  });

  test.each([
    ["spiffe://cluster.local/ns/default/sa/web", undefined],
    ["SPIFFE://Mesh/Web", "spiffe://Mesh/Web"],
    ["web:8080", undefined],
    ["urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", undefined],
    ["https://[2001:db8::1]:8443/a?b=c&d=%20#e", undefined],
    ["https://192.0.2.1:8443", undefined],
    ["file:///etc/hosts", undefined],
    ["a:", undefined],
  ])("takes %s for a URI, with its scheme in lower case", (san, uri) => {
    expect(parseSan(san)).toEqual({ type: "uri", uri: uri ?? san });
  });

  test.each([
    ["nothing", ""],
    ["a NUL", "web\0evil"],
    ["a space", "my web"],
    ["a line break", "web\n"],
    ["DEL", "web\u007f"],
    ["what is not ASCII", "wéb"],
    ["an empty label", "a..b"],
    ["a dot at the start", ".a"],
    ["a dot at the end", "a."],
    ["a dot alone", "."],
    ["a long label", `${LABEL}a`],
    ["a long domain", `${LABEL}.${LABEL}.${LABEL}.${"a".repeat(62)}`],
    ["a URI with a space", "https://a/ b"],
    ["a URI with a NUL", "https://a/\0"],
    ["a URI with half an escape", "https://a/%2"],
    ["a URI with an escape that is none", "https://a/%zz"],
    ["a URI with an escape in its host", "https://a%41/"],
    ["a URI with user information", "https://user@host/"],
    ["a URI with a port that is none", "https://host:http/"],
    ["a URI with two ports", "https://host:1:2/"],
    ["a URI with an empty label", "https://a..b/"],
    ["a URI whose host ends with a dot", "https://a./"],
    ["a URI with a long label", `https://${LABEL}a/`],
    ["a URI with brackets that are open", "https://[::1/"],
    ["a URI with brackets in its path", "https://a/[b]"],
    ["a URI with brackets around a name", "https://[host]/"],
    ["a URI with brackets around an IPv4 address", "https://[192.0.2.1]/"],
    ["a URI with a zone", "https://[fe80::1%25eth0]/"],
    ["a URI with an empty fragment", "https://a/#"],
    ["a URI with two fragments", "https://a/#b#c"],
    ["a long URI", `a:${"b".repeat(2047)}`],
  ])("refuses %s", (_, san) => {
    expect(codeOf(() => parseSan(san))).toBe("coordinator/san-invalid");
  });
});
