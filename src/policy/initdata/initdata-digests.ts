import { hash } from "node:crypto";
import type { InitdataAlgorithm } from "./initdata.ts";

const HOST_DATA_SIZE = 32;
const MR_CONFIG_ID_SIZE = 48;

/** The digest of a document and what the hardware binds of it; all lower-case hexadecimal. */
export interface InitdataDigests {
  readonly algorithm: InitdataAlgorithm;
  /** Whole, 32, 48 or 64 bytes. */
  readonly digest: string;
  /** For SEV-SNP: 32 bytes. Contrast's manifests name workloads by it, on TDX too. */
  readonly hostData: string;
  /** For TDX: 48 bytes. */
  readonly mrConfigId: string;
}

/**
 * Computes the digests of a document.
 *
 * @param document the text before compression, byte for byte
 * @see kata-containers `src/libs/kata-types/src/initdata.rs`: cut or filled with zeros on the right
 */
export function initdataDigests(document: string, algorithm: InitdataAlgorithm): InitdataDigests {
  const digest = hash(algorithm, document, "hex");
  const fitted = (sizeBytes: number): string => digest.slice(0, 2 * sizeBytes).padEnd(2 * sizeBytes, "0");
  return { algorithm, digest, hostData: fitted(HOST_DATA_SIZE), mrConfigId: fitted(MR_CONFIG_ID_SIZE) };
}
