import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeIssuerChain, encodeIssuerChain } from "../../../src/attestation/collateral/issuer-chain.ts";
import { CHAIN_PEM } from "../../fakes/collateral-items.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { vectorsFolder } from "../../fakes/vectors.ts";

const ONE = CHAIN_PEM.slice(0, CHAIN_PEM.length / 2);
const encoded = encodeIssuerChain(CHAIN_PEM);

function rejection(value: string): string {
  return codeOf(() => decodeIssuerChain(value, "https://service.example"));
}

describe("decodeIssuerChain()", () => {
  test("reads what encodeIssuerChain() writes", () => {
    expect(decodeIssuerChain(encoded, "x")).toBe(CHAIN_PEM);
    expect(encoded).toContain("%2B");
  });

  test("takes + for a space, as Go does", () => {
    expect(decodeIssuerChain(encoded.replaceAll("%20", "+"), "x")).toBe(CHAIN_PEM);
    expect(rejection(encoded.replaceAll("%2B", "+"))).toBe("attestation/collateral-answer-invalid");
  });

  test("takes a last certificate without line break", () => {
    expect(decodeIssuerChain(encodeIssuerChain(CHAIN_PEM.trimEnd()), "x")).toBe(CHAIN_PEM.trimEnd());
  });

  test.each([
    ["nothing", ""],
    ["one certificate", encodeIssuerChain(ONE)],
    ["three certificates", encodeIssuerChain(ONE + ONE + ONE)],
    ["text in front", `a${encoded}`],
    ["text behind", `${encoded}a`],
    ["text between", encodeIssuerChain(`${ONE}a\n${ONE}`)],
    ["an empty certificate", encodeIssuerChain(ONE + ONE.replace("MIIB+/==\n", ""))],
    ["a damaged escape", encoded.replace("%20", "%2")],
    ["an escape that is no UTF-8", encoded.replace("%20", "%ff")],
    ["a private key", encodeIssuerChain(CHAIN_PEM.replaceAll("CERTIFICATE", "PRIVATE KEY"))],
    ["far too much", encodeIssuerChain(ONE + ONE.replace("MIIB+/==", `${"a".repeat(76)}\n`.repeat(3000) + "a"))],
  ])("refuses %s", (_, value) => {
    expect(rejection(value)).toBe("attestation/collateral-answer-invalid");
  });

  const folder = vectorsFolder("tdx");
  test.if(folder !== undefined)("reads the headers of Intel's service", () => {
    for (const name of ["tcb-info", "sgx-enclave-identity", "sgx-pck-crl"]) {
      const header = readFileSync(join(folder ?? "", `${name}-issuer-chain-2023.header.txt`), "utf8").trim();
      expect(decodeIssuerChain(header, name)).toStartWith("-----BEGIN CERTIFICATE-----\n");
    }
  });
});
