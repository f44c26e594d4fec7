/**
 * Makes `src/manifest/reference-values.json`, the table from runtime handler name to reference values that is part of
 * the program. With `--check` it only compares and exits 1 when the committed file is not current.
 *
 * A release build replaces the measurements below by those of its own guest images. Placeholders never match hardware.
 */
import { join } from "node:path";
import { sha256Hex } from "../src/lib/digest.ts";
import { NO_UNKNOWN_FIELDS } from "../src/lib/go-json/go-json-codec.ts";
import { encodeReferenceValuesByHandler } from "../src/manifest/manifest-json.ts";
import type { Platform } from "../src/manifest/platforms.ts";
import { PLATFORMS } from "../src/manifest/platforms.ts";
import { PLACEHOLDER_MEASUREMENT } from "../src/manifest/placeholder-measurement.ts";
import { runtimeHandlerName } from "../src/manifest/runtime-handler.ts";
import type { ReferenceValues, SnpReferenceValues, SnpTcb, TdxReferenceValues } from "../src/manifest/schema.ts";
import packageJson from "../package.json" with { type: "json" };

// The value that the manual of version 1.4 prints for the guest image of AKS.
const AKS_MEASUREMENT =
  "beee79ca916b9e5dc59602788cbfb097721cde34943e1583a3918f21011a71c47f371f68e883f5e474a6d4053d931a35";
const AKS_TCB: SnpTcb = {
  bootloaderVersion: 3,
  teeVersion: 0,
  snpVersion: 8,
  microcodeVersion: 115,
  unknown: NO_UNKNOWN_FIELDS,
};
const UNSET_TCB: SnpTcb = {
  bootloaderVersion: null,
  teeVersion: null,
  snpVersion: null,
  microcodeVersion: null,
  unknown: NO_UNKNOWN_FIELDS,
};

const BARE_METAL_TDX: TdxReferenceValues = {
  mrTd: PLACEHOLDER_MEASUREMENT,
  rtrms: Array.from({ length: 4 }, () => PLACEHOLDER_MEASUREMENT),
  rtmrs: undefined,
  minimumQeSvn: 0,
  minimumPceSvn: 0,
  minimumTeeTcbSvn: "",
  mrSeam: "",
  // Bit 28, SEPT_VE_DISABLE, in the byte order of the quote.
  tdAttributes: "0000001000000000",
  // x87, SSE, AVX, AVX-512, PKU and AMX state.
  xfam: "e702060000000000",
  unknown: NO_UNKNOWN_FIELDS,
};

function snp(productName: string, minimumTcb: SnpTcb, trustedMeasurement: string): SnpReferenceValues {
  return {
    minimumTcb,
    productName,
    trustedMeasurement,
    guestPolicy: undefined,
    platformInfo: undefined,
    allowedChipIds: null,
    unknown: NO_UNKNOWN_FIELDS,
  };
}

function referenceValuesOf(platform: Platform): ReferenceValues {
  const none = { snp: null, tdx: null, unknown: NO_UNKNOWN_FIELDS };
  if (platform.profile === "aks") return { ...none, snp: [snp("Milan", AKS_TCB, AKS_MEASUREMENT)] };
  if (platform.tee === "tdx") return { ...none, tdx: [BARE_METAL_TDX] };
  return {
    ...none,
    snp: ["Milan", "Genoa"].map((product) => snp(product, UNSET_TCB, PLACEHOLDER_MEASUREMENT)),
  };
}

/** First 8 digits of SHA-256 over the canonical JSON of what distinguishes one runtime from another. */
function handlerHash(platform: Platform, referenceValues: ReferenceValues): string {
  const encoded: unknown = JSON.parse(encodeReferenceValuesByHandler(new Map([["", referenceValues]])));
  const identity = { platformFamily: platform.profile, referenceValues: encoded, version: packageJson.version };
  return sha256Hex(canonicalJson(identity)).slice(0, 8);
}

/** JSON with sorted keys and no spaces. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(",")}}`;
}

/** The text of the table's file. */
export function renderReferenceValues(): string {
  return encodeReferenceValuesByHandler(
    new Map(
      PLATFORMS.map((platform) => {
        const values = referenceValuesOf(platform);
        return [runtimeHandlerName(platform, handlerHash(platform, values)), values] as const;
      }),
    ),
  );
}

if (import.meta.main) {
  const path = join(import.meta.dir, "..", "src", "manifest", "reference-values.json");
  const wanted = renderReferenceValues();
  if (!process.argv.includes("--check")) {
    await Bun.write(path, wanted);
  } else if ((await Bun.file(path).text()) !== wanted) {
    console.error("src/manifest/reference-values.json is not current: run bun scripts/reference-values.ts");
    process.exitCode = 1;
  }
}
