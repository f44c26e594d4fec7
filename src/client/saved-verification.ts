import type { CollateralItem } from "../attestation/collateral-need.ts";
import type { PresentedEvidence } from "../attestation/validator.ts";
import { encodeTar, type TarFile } from "../lib/tar/encode-tar.ts";
import type { CheckedHistory } from "./history.ts";

/** One verification of a Coordinator with everything that is needed to judge it again. */
export interface SavedVerification {
  /** `host:port` as dialled. */
  readonly coordinator: string;
  /** The clock when the connection was made. */
  readonly checkedAt: Date;
  /** The time that validity was judged at. */
  readonly at: Date;
  /** Of the connection; 32 bytes. */
  readonly nonce: Uint8Array;
  /** The Coordinator's certificate, DER; its key and the nonce are what the evidence is bound to. */
  readonly certificateDer: Uint8Array;
  readonly presented: PresentedEvidence;
  /** Policy hashes of which one was expected of the Coordinator, 32 bytes each. */
  readonly policyHashes: readonly Uint8Array[];
  readonly collateral: readonly CollateralItem[];
  readonly history: CheckedHistory;
}

/** Identifies the form of the archive. */
export const SAVED_SCHEMA = "contrast/saved-verification/v1";

/** Names of the archive's files. */
export const SAVED_FILES = {
  index: "verification.json",
  evidence: "evidence.bin",
  certificate: "certificate.der",
  rootCa: "coordinator-root-ca.pem",
  meshCa: "mesh-ca.pem",
  collateral: (index: number) => `collateral/${index}.bin`,
  manifest: (index: number) => `manifests/${index}.json`,
  policy: (sha256: string) => `policies/${sha256}.rego`,
} as const;

/**
 * Writes a saved verification as one tar archive. The same content gives the same bytes: no owners, no times of files,
 * fixed order.
 *
 * @throws ContrastError `lib/tar-invalid`
 */
export function encodeSavedVerification(saved: SavedVerification): Uint8Array {
  const { history, collateral, presented } = saved;
  const policies = history.policies.toSorted((left, right) => (left.sha256 < right.sha256 ? -1 : 1));
  const index = JSON.stringify(indexOf(saved, policies), undefined, 2);
  const files: TarFile[] = [
    { path: SAVED_FILES.index, content: new TextEncoder().encode(`${index}\n`) },
    { path: SAVED_FILES.evidence, content: presented.value },
    { path: SAVED_FILES.certificate, content: saved.certificateDer },
    ...collateral.map(({ body }, number) => ({ path: SAVED_FILES.collateral(number), content: body })),
    ...history.manifests.map(({ bytes }, number) => ({ path: SAVED_FILES.manifest(number), content: bytes })),
    ...policies.map(({ sha256, bytes }) => ({ path: SAVED_FILES.policy(sha256), content: bytes })),
    { path: SAVED_FILES.rootCa, content: history.rootCaPem },
    { path: SAVED_FILES.meshCa, content: history.meshCaPem },
  ];
  return encodeTar(files);
}

function indexOf(saved: SavedVerification, policies: CheckedHistory["policies"]): Readonly<Record<string, unknown>> {
  const { coordinator, checkedAt, at, nonce, presented, policyHashes, collateral, history } = saved;
  return {
    schema: SAVED_SCHEMA,
    coordinator,
    checkedAt: checkedAt.toISOString(),
    at: at.toISOString(),
    nonce: nonce.toHex(),
    evidenceOid: presented.oid,
    policyHashes: policyHashes.map((hash) => hash.toHex()),
    collateral: collateral.map(({ url, origin, fetchedAt, note, issuerChainPem }) => ({
      url,
      origin,
      fetchedAt: fetchedAt?.toISOString() ?? null,
      note: note ?? null,
      issuerChainPem: issuerChainPem ?? null,
    })),
    manifests: history.manifests.length,
    policies: policies.map(({ sha256 }) => sha256),
    latestTransition: history.latestTransition?.toHex() ?? null,
  };
}
