import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { embeddedTrustRoots, insecureTrustRoots } from "../../src/attestation/trust-roots.ts";
import { publicKeyOf } from "../../src/pki/x509/certificate.ts";
import { renderName } from "../../src/pki/x509/name.ts";
import { verifySigned } from "../../src/pki/x509/verify-signed.ts";
import { amdAuthority, amdChip } from "../fakes/amd-chip.ts";
import { codeOf } from "../fakes/error-code.ts";
import { vectorsFolder } from "../fakes/vectors.ts";

const PRODUCTS = ["Milan", "Genoa", "Turin"] as const;
const roots = embeddedTrustRoots();
const fingerprint = (der: Uint8Array): string => createHash("sha256").update(der).digest("hex");
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("embeddedTrustRoots()", () => {
  test.each([
    ["Milan", "69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd"],
    ["Genoa", "4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1"],
    ["Turin", "1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a"],
  ] as const)("has the ARK of %s with the published fingerprint", (product, expected) => {
    expect(fingerprint(roots.amd[product].ark.der)).toBe(expected);
  });

  test("has Intel's root with the published fingerprint", () => {
    expect(fingerprint(roots.intel.der)).toBe("44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3");
  });

  test.each(PRODUCTS)("has ASK and ASVK of %s, signed by its self-signed ARK", (product) => {
    const { ark, ask, asvk } = roots.amd[product];
    const key = publicKeyOf(ark);
    for (const certificate of [ark, ask, asvk]) verifySigned(certificate, key, "root");
    const names = [ark, ask, asvk].map(({ subject }) => /CN=([^,]+)/.exec(renderName(subject))?.[1]);
    expect(names).toEqual([`ARK-${product}`, `SEV-${product}`, `SEV-VLEK-${product}`]);
  });

  test("is secure, and the same object every time", () => {
    expect(roots.insecure).toBe(false);
    expect(embeddedTrustRoots()).toBe(roots);
    expect(roots.amd.Milan.ark).toBe(roots.amd.Milan.ark);
  });

  const folder = vectorsFolder("snp");
  test.skipIf(folder === undefined)("equals the chains that AMD publishes", () => {
    for (const product of PRODUCTS) {
      for (const [kind, role] of [
        ["vcek", "ask"],
        ["vlek", "asvk"],
      ] as const) {
        const pem = readFileSync(join(folder ?? "", `ask-ark-${product.toLowerCase()}-${kind}.pem`), "utf8");
        const [signing, ark] = pem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
        const der = (text: string | undefined): string => (text ?? "").replaceAll(/-----[^-]+-----|\s/g, "");
        expect(der(signing)).toBe(roots.amd[product][role].der.toBase64());
        expect(der(ark)).toBe(roots.amd[product].ark.der.toBase64());
      }
    }
  });
});

describe("insecureTrustRoots()", () => {
  const authority = amdAuthority("Milan");

  test("puts certificates of a file in the place of those with the same name, and says so", () => {
    const own = insecureTrustRoots(bytesOf(authority.rootsPem), "roots");
    expect(own.insecure).toBe(true);
    expect(fingerprint(own.amd.Milan.ark.der)).toBe(fingerprint(authority.arkDer));
    expect(fingerprint(own.amd.Milan.asvk.der)).toBe(fingerprint(authority.asvkDer));
    expect(own.amd.Genoa.ark.der).toEqual(roots.amd.Genoa.ark.der);
    expect(own.intel.der).toEqual(roots.intel.der);
  });

  test("leaves the embedded roots alone", () => {
    insecureTrustRoots(bytesOf(authority.rootsPem), "roots");
    expect(roots.insecure).toBe(false);
    expect(fingerprint(roots.amd.Milan.ark.der)).not.toBe(fingerprint(authority.arkDer));
  });

  test("refuses certificates of no role, and two for one", () => {
    const { vcekDer } = amdChip({ authority });
    expect(codeOf(() => insecureTrustRoots(vcekDer, "roots"))).toBe("attestation/trust-roots-invalid");
    const twice = `${authority.rootsPem}${amdAuthority("Milan", "other").rootsPem}`;
    expect(codeOf(() => insecureTrustRoots(bytesOf(twice), "roots"))).toBe("attestation/trust-roots-invalid");
    expect(insecureTrustRoots(bytesOf(`${authority.rootsPem}${authority.rootsPem}`), "roots").insecure).toBe(true);
  });
});
