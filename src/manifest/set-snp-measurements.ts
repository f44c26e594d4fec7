import { ContrastError } from "../lib/errors.ts";
import type { FilledValue } from "./fill-observed.ts";
import type { Manifest, SnpReferenceValues } from "./schema.ts";

/** A manifest that expects other launch measurements than before. */
export interface MeasuredManifest {
  readonly manifest: Manifest;
  /** Every value that was set, in the order of the manifest, also where it was the same before. */
  readonly set: readonly FilledValue[];
}

/**
 * Sets the launch measurement of the SEV-SNP entries of a product; everything else of the entries stays.
 *
 * One measurement is set in all of them. Several are set one by one in as many entries; a single entry is repeated for
 * each, because guests with other numbers of virtual processors are measured differently but run on the same machines.
 *
 * @param product `Milan` or `Genoa`
 * @param digestsHex 96 lower-case hexadecimal digits each, at least one
 * @throws ContrastError `manifest/measured-entry-missing`, `manifest/measured-entry-ambiguous`
 */
export function setSnpMeasurements(
  manifest: Manifest,
  product: string,
  digestsHex: readonly string[],
): MeasuredManifest {
  const entries = manifest.referenceValues.snp ?? [];
  const count = entries.filter(({ productName }) => productName === product).length;
  if (count === 0) throw missingEntry(product, entries);
  if (count > 1 && digestsHex.length > 1 && count !== digestsHex.length) {
    throw new ContrastError(
      "manifest/measured-entry-ambiguous",
      `Cannot set measurements: ${count} SEV-SNP entries of ${product} for ${digestsHex.length} measurements`,
      { hint: "Delete the entries but one, which is repeated then, or measure one number of processors at a time." },
    );
  }
  const set: FilledValue[] = [];
  const snp: SnpReferenceValues[] = [];
  let position = 0;
  const add = (entry: SnpReferenceValues, value: string | undefined): void => {
    if (value === undefined) return;
    set.push({ path: `ReferenceValues.snp[${snp.length}].TrustedMeasurement`, value });
    snp.push({ ...entry, trustedMeasurement: value });
  };
  for (const entry of entries) {
    if (entry.productName !== product) snp.push(entry);
    else if (count === 1) for (const value of digestsHex) add(entry, value);
    else {
      add(entry, digestsHex.length === 1 ? digestsHex[0] : digestsHex[position]);
      position += 1;
    }
  }
  return { manifest: { ...manifest, referenceValues: { ...manifest.referenceValues, snp } }, set };
}

function missingEntry(product: string, entries: readonly SnpReferenceValues[]): ContrastError {
  const there = entries.map(({ productName }) => JSON.stringify(productName)).join(", ");
  return new ContrastError(
    "manifest/measured-entry-missing",
    `Cannot set measurements: no SEV-SNP entry of ${product}, ${there === "" ? "none at all" : `only of ${there}`}`,
    {
      hint: 'Let "contrast generate --reference-values PLATFORM" make the manifest for such machines.',
      details: { product },
    },
  );
}
