import { generateKeyPairSync } from "node:crypto";
import { type Endpoint, renderEndpoint } from "../attestation/atls/endpoint.ts";
import type { EvidenceIssuer } from "../attestation/issuer.ts";
import { sha256Hex } from "../lib/digest.ts";
import type { Disk } from "../lib/disk.ts";
import { obtainCertificate, type RequestMeans } from "./obtain-certificate.ts";
import { writeWorkloadFiles } from "./workload-files.ts";

/** One run of the Initializer. */
export interface InitializerOptions {
  readonly endpoint: Endpoint;
  readonly issuer: EvidenceIssuer;
  /** Normally `/contrast`. */
  readonly outputDirectory: string;
  /** Between two tries; 10 s unless given. */
  readonly pauseMs?: number | undefined;
}

/** What the Initializer uses of its surroundings. */
export interface InitializerMeans extends RequestMeans {
  readonly disk: Disk;
}

/**
 * Gets the certificate of this workload, however long it takes, and writes the workload's files. The key is new at each
 * start and leaves this machine only as the file beside the certificate. Of the answer, nothing is logged but the digest
 * of the mesh CA.
 *
 * @returns paths of the files
 * @throws ContrastError what `obtainCertificate` and `writeWorkloadFiles` throw
 */
export async function runInitializer(
  { endpoint, issuer, outputDirectory, pauseMs }: InitializerOptions,
  means: InitializerMeans,
): Promise<readonly string[]> {
  const { log, disk } = means;
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  log.info("requesting a certificate", { coordinator: renderEndpoint(endpoint), evidence: issuer.source });
  const certificate = await obtainCertificate({ endpoint, key, issuer, pauseMs }, means);
  const written = await writeWorkloadFiles(outputDirectory, { key, certificate }, disk);
  certificate.workloadSecret.fill(0);
  log.info("certificate written", {
    directory: outputDirectory,
    meshCaSha256: sha256Hex(certificate.meshCaPem),
    files: written.length,
  });
  return written;
}
