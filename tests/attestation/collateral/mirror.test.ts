import { describe, expect, test } from "bun:test";
import { collateralUrl } from "../../../src/attestation/collateral/collateral-url.ts";
import { NO_MIRRORS, mirroredUrl, parseMirror } from "../../../src/attestation/collateral/mirror.ts";
import { NEEDS } from "../../fakes/collateral-items.ts";
import { codeOf } from "../../fakes/error-code.ts";

describe("parseMirror()", () => {
  test.each([
    ["https://mirror.example", "https://mirror.example"],
    ["http://10.0.0.1:8080/", "http://10.0.0.1:8080"],
    ["https://mirror.example/amd/kds//", "https://mirror.example/amd/kds"],
  ])("takes %s", (text, base) => {
    expect(parseMirror(text, "--kds-mirror")).toBe(base);
  });

  test.each([
    "",
    "mirror.example",
    "file:///etc/passwd",
    "ftp://mirror.example",
    "https://user@mirror.example",
    "https://:secret@mirror.example",
    "https://mirror.example/?a=b",
    "https://mirror.example/#a",
  ])("refuses %j", (text) => {
    expect(codeOf(() => parseMirror(text, "--kds-mirror"))).toBe("attestation/mirror-invalid");
  });
});

describe("mirroredUrl()", () => {
  const mirrors = { kds: "http://a.example/kds", pcs: "https://b.example" };

  test.each([
    [NEEDS.crl, "http://a.example/kds/vcek/v1/Milan/crl"],
    [NEEDS.vcek, `http://a.example/kds/vcek/v1/Milan/${"5c".repeat(64)}?blSPL=3&teeSPL=0&snpSPL=8&ucodeSPL=209`],
    [NEEDS.tcbInfo, "https://b.example/tdx/certification/v4/tcb?fmspc=50806f000000"],
    [NEEDS.rootCrl, "https://b.example/IntelSGXRootCA.der"],
  ])("replaces scheme and host of %j", (need, url) => {
    expect(mirroredUrl(collateralUrl(need), mirrors).href).toBe(url);
  });

  test.each(Object.values(NEEDS))("leaves %j alone without mirrors", (need) => {
    expect(mirroredUrl(collateralUrl(need), NO_MIRRORS).href).toBe(collateralUrl(need));
  });
});
