import { beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CollateralItem } from "../../src/attestation/collateral-need.ts";
import { encodePem, parsePemBlocks } from "../../src/pki/pem-block.ts";
import { createMachine } from "../../src/simulator/machine.ts";
import type { SimulatedMachine } from "../../src/simulator/simulated-machine.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { MACHINE_TIME } from "../fakes/simulated-machines.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const isReady = hasPrograms("simulated machines and openssl", "openssl");
const AT = String(MACHINE_TIME.getTime() / 1000);

/** Runs openssl in a directory and gives what it printed on both streams. */
function openssl(directory: string, ...words: readonly string[]): string {
  const child = Bun.spawnSync(["openssl", ...words], { cwd: directory, stdin: "ignore", stderr: "pipe" });
  const printed = `${child.stdout.toString()}${child.stderr.toString()}`;
  if (child.exitCode !== 0) throw new Error(`openssl ${words.join(" ")}: ${printed}`);
  return printed;
}

function write(directory: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
}

function bodyOf(machine: SimulatedMachine, kind: CollateralItem["need"]["kind"]): Uint8Array {
  return machine.collateral(MACHINE_TIME).find(({ need }) => need.kind === kind)!.body;
}

describe.skipIf(!isReady)("openssl and simulated machines", () => {
  const directory = temporaryDirectory();

  describe.each([
    ["snp-milan", "Milan"],
    ["snp-genoa", "Genoa"],
  ] as const)("%s", (platform, product) => {
    beforeAll(async () => {
      const machine = await createMachine(platform, MACHINE_TIME);
      const [ark, ask, asvk] = parsePemBlocks(machine.rootsPem, "roots", 3);
      write(directory, {
        "ark.pem": encodePem("CERTIFICATE", ark.der),
        "ask.pem": encodePem("CERTIFICATE", ask!.der),
        "asvk.pem": encodePem("CERTIFICATE", asvk!.der),
        "vcek.pem": encodePem("CERTIFICATE", bodyOf(machine, "amd-vcek")),
        "crl.der": bodyOf(machine, "amd-crl"),
      });
      openssl(directory, "crl", "-inform", "DER", "-in", "crl.der", "-out", "crl.pem");
      // Long keys take long on a busy computer.
    }, 60_000);

    test("has a chain that openssl verifies, the authorities with the revocation list", () => {
      const verify = ["verify", "-attime", AT, "-CAfile", "ark.pem"];
      expect(openssl(directory, ...verify, "-CRLfile", "crl.pem", "-crl_check", "ask.pem")).toContain("ask.pem: OK");
      expect(openssl(directory, ...verify, "-CRLfile", "crl.pem", "-crl_check", "asvk.pem")).toContain("asvk.pem: OK");
      expect(openssl(directory, ...verify, "-untrusted", "ask.pem", "vcek.pem")).toContain("vcek.pem: OK");
    });

    test("has a revocation list that openssl verifies", () => {
      const text = openssl(directory, "crl", "-in", "crl.pem", "-CAfile", "ark.pem", "-noout", "-text");
      expect(text).toContain("verify OK");
      expect(text).toContain("No Revoked Certificates");
      expect(text).toMatch(/rsassaPss[\s\S]*sha384[\s\S]*sha384[\s\S]*(?:0x30|30)/i);
    });

    test("has the names, extensions and keys of AMD", () => {
      const ark = openssl(directory, "x509", "-in", "ark.pem", "-noout", "-text", "-nameopt", "RFC2253");
      expect(ark).toContain(
        `Subject: CN=ARK-${product},O=Advanced Micro Devices,ST=CA,L=Santa Clara,C=US,OU=Engineering`,
      );
      expect(ark).toContain("Public-Key: (4096 bit)");
      expect(ark).toContain(`URI:https://kdsintf.amd.com/vcek/v1/${product}/crl`);
      const asvk = openssl(directory, "x509", "-in", "asvk.pem", "-noout", "-text");
      expect(asvk).toContain(`URI:https://kdsintf.amd.com/vlek/v1/${product}/crl`);
      expect(asvk).toContain("CA:TRUE, pathlen:0");
      const vcek = openssl(directory, "x509", "-in", "vcek.pem", "-noout", "-text");
      expect(vcek).toContain("1.3.6.1.4.1.3704.1.4");
      expect(vcek).toContain("NIST CURVE: P-384");
    });
  });

  describe("tdx", () => {
    beforeAll(async () => {
      const machine = await createMachine("tdx", MACHINE_TIME);
      const items = machine.collateral(MACHINE_TIME);
      const chainOf = (kind: string): string => items.find(({ need }) => need.kind === kind)!.issuerChainPem!;
      const issuer = machine.issuer({ policyHash: new Uint8Array(32) }, () => MACHINE_TIME);
      const { value } = await issuer.issue(new Uint8Array(64), new AbortController().signal);
      const quoteText = Buffer.from(value).toString("latin1");
      write(directory, {
        "root.pem": machine.rootsPem,
        "platform.pem": chainOf("intel-pck-crl"),
        "signing.pem": chainOf("intel-tcb-info"),
        "pck.pem": quoteText.slice(quoteText.indexOf("-----BEGIN")),
        "root-crl.der": bodyOf(machine, "intel-root-crl"),
        "pck-crl.der": bodyOf(machine, "intel-pck-crl"),
      });
      for (const name of ["root-crl", "pck-crl"]) {
        openssl(directory, "crl", "-inform", "DER", "-in", `${name}.der`, "-out", `${name}.pem`);
      }
    });

    test("has chains that openssl verifies, with every revocation list", () => {
      const verify = ["verify", "-attime", AT, "-CAfile", "root.pem", "-CRLfile", "root-crl.pem"];
      const all = [...verify, "-CRLfile", "pck-crl.pem", "-crl_check_all", "-untrusted", "platform.pem"];
      expect(openssl(directory, ...all, "pck.pem")).toContain("pck.pem: OK");
      expect(openssl(directory, ...verify, "-crl_check", "signing.pem")).toContain("signing.pem: OK");
    });

    test("has the names of Intel, and the SGX extension", () => {
      const pck = openssl(directory, "x509", "-in", "pck.pem", "-noout", "-text", "-nameopt", "RFC2253");
      expect(pck).toContain("Subject: C=US,ST=CA,L=Santa Clara,O=Intel Corporation,CN=Intel SGX PCK Certificate");
      expect(pck).toContain("CN=Intel SGX PCK Platform CA");
      expect(pck).toContain("1.2.840.113741.1.13.1");
    });
  });
});
