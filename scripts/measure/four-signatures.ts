// The least work that has the same result as `evidence verify` for an SNP report: the four signatures from ARK to report,
// checked with what Bun has built in. Compiled and run by scripts/bench/evidence.ts.
// Arguments: report, VCEK in PEM or DER, file with ASK and ARK in PEM.
import { verify, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";

const [reportFile = "", vcekFile = "", chainFile = ""] = process.argv.slice(2);
const report = readFileSync(reportFile);
const vcek = new X509Certificate(readFileSync(vcekFile));
const blocks = readFileSync(chainFile, "utf8").match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
const [ask, ark] = blocks.map((pem) => new X509Certificate(pem));
if (ask === undefined || ark === undefined) throw new Error("Cannot read the chain");
const scalar = (offset: number): Uint8Array => report.subarray(offset, offset + 48).toReversed();
const good =
  ark.verify(ark.publicKey) &&
  ask.verify(ark.publicKey) &&
  vcek.verify(ask.publicKey) &&
  verify(
    "sha384",
    report.subarray(0, 0x2a0),
    { key: vcek.publicKey, dsaEncoding: "ieee-p1363" },
    Buffer.concat([scalar(0x2a0), scalar(0x2e8)]),
  );
console.log(good ? "Genuine" : "Refused");
process.exitCode = good ? 0 : 1;
