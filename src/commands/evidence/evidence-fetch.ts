import { parseEndpoint, renderEndpoint } from "../../attestation/atls/endpoint.ts";
import { observeEvidence } from "../../attestation/atls/observe.ts";
import { evidenceSummary } from "../../attestation/evidence-summary.ts";
import { parsePresentedEvidence } from "../../attestation/parse-presented-evidence.ts";
import { sha256Hex } from "../../lib/digest.ts";
import { writeFileAtomically } from "../../lib/files.ts";
import { parseCertificate } from "../../pki/x509/certificate.ts";
import { encodePem } from "../../pki/pem-block.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import { resultJson } from "../../terminal/json-result.ts";

/** `contrast evidence fetch`; its definition is in `evidence-definition.ts`. */
export const evidenceFetchCommand: CommandImplementation = {
  async run({ flags, positionals: [path = ""] }, io) {
    const endpoint = parseEndpoint(flags.string("coordinator"));
    const { certificateDer, nonce, presented } = await observeEvidence({ endpoint, now: io.now(), signal: io.signal });
    const evidence = parsePresentedEvidence(presented[0]);
    const certificate = parseCertificate(certificateDer, "certificate of the Coordinator");
    await writeFileAtomically(path, encodePem("CERTIFICATE", certificateDer));
    if (io.format === "json") {
      const sha256 = sha256Hex(certificateDer);
      const result = { verified: false, coordinator: renderEndpoint(endpoint), path, sha256, tee: evidence.tee };
      io.out(resultJson("evidence-fetch", { ...result, nonce: nonce.toHex() }));
      return;
    }
    io.out(evidenceSummary({ evidence, form: "certificate", certificate }));
    io.out(`✔️ Wrote the certificate with its evidence to ${path}`);
    io.out("  Nothing of it was verified. Verify it, here or elsewhere, with the nonce of this connection:");
    io.out(`  contrast evidence verify ${path} --nonce ${nonce.toHex()}`);
  },
};
