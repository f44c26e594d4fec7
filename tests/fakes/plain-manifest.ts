import type { Manifest } from "../../src/manifest/schema.ts";
import { parseManifest } from "../../src/manifest/manifest-json.ts";
import { aksManifestText } from "./manifests.ts";

/** A manifest as JSON has it, for tests that change it in place. */
export interface PlainManifest {
  Policies: Record<string, PlainPolicy>;
  ReferenceValues: { snp?: PlainSnp[]; tdx?: object[]; [later: string]: unknown };
  WorkloadOwnerKeyDigests: string[] | null;
  SeedshareOwnerPubKeys: string[] | null;
  [later: string]: unknown;
}

interface PlainPolicy {
  SANs: string[];
  WorkloadSecretID: string;
  [later: string]: unknown;
}

/** One entry for SEV-SNP as JSON has it. */
export interface PlainSnp {
  MinimumTCB: Record<string, number | null>;
  ProductName: string;
  TrustedMeasurement: string;
  [later: string]: unknown;
}

/** The complete AKS manifest after a change. */
export function changedManifest(change: (manifest: PlainManifest) => void): Manifest {
  const plain = JSON.parse(aksManifestText()) as PlainManifest;
  change(plain);
  return parseManifest(new TextEncoder().encode(JSON.stringify(plain)), "manifest");
}
