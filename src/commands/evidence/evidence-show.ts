import { sha256Hex } from "../../lib/digest.ts";
import { renderInstant } from "../../lib/instant.ts";
import { describeEvidence } from "../../attestation/describe-evidence.ts";
import { type EmbeddedCertificate, embeddedCertificates } from "../../attestation/embedded-certificates.ts";
import { evidenceSummary } from "../../attestation/evidence-summary.ts";
import { readEvidence } from "../../attestation/read-evidence.ts";
import { renderName } from "../../pki/x509/name.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { MAX_EVIDENCE_BYTES } from "./evidence-input.ts";
import { fieldLines } from "./field-lines.ts";
import { readInput } from "../read-input.ts";

/** `contrast evidence show`; its definition is in `evidence-definition.ts`. */
export const evidenceShowCommand: CommandImplementation = {
  async run({ positionals }, io) {
    const { bytes, what } = await readInput(positionals[0] ?? "", "evidence", MAX_EVIDENCE_BYTES, io);
    const read = await readEvidence(bytes, what);
    const { evidence, form, certificate } = read;
    const fields = describeEvidence(evidence);
    const embedded = embeddedCertificates(evidence);
    if (io.format === "json") {
      const certificates = embedded.map(certificateJson);
      const carrier = certificate === undefined ? undefined : certificateJson({ role: "carrier", certificate });
      io.out(resultJson("evidence-show", { verified: false, tee: evidence.tee, form, fields, certificates, carrier }));
      return;
    }
    io.out(evidenceSummary(read));
    io.out("Nothing of this was verified; every value may be made up.");
    for (const line of fieldLines(fields)) io.out(line);
    if (certificate !== undefined) {
      for (const line of certificateLines({ role: "carrier of the evidence", certificate })) io.out(line);
    }
    for (const item of embedded) for (const line of certificateLines(item)) io.out(line);
  },
};

function certificateLines({ role, certificate }: EmbeddedCertificate): readonly string[] {
  if (certificate === undefined) return [`Certificate in the place of ${role}: cannot be read`];
  const { subject, issuer, serialHex, notBefore, notAfter, der } = certificate;
  return [
    `Certificate in the place of ${role}`,
    `  subject  ${renderName(subject)}`,
    `  issuer   ${renderName(issuer)}`,
    `  serial   ${serialHex}`,
    `  valid    ${renderInstant(notBefore)} to ${renderInstant(notAfter)}`,
    `  SHA-256  ${sha256Hex(der)}`,
  ];
}

function certificateJson({ role, certificate }: EmbeddedCertificate): Readonly<Record<string, unknown>> {
  if (certificate === undefined) return { role, readable: false };
  const { subject, issuer, serialHex, notBefore, notAfter, der, spkiDer } = certificate;
  return {
    role,
    readable: true,
    subject: renderName(subject),
    issuer: renderName(issuer),
    serial: serialHex,
    notBefore,
    notAfter,
    sha256: sha256Hex(der),
    spkiSha256: sha256Hex(spkiDer),
  };
}
