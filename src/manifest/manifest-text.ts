import { keyName } from "./diff-manifests.ts";
import { isPlaceholderMeasurement } from "./placeholder-measurement.ts";
import {
  type Manifest,
  type PolicyEntry,
  runtimeMeasurements,
  type SnpGuestPolicyValues,
  type SnpReferenceValues,
  type TdxReferenceValues,
} from "./schema.ts";

/** A manifest for people: workloads, trusted hardware, owners; empty values are named, not left out. */
export function renderManifest(manifest: Manifest): readonly string[] {
  const { policies, referenceValues, workloadOwnerKeyDigests, seedshareOwnerPubKeys } = manifest;
  return [
    `Workloads (${policies.size})`,
    ...[...policies].flatMap(([hash, entry]) => workloadLines(hash, entry)),
    "Reference values",
    ...(referenceValues.snp ?? []).flatMap((entry, index) => snpLines(entry, index)),
    ...(referenceValues.tdx ?? []).flatMap((entry, index) => tdxLines(entry, index)),
    "Who may change the manifest (workload owners)",
    ...ownerLines(workloadOwnerKeyDigests, "nobody: updates are switched off"),
    "Who may recover the Coordinator (seed share owners)",
    ...ownerLines(seedshareOwnerPubKeys?.map(keyName), "nobody: the Coordinator cannot be recovered"),
  ];
}

function workloadLines(hash: string, entry: PolicyEntry): readonly string[] {
  const role = entry.role === "" ? "" : ` (${entry.role})`;
  return [
    `  ${entry.workloadSecretId === "" ? "without workload secret" : entry.workloadSecretId}${role}`,
    `    policy ${hash}`,
    `    names  ${(entry.sans ?? []).join(", ") || "none"}`,
  ];
}

function snpLines(entry: SnpReferenceValues, index: number): readonly string[] {
  const { bootloaderVersion, teeVersion, snpVersion, microcodeVersion } = entry.minimumTcb;
  const parts = [
    `bootloader ${numberText(bootloaderVersion)}`,
    `TEE ${numberText(teeVersion)}`,
    `SNP ${numberText(snpVersion)}`,
    `microcode ${numberText(microcodeVersion)}`,
  ];
  const { guestPolicy, allowedChipIds } = entry;
  return [
    `  snp[${index}]: AMD SEV-SNP, ${entry.productName || "no product"}`,
    `    measurement  ${measurementText(entry.trustedMeasurement)}`,
    `    minimum TCB  ${parts.join(", ")}`,
    ...(guestPolicy === undefined ? [] : [`    guest policy ${guestPolicyText(guestPolicy)}`]),
    ...(allowedChipIds ?? []).map((chipId) => `    chip         ${chipId}`),
  ];
}

function guestPolicyText(policy: SnpGuestPolicyValues): string {
  const flags = [
    ...(policy.smt ? ["SMT allowed"] : []),
    ...(policy.migrateMa ? ["migration agent allowed"] : []),
    ...(policy.debug ? ["DEBUGGING ALLOWED"] : []),
    ...(policy.singleSocket ? ["single socket required"] : []),
  ];
  return [`ABI ${policy.abiMajor}.${policy.abiMinor}`, ...flags].join(", ");
}

function tdxLines(entry: TdxReferenceValues, index: number): readonly string[] {
  return [
    `  tdx[${index}]: Intel TDX`,
    `    MRTD         ${measurementText(entry.mrTd)}`,
    ...runtimeMeasurements(entry).map((value, at) => `    RTMR${at}        ${measurementText(value)}`),
    `    MRSEAM       ${entry.mrSeam || "to be filled in"}`,
    `    TEE TCB SVN  at least ${entry.minimumTeeTcbSvn || "to be filled in"}`,
    `    attributes   ${entry.tdAttributes || "none"}, XFAM ${entry.xfam || "none"}`,
    `    QE SVN, PCE SVN at least ${numberText(entry.minimumQeSvn)}, ${numberText(entry.minimumPceSvn)}`,
  ];
}

function numberText(value: number | null): string {
  return value === null ? "to be filled in" : String(value);
}

function measurementText(hex: string): string {
  if (isPlaceholderMeasurement(hex)) return `${hex} (placeholder, to be filled in)`;
  return hex === "" ? "to be filled in" : hex;
}

function ownerLines(names: readonly string[] | null | undefined, nobody: string): readonly string[] {
  if (names === null || names === undefined || names.length === 0) return [`  ${nobody}`];
  return names.map((name) => `  ${name}`);
}
