import { decodeUtf8 } from "../lib/files.ts";
import type { Codec } from "../lib/go-json/go-json-codec.ts";
import {
  goArray,
  goBool,
  goMap,
  goOptional,
  goPointer,
  goSlice,
  goString,
  goTruncatedByte,
  goUint,
} from "../lib/go-json/go-json-codec.ts";
import { parseJsonNode } from "../lib/go-json/go-json-node.ts";
import { renderGoJson } from "../lib/go-json/go-json-render.ts";
import { field, goStruct, omitEmptyField } from "../lib/go-json/go-json-struct.ts";
import { Problems } from "../lib/problems.ts";
import type {
  Manifest,
  PolicyEntry,
  ReferenceValues,
  SnpGuestPolicyValues,
  SnpPlatformInfoValues,
  SnpReferenceValues,
  SnpTcb,
  TdxReferenceValues,
} from "./schema.ts";

/** The members of a struct without the place for unknown ones. */
type Known<T> = Omit<T, "unknown">;

const svn = goPointer(goTruncatedByte);
const fourHexStrings = goArray(goString, 4);

const snpTcb = goStruct<Known<SnpTcb>>({
  bootloaderVersion: field("BootloaderVersion", svn),
  teeVersion: field("TEEVersion", svn),
  snpVersion: field("SNPVersion", svn),
  microcodeVersion: field("MicrocodeVersion", svn),
});

const snpGuestPolicy = goStruct<Known<SnpGuestPolicyValues>>({
  abiMinor: field("ABIMinor", goUint(8)),
  abiMajor: field("ABIMajor", goUint(8)),
  smt: field("SMT", goBool),
  migrateMa: field("MigrateMA", goBool),
  debug: field("Debug", goBool),
  singleSocket: field("SingleSocket", goBool),
});

const snpPlatformInfo = goStruct<Known<SnpPlatformInfoValues>>({
  smtEnabled: field("SMTEnabled", goBool),
  tsmeEnabled: field("TSMEEnabled", goBool),
  eccEnabled: field("ECCEnabled", goBool),
  raplDisabled: field("RAPLDisabled", goBool),
  ciphertextHidingDramEnabled: field("CiphertextHidingDRAMEnabled", goBool),
  aliasCheckComplete: field("AliasCheckComplete", goBool),
});

const snpReferenceValues = goStruct<Known<SnpReferenceValues>>({
  minimumTcb: field("MinimumTCB", snpTcb),
  productName: field("ProductName", goString),
  trustedMeasurement: field("TrustedMeasurement", goString),
  guestPolicy: omitEmptyField("GuestPolicy", goOptional(snpGuestPolicy)),
  platformInfo: omitEmptyField("PlatformInfo", goOptional(snpPlatformInfo)),
  allowedChipIds: omitEmptyField("AllowedChipIDs", goSlice(goString)),
});

const tdxStruct = goStruct<Known<TdxReferenceValues>>({
  mrTd: field("MrTd", goString),
  // The misspelling is part of the 1.4 format.
  rtrms: omitEmptyField("Rtrms", goOptional(fourHexStrings)),
  rtmrs: omitEmptyField("Rtmrs", goOptional(fourHexStrings)),
  minimumQeSvn: field("MinimumQeSvn", goPointer(goUint(16))),
  minimumPceSvn: field("MinimumPceSvn", goPointer(goUint(16))),
  minimumTeeTcbSvn: field("MinimumTeeTcbSvn", goString),
  mrSeam: field("MrSeam", goString),
  tdAttributes: field("TdAttributes", goString),
  xfam: field("Xfam", goString),
});

/** An entry that names no registers under either spelling is written as version 1.4 writes it: four empty strings. */
const tdxReferenceValues: Codec<TdxReferenceValues> = {
  ...tdxStruct,
  encode: (value) =>
    tdxStruct.encode(
      value.rtrms === undefined && value.rtmrs === undefined ? { ...value, rtrms: fourHexStrings.zero } : value,
    ),
};

/** Reference values of one platform, in the manifest and in tables. */
const referenceValuesCodec: Codec<ReferenceValues> = goStruct<Known<ReferenceValues>>({
  snp: omitEmptyField("snp", goSlice<SnpReferenceValues>(snpReferenceValues)),
  tdx: omitEmptyField("tdx", goSlice(tdxReferenceValues)),
});

const policyEntry = goStruct<Known<PolicyEntry>>({
  sans: field("SANs", goSlice(goString)),
  workloadSecretId: omitEmptyField("WorkloadSecretID", goString),
  role: omitEmptyField("Role", goString),
});

const manifestCodec: Codec<Manifest> = goStruct<Known<Manifest>>({
  policies: field("Policies", goMap<PolicyEntry>(policyEntry)),
  referenceValues: field("ReferenceValues", referenceValuesCodec),
  workloadOwnerKeyDigests: field("WorkloadOwnerKeyDigests", goSlice(goString)),
  seedshareOwnerPubKeys: field("SeedshareOwnerPubKeys", goSlice(goString)),
});

/**
 * Reads a manifest as leniently as Go's `encoding/json` does. Nothing is validated beyond JSON types and ranges; keep
 * the bytes themselves where they are to be sent or compared, since a manifest's identity is its bytes.
 *
 * @param bytes UTF-8 JSON; other encodings are refused where Go would replace bytes
 * @param what named in messages, such as `manifest "manifest.json"`
 * @throws ContrastError `lib/text-not-utf8`, `lib/json-invalid`
 * @throws ProblemsError `lib/json-wrong-type`, `lib/json-out-of-range` with JSON paths
 */
export function parseManifest(bytes: Uint8Array, what: string): Manifest {
  return parseWith(manifestCodec, bytes, what);
}

/**
 * Writes a manifest byte for byte as version 1.4 would: fields in schema order, policies sorted, two spaces for each
 * level, one newline at the end. Fields that this version does not know follow the known ones.
 */
export function encodeManifest(manifest: Manifest): string {
  return `${renderGoJson(manifestCodec.encode(manifest))}\n`;
}

const referenceValuesByHandler = goMap(referenceValuesCodec);

/** Reads a table from runtime handler name to reference values; errors as `parseManifest`. */
export function parseReferenceValuesByHandler(bytes: Uint8Array, what: string): ReadonlyMap<string, ReferenceValues> {
  return parseWith(referenceValuesByHandler, bytes, what);
}

/** Writes such a table in the form of the manifest, handlers sorted. */
export function encodeReferenceValuesByHandler(table: ReadonlyMap<string, ReferenceValues>): string {
  return `${renderGoJson(referenceValuesByHandler.encode(table))}\n`;
}

function parseWith<T>(codec: Codec<T>, bytes: Uint8Array, what: string): T {
  const node = parseJsonNode(decodeUtf8(bytes, what), what);
  const problems = new Problems();
  const value = codec.decode(node, codec.zero, "", problems);
  problems.throwIfAny(`Cannot read ${what}`);
  return value;
}
