import type { Problem } from "../lib/problems.ts";
import { quoteText } from "../lib/quote-text.ts";
import { Problems, ProblemsError } from "../lib/problems.ts";
import { isPlaceholderMeasurement } from "./placeholder-measurement.ts";
import { type Manifest, runtimeMeasurementsKey, type SnpReferenceValues, type TdxReferenceValues } from "./schema.ts";
import { seedshareKeyFault } from "./seedshare-owner-key.ts";

/** What is wrong with a manifest, each finding with its JSON path. */
export interface ManifestFindings {
  readonly errors: readonly Problem[];
  /** Values that only the user can choose and has not chosen yet; an otherwise valid manifest is unfinished, not wrong. */
  readonly missing: readonly Problem[];
}

const PRODUCTS: ReadonlySet<string> = new Set(["Milan", "Genoa"]);
const FILL_IN_HINT =
  'Let "contrast manifest observe -c HOST:PORT --write" take it from a machine of that kind, or delete the entry if you have none.';
const PLACEHOLDER_HINT =
  'Compute it from the files of the guest with "contrast measure snp" or "tdx" and --write, or take it from the release that built the guest image.';
const ROLES: ReadonlySet<string> = new Set(["", "coordinator"]);

/**
 * Checks everything that version 1.4 checks, but reports all of it.
 *
 * @see edgelesssys/contrast `internal/manifest/manifest.go`, `internal/manifest/referencevalues.go`
 */
export function validateManifest(manifest: Manifest): ManifestFindings {
  const findings = new Findings();
  checkPolicies(manifest, findings);
  const { snp, tdx } = manifest.referenceValues;
  snp?.forEach((entry, index) => checkSnp(entry, `ReferenceValues.snp[${index}]`, findings));
  tdx?.forEach((entry, index) => checkTdx(entry, `ReferenceValues.tdx[${index}]`, findings));
  if ((snp ?? []).length + (tdx ?? []).length === 0) {
    findings.error("manifest/no-reference-values", "ReferenceValues", "no snp and no tdx entry, need at least one");
  }
  manifest.workloadOwnerKeyDigests?.forEach((digest, index) => {
    findings.hex("manifest/key-digest-invalid", `WorkloadOwnerKeyDigests[${index}]`, digest, 32);
  });
  manifest.seedshareOwnerPubKeys?.forEach((key, index) => {
    const fault = seedshareKeyFault(key);
    if (fault !== undefined) findings.error("manifest/seedshare-key-invalid", `SeedshareOwnerPubKeys[${index}]`, fault);
  });
  return findings;
}

/**
 * Ends the step unless the manifest is valid and complete.
 *
 * @param action what could not be done, such as `Cannot use manifest "manifest.json"`
 * @throws ProblemsError with every finding
 */
export function requireValidManifest(manifest: Manifest, action: string): void {
  const { errors, missing } = validateManifest(manifest);
  const [first, ...rest] = [...errors, ...missing];
  if (first !== undefined) throw new ProblemsError(action, [first, ...rest]);
}

class Findings implements ManifestFindings {
  readonly #problems = new Problems();
  readonly missing: Problem[] = [];

  get errors(): readonly Problem[] {
    return this.#problems.errors;
  }

  error(code: Problem["code"], path: string, message: string): void {
    this.#problems.error({ code, path, message });
  }

  fillIn(path: string, message = "field cannot be empty", hint = FILL_IN_HINT): void {
    this.missing.push({ code: "manifest/value-missing", path, message, hint });
  }

  hex(code: Problem["code"], path: string, text: string, sizeBytes: number): void {
    if (!/^[0-9A-Fa-f]*$/.test(text)) this.error(code, path, `got ${quoteText(text)}, need hexadecimal digits`);
    else if (text.length !== 2 * sizeBytes) {
      this.error(code, path, `invalid length: ${text.length} (expected ${2 * sizeBytes})`);
    }
  }

  /** A launch measurement; the stand-in of a build without guest images has to be replaced by the user. */
  measurement(path: string, text: string): void {
    if (isPlaceholderMeasurement(text))
      this.fillIn(path, "this is a placeholder, not the measurement of a guest image", PLACEHOLDER_HINT);
    else this.hex("manifest/value-invalid", path, text, 48);
  }
}

function checkPolicies(manifest: Manifest, findings: Findings): void {
  for (const [hash, entry] of manifest.policies) {
    const path = `Policies[${JSON.stringify(hash)}]`;
    findings.hex("manifest/policy-hash-invalid", path, hash, 32);
    if (!ROLES.has(entry.role)) {
      findings.error(
        "manifest/policy-role-unknown",
        `${path}.Role`,
        `got ${quoteText(entry.role)}, need "coordinator"`,
      );
    }
  }
}

function checkSnp(entry: SnpReferenceValues, path: string, findings: Findings): void {
  const { bootloaderVersion, teeVersion, snpVersion, microcodeVersion } = entry.minimumTcb;
  if (bootloaderVersion === null) findings.fillIn(`${path}.MinimumTCB.BootloaderVersion`);
  if (teeVersion === null) findings.fillIn(`${path}.MinimumTCB.TEEVersion`);
  if (snpVersion === null) findings.fillIn(`${path}.MinimumTCB.SNPVersion`);
  if (microcodeVersion === null) findings.fillIn(`${path}.MinimumTCB.MicrocodeVersion`);
  if (!PRODUCTS.has(entry.productName)) {
    const message = `unknown product name: got ${quoteText(entry.productName)}, need "Milan" or "Genoa"`;
    findings.error("manifest/product-unknown", `${path}.ProductName`, message);
  }
  findings.measurement(`${path}.TrustedMeasurement`, entry.trustedMeasurement);
  entry.allowedChipIds?.forEach((chipId, index) => {
    findings.hex("manifest/value-invalid", `${path}.AllowedChipIDs[${index}]`, chipId, 64);
  });
}

function checkTdx(entry: TdxReferenceValues, path: string, findings: Findings): void {
  const toFillIn = (name: string, text: string, sizeBytes: number): void => {
    if (text === "") findings.fillIn(`${path}.${name}`);
    else findings.hex("manifest/value-invalid", `${path}.${name}`, text, sizeBytes);
  };
  findings.measurement(`${path}.MrTd`, entry.mrTd);
  if (entry.minimumQeSvn === null) findings.fillIn(`${path}.MinimumQeSvn`);
  if (entry.minimumPceSvn === null) findings.fillIn(`${path}.MinimumPceSvn`);
  toFillIn("MinimumTeeTcbSvn", entry.minimumTeeTcbSvn, 16);
  toFillIn("MrSeam", entry.mrSeam, 48);
  findings.hex("manifest/value-invalid", `${path}.TdAttributes`, entry.tdAttributes, 8);
  findings.hex("manifest/value-invalid", `${path}.Xfam`, entry.xfam, 8);
  checkRuntimeMeasurements(entry, path, findings);
}

function checkRuntimeMeasurements(entry: TdxReferenceValues, path: string, findings: Findings): void {
  const { rtrms, rtmrs } = entry;
  const name = runtimeMeasurementsKey(entry);
  const values = rtrms ?? rtmrs ?? ["", "", "", ""];
  values.forEach((value, index) => findings.measurement(`${path}.${name}[${index}]`, value));
  if (rtrms === undefined || rtmrs === undefined) return;
  rtrms.forEach((value, index) => {
    if (value.toLowerCase() !== rtmrs[index]?.toLowerCase()) {
      const message = `got another value than Rtrms[${index}], need the same under both spellings`;
      findings.error("manifest/value-invalid", `${path}.Rtmrs[${index}]`, message);
    }
  });
}
