// Mesh certificates as the Coordinator makes them, claims of the evidence included, against bare P-384 signatures over
// data of the same size.
import { generateKeyPairSync, sign } from "node:crypto";
import type { Evidence } from "../../src/attestation/evidence.ts";
import { tdxEvidenceFromQuote } from "../../src/attestation/tdx/tdx-evidence.ts";
import { createCertificateAuthority } from "../../src/coordinator/ca/certificate-authority.ts";
import { claimExtensions } from "../../src/coordinator/ca/claims.ts";
import { amdChip } from "../../tests/fakes/amd-chip.ts";
import { spkiOf } from "../../tests/fakes/certificate-builder.ts";
import { createIntelPlatform } from "../../tests/fakes/intel-platform.ts";
import { median } from "../measure/median.ts";
import { report } from "../measure/report.ts";

const ROUNDS = 11;
/** Calls in a row of one subject; some hundred milliseconds. */
const CALLS = 300;

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
const spkiDer = spkiOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey);
const now = new Date();
const authority = createCertificateAuthority(privateKey, now);
const sans = ["web", "*", "192.0.2.1"];
const snp: Evidence = { tee: "snp", snp: amdChip().evidence() };
const tdx: Evidence = { tee: "tdx", tdx: tdxEvidenceFromQuote(createIntelPlatform().quote()) };

const issue = (evidence: Evidence): string =>
  authority.issue({ spkiDer, sans, claims: claimExtensions(evidence), now: new Date() });

/** Calls in a second of processor time, that of the collector included: what else runs on the machine does not count. */
function rateOf(subject: () => unknown): number {
  const started = process.cpuUsage();
  for (let call = 0; call < CALLS; call++) subject();
  const { user, system } = process.cpuUsage(started);
  return (CALLS * 1e6) / (user + system);
}

const data = new Uint8Array(2048);
const subjects = [() => sign("sha384", data, privateKey), () => issue(snp), () => issue(tdx)];
for (const subject of subjects) rateOf(subject);
// The subjects take turns, so that a slow moment of the machine hits all of them.
const rounds = Array.from({ length: ROUNDS }, () => subjects.map(rateOf));
const rate = (subject: number): number => median(rounds.map((rates) => rates[subject] ?? Number.NaN));
const ratio = (subject: number): number =>
  median(rounds.map((rates) => (rates[subject] ?? Number.NaN) / (rates[0] ?? Number.NaN)));

report({ name: "mesh certificates: bare P-384 signatures", value: rate(0), unit: "1/s" });
report({ name: "mesh certificates: with claims of SNP", value: rate(1), unit: "1/s" });
report({ name: "mesh certificates: with claims of SNP, over signatures", value: ratio(1), unit: "x", atLeast: 0.5 });
report({ name: "mesh certificates: with claims of TDX", value: rate(2), unit: "1/s" });
report({ name: "mesh certificates: with claims of TDX, over signatures", value: ratio(2), unit: "x", atLeast: 0.5 });
