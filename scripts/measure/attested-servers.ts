// The servers of scripts/bench/atls.ts, in a process of their own: prints one line of JSON when they listen.
// Argument: file of a simulated guest that the attested one is; without it the chip of the tests is used.
import { generateKeyPairSync } from "node:crypto";
import { createSecureServer } from "node:http2";
import type { PresentedEvidence } from "../../src/attestation/validator.ts";
import { openGuestIssuer } from "../../src/simulator/guest.ts";
import { amdChip, CHIP_MEASUREMENT } from "../../tests/fakes/amd-chip.ts";
import { startFakeCoordinator } from "../../tests/fakes/coordinator-server.ts";
import { CoordinatorState } from "../../tests/fakes/coordinator-state.ts";
import { certificatePem, derCertificate } from "../../tests/fakes/atls/der-certificate.ts";

const chip = amdChip();
const crl = chip.authority.crl();

function evidence(reportData: Uint8Array): Uint8Array {
  return chip.attestation({ reportData }, { leaf: chip.vcekDer, chain: true, crl });
}

const [guestFile] = process.argv.slice(2);
const guest = guestFile === undefined ? undefined : await openGuestIssuer(guestFile, () => new Date());

async function present(reportData: Uint8Array): Promise<PresentedEvidence> {
  if (guest === undefined) return { oid: "1.3.9901.2.1", value: evidence(reportData) };
  return await guest.issue(reportData, new AbortController().signal);
}

async function startPlain(): Promise<number> {
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const server = createSecureServer(
    {
      key: key.export({ type: "pkcs8", format: "pem" }),
      cert: certificatePem(derCertificate({ key })),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (_, response) => response.end(Buffer.alloc(100)),
  );
  server.on("sessionError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

const coordinator = await startFakeCoordinator({
  evidence: present,
  state: CoordinatorState.withManifest(new TextEncoder().encode("{}")),
});
console.log(
  JSON.stringify({
    atlsPort: coordinator.endpoint.port,
    plainPort: await startPlain(),
    rootsPem: chip.authority.rootsPem,
    measurementHex: Buffer.from(CHIP_MEASUREMENT).toString("hex"),
    evidenceBase64: Buffer.from(evidence(new Uint8Array(64))).toString("base64"),
  }),
);
