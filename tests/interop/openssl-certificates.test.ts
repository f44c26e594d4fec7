import { describe, expect, test } from "bun:test";
import { generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePem } from "../../src/pki/pem-block.ts";
import { createSelfSigned } from "../../src/pki/self-signed.ts";
import { checkCrl } from "../../src/pki/x509/check-crl.ts";
import { checkPath } from "../../src/pki/x509/path.ts";
import { readCertificates } from "../../src/pki/x509/read-certificates.ts";
import { readCrls } from "../../src/pki/x509/read-crls.ts";
import { renderSignatureAlgorithm } from "../../src/pki/x509/signature-algorithm.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const isReady = hasPrograms("certificates of openssl", "openssl");

/** Runs openssl in a directory and gives what it printed; arguments must not contain spaces. */
function openssl(directory: string, commandLine: string): string {
  const child = Bun.spawnSync(["openssl", ...commandLine.split(" ")], {
    cwd: directory,
    stdin: "ignore",
    stderr: "pipe",
  });
  if (child.exitCode !== 0)
    throw new Error(`openssl ${commandLine}: ${child.stderr.toString()}${child.stdout.toString()}`);
  return child.stdout.toString();
}

/** A root, an authority below it, a leaf and the root's revocation list, in the forms of AMD. */
function amdLikeChain(directory: string): void {
  const pss = "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:48 -sigopt rsa_mgf1_md:sha384 -sha384";
  const config = [
    "[ca]\nbasicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash",
    "[sub]\nbasicConstraints=critical,CA:true,pathlen:0\nkeyUsage=critical,keyCertSign",
    "[leaf]\n1.3.6.1.4.1.3704.1.2=ASN1:IA5STRING:Milan-B0",
    "[crl]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha384\ncrl_extensions=crl_ext",
    "[crl_ext]\nauthorityKeyIdentifier=keyid:always\n",
  ].join("\n");
  writeFileSync(join(directory, "pki.cnf"), config);
  writeFileSync(
    join(directory, "index.txt"),
    "R\t350101000000Z\t250601000000Z,keyCompromise\t010001\tunknown\t/CN=SEV-Test\n",
  );
  writeFileSync(join(directory, "number"), "05\n");
  openssl(directory, "genrsa -out ark.key 2048");
  openssl(directory, "genrsa -out ask.key 2048");
  openssl(directory, "ecparam -genkey -name secp384r1 -noout -out vcek.key");
  openssl(directory, "req -new -key ark.key -subj /C=US/O=Test/CN=ARK-Test -out ark.csr");
  openssl(directory, "req -new -key ask.key -subj /C=US/O=Test/CN=SEV-Test -out ask.csr");
  openssl(directory, "req -new -key vcek.key -subj /C=US/O=Test/CN=SEV-VCEK -out vcek.csr");
  openssl(
    directory,
    `x509 -req -in ark.csr -signkey ark.key -days 30 -set_serial 0x010000 -extfile pki.cnf -extensions ca ${pss} -out ark.pem`,
  );
  openssl(
    directory,
    `x509 -req -in ask.csr -CA ark.pem -CAkey ark.key -days 30 -set_serial 0x010001 -extfile pki.cnf -extensions sub ${pss} -out ask.pem`,
  );
  openssl(
    directory,
    `x509 -req -in vcek.csr -CA ask.pem -CAkey ask.key -days 30 -set_serial 0 -extfile pki.cnf -extensions leaf ${pss} -out vcek.pem`,
  );
  openssl(
    directory,
    `ca -gencrl -config pki.cnf -name crl -keyfile ark.key -cert ark.pem -crldays 30 ${pss.replace(" -sha384", "")} -out crl.pem`,
  );
}

describe.skipIf(!isReady)("openssl and our certificates", () => {
  test("readCertificates(), readCrls(), checkPath() and checkCrl() agree with what openssl makes", () => {
    const directory = temporaryDirectory();
    amdLikeChain(directory);
    const read = (name: string): Uint8Array => readFileSync(join(directory, name));
    const chain = ["vcek.pem", "ask.pem", "ark.pem"].flatMap((name) => readCertificates(read(name), name));
    const [crl] = readCrls(read("crl.pem"), "crl.pem");
    const at = new Date(chain[0]!.notBefore.getTime() + 60_000);
    expect(checkPath(chain, at).filter(({ passed }) => !passed)).toEqual([]);
    expect(checkCrl(crl!, chain[2]!, at).filter(({ passed }) => !passed)).toEqual([]);
    expect(crl!.revoked.get(chain[1]!.serialHex)?.reason).toBe("keyCompromise");
    expect(chain.map(({ serialHex }) => serialHex)).toEqual(["0", "10001", "10000"]);
    expect(renderSignatureAlgorithm(crl!.signatureAlgorithm)).toBe(
      "RSASSA-PSS with SHA-384, MGF1 with SHA-384, salt of 48 bytes",
    );
    for (const certificate of chain) {
      const theirs = new X509Certificate(certificate.der);
      expect(theirs.serialNumber.toLowerCase().replace(/^0+(?=.)/, "")).toBe(certificate.serialHex);
      expect(new Date(theirs.validFrom)).toEqual(certificate.notBefore);
      expect(new Date(theirs.validTo)).toEqual(certificate.notAfter);
    }
  });

  test.each<[string, KeyObject]>([
    ["P-256", generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey],
    ["P-384", generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey],
    ["RSA of 4096 bits", generateKeyPairSync("rsa", { modulusLength: 4096 }).privateKey],
  ])("createSelfSigned() makes what openssl accepts, of a key on %s", (_, key) => {
    const directory = temporaryDirectory();
    const now = Date.now();
    const extensions = [{ oid: "1.3.9901.2.1", value: Uint8Array.of(1, 2, 3) }];
    const dates = { notBefore: new Date(now - 7_200_000), notAfter: new Date(now + 7_200_000) };
    const der = createSelfSigned({ commonName: "Contrast", key, extensions, ...dates });
    writeFileSync(join(directory, "own.pem"), encodePem("CERTIFICATE", der));
    expect(openssl(directory, "verify -check_ss_sig -x509_strict -CAfile own.pem own.pem")).toContain("OK");
    expect(openssl(directory, "x509 -in own.pem -noout -text")).toContain("1.3.9901.2.1");
  });
});
