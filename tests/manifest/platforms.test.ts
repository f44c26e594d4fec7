import { describe, expect, test } from "bun:test";
import { parsePlatform, PLATFORMS } from "../../src/manifest/platforms.ts";
import { parseRuntimeHandler, runtimeHandlerName } from "../../src/manifest/runtime-handler.ts";
import { codeOf } from "../fakes/error-code.ts";

describe("parsePlatform()", () => {
  test("finds each of the eight platforms by both forms and any letter case", () => {
    expect(PLATFORMS).toHaveLength(8);
    for (const platform of PLATFORMS) {
      expect(platform.display.toLowerCase()).toBe(platform.name);
      expect(parsePlatform(platform.display)).toBe(platform);
      expect(parsePlatform(platform.name.toUpperCase())).toBe(platform);
      expect(platform.name).toContain(platform.tee);
    }
  });

  test.each(["", "foo", "k3s-qemu-snp ", "k3s-qemu"])("rejects %j", (text) => {
    expect(codeOf(() => parsePlatform(text))).toBe("manifest/platform-unknown");
  });

  test.each([
    ["k3s-qemu-spn", "Did you mean k3s-qemu-snp?"],
    ["rke2", "Did you mean rke2-qemu-tdx?"],
    ["metal", "Choose one of metal-qemu-snp, metal-qemu-tdx, metal-qemu-snp-gpu."],
  ])("offers for %j what may be meant", (text, hint) => {
    expect(() => parsePlatform(text)).toThrow(expect.objectContaining({ hint }));
  });
});

describe("parseRuntimeHandler()", () => {
  test("tells platforms with three and with four words apart", () => {
    expect(parseRuntimeHandler("contrast-cc-k3s-qemu-snp-gpu-0f0e0d0c").platform.display).toBe("K3s-QEMU-SNP-GPU");
    expect(parseRuntimeHandler("contrast-cc-aks-clh-snp-7173acb5")).toEqual({
      platform: parsePlatform("aks-clh-snp"),
      hash: "7173acb5",
    });
  });

  test.each([
    "contrast-cc",
    "contrast-cc-7173acb5",
    "contrast-cc-aks-clh-7173acb5",
    "contrast-cc-aks-clh-snp-7173ACB5",
    "contrast-cc-aks-clh-snp-7173acb",
    "contrast-cc-a-b-c-d-e-7173acb5",
    "xcontrast-cc-aks-clh-snp-7173acb5",
  ])("rejects %j", (handler) => {
    expect(codeOf(() => parseRuntimeHandler(handler))).toBe("manifest/handler-invalid");
  });

  test("rejects a platform that does not exist", () => {
    expect(codeOf(() => parseRuntimeHandler("contrast-cc-vax-qemu-snp-7173acb5"))).toBe("manifest/platform-unknown");
  });

  test("is the inverse of runtimeHandlerName()", () => {
    for (const platform of PLATFORMS) {
      expect(parseRuntimeHandler(runtimeHandlerName(platform, "0123abcd"))).toEqual({ platform, hash: "0123abcd" });
    }
  });
});
