// What the Coordinator does for a call of NewMeshCert when the evidence is judged (policy, claims, certificate and chain
// in PEM, workload secret), against bare P-384 signatures over data of the size of such a certificate.
import { generateKeyPairSync, sign } from "node:crypto";
import type { Evidence } from "../../src/attestation/evidence.ts";
import type { Verified } from "../../src/attestation/verdict.ts";
import { newMeshCertificate } from "../../src/coordinator/mesh-certificate.ts";
import { benchWithManifest, policyNamed, requestFor } from "../../tests/fakes/authority-bench.ts";
import { spkiOf } from "../../tests/fakes/certificate-builder.ts";
import { snpEvidence, tdxEvidence } from "../../tests/fakes/workload-evidence.ts";
import { median } from "../measure/median.ts";
import { report } from "../measure/report.ts";

const ROUNDS = 11;
/** Calls in a row of one subject; some hundred milliseconds. */
const CALLS = 300;

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
const spkiDer = spkiOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey);
const request = requestFor("web", ({ Policies }) => {
  for (const entry of Object.values(Policies)) entry.SANs = ["web", "*", "192.0.2.1"];
});
const { first: authority } = await benchWithManifest(request);
const snapshot = await authority.current();
const { hash } = policyNamed("web");
const [snp, tdx] = [snpEvidence(hash), tdxEvidence(hash)];

function issue(evidence: Verified<Evidence>): void {
  const { certChainPem, workloadSecret } = newMeshCertificate(snapshot, evidence, spkiDer, new Date());
  if (!certChainPem.includes("-----BEGIN CERTIFICATE-----") || workloadSecret === undefined) {
    throw new Error("Cannot measure: the answer is not whole");
  }
}

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
