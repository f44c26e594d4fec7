// A new attested connection and the first call on it, against what it cannot do without: a plain mutual TLS 1.3
// connection with one HTTP/2 exchange, and one check of the evidence. Servers run in a process of their own.
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { connect as connectHttp2 } from "node:http2";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import type { CollateralAnswer } from "../../src/attestation/collateral-need.ts";
import { createEvidenceValidator } from "../../src/attestation/evidence-validator.ts";
import type { GatherCollateral } from "../../src/attestation/gather-collateral.ts";
import { insecureTrustRoots } from "../../src/attestation/trust-roots.ts";
import type { EvidenceValidator } from "../../src/attestation/validator.ts";
import { dialCoordinator } from "../../src/rpc/dial-coordinator.ts";
import { certificatePem, derCertificate } from "../../tests/fakes/atls/der-certificate.ts";
import { median } from "../measure/median.ts";
import { report } from "../measure/report.ts";

const ROUNDS = 101;
const NEVER = new AbortController().signal;

/** What the server process prints once it is ready. */
interface Servers {
  readonly atlsPort: number;
  readonly plainPort: number;
  readonly rootsPem: string;
  readonly measurementHex: string;
  /** Extension value over 64 zero bytes, for the check alone. */
  readonly evidenceBase64: string;
}

/** A validator that remembers nothing of before, as a command has it that was just started. */
function coldValidator({ rootsPem, measurementHex }: Servers): EvidenceValidator {
  const unanswered: CollateralAnswer = { found: false, reason: "not needed", remedy: "none" };
  const gather: GatherCollateral = () => Promise.resolve({ answer: () => unanswered });
  return createEvidenceValidator({
    gather,
    supplied: [],
    at: () => new Date(),
    roots: insecureTrustRoots(Buffer.from(rootsPem), "the roots of the benchmark"),
    revocation: "required",
    collateral: "required",
    snp: [
      {
        name: "snp-0-MILAN",
        source: "ReferenceValues.snp[0]",
        product: "Milan",
        measurement: Uint8Array.fromHex(measurementHex),
        minimumTcb: { fmc: undefined, bootloader: 1, tee: 0, snp: 1, microcode: 1 },
        guestPolicy: undefined,
        platformInfo: undefined,
        allowedChipIds: undefined,
        minimumMitigationVector: undefined,
      },
    ],
    tdx: [],
    hostData: undefined,
  });
}

async function attestedCall(servers: Servers, clientKey: KeyObject): Promise<void> {
  const endpoint = { host: "127.0.0.1", port: servers.atlsPort };
  const validate = coldValidator(servers);
  const session = await dialCoordinator(endpoint, { clientKey, validate, now: () => new Date(), signal: NEVER });
  await session.getManifests();
  session.close();
}

async function plainCall(port: number, clientKey: KeyObject): Promise<void> {
  const socket = connectTls({
    host: "127.0.0.1",
    port,
    ALPNProtocols: ["h2"],
    minVersion: "TLSv1.3",
    rejectUnauthorized: false,
    key: clientKey.export({ type: "pkcs8", format: "pem" }),
    cert: certificatePem(derCertificate({ key: clientKey })),
  });
  await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  const session = connectHttp2(`https://127.0.0.1:${port}`, { createConnection: () => socket });
  await new Promise<void>((resolve, reject) => {
    const stream = session.request({ ":method": "POST", ":path": "/service/Method" });
    stream.on("data", () => {});
    stream.on("end", resolve);
    stream.on("error", reject);
    stream.end(Buffer.alloc(5));
  });
  session.destroy();
  socket.destroy();
}

async function coldCheck(servers: Servers): Promise<void> {
  const value = Uint8Array.fromBase64(servers.evidenceBase64);
  const verdict = await coldValidator(servers)({ oid: "1.3.9901.2.1", value }, new Uint8Array(64), NEVER);
  if (verdict.outcome !== "accepted") throw new Error(`Cannot measure: the evidence is ${verdict.outcome}`);
}

/** Milliseconds of each round; the subjects take turns, so that a slow moment of the machine hits all of them. */
async function timeAll(subjects: readonly (() => Promise<void>)[]): Promise<readonly number[]> {
  const times = subjects.map((): number[] => []);
  for (let round = -20; round < ROUNDS; round++) {
    for (const [index, subject] of subjects.entries()) {
      const startedMs = performance.now();
      await subject();
      if (round >= 0) times[index]?.push(performance.now() - startedMs);
    }
  }
  return times.map(median);
}

const child = Bun.spawn([process.execPath, join(import.meta.dir, "../measure/attested-servers.ts")], {
  stdin: "pipe",
  stdout: "pipe",
  stderr: "inherit",
});
try {
  const { value } = await child.stdout.getReader().read();
  const servers = JSON.parse(Buffer.from(value ?? []).toString()) as Servers;
  const clientKey = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
  const [attestedMs = 0, plainMs = 0, checkMs = 0] = await timeAll([
    () => attestedCall(servers, clientKey),
    () => plainCall(servers.plainPort, clientKey),
    () => coldCheck(servers),
  ]);
  report({ name: "atls: plain TLS 1.3, HTTP/2 and one call", value: plainMs, unit: "ms" });
  report({ name: "atls: one cold check of SNP evidence", value: checkMs, unit: "ms" });
  report({ name: "atls: attested connection and first call", value: attestedMs, unit: "ms" });
  const ratio = attestedMs / (plainMs + checkMs);
  report({ name: "atls: attested over plain and check", value: ratio, unit: "x", atMost: 2 });
} finally {
  child.kill();
}
