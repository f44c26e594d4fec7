import { bundledImages } from "../generate/image-replacements.ts";
import { isPlaceholderMeasurement } from "../manifest/placeholder-measurement.ts";
import { PLATFORMS } from "../manifest/platforms.ts";
import { embeddedReferenceValues, platformDefaults } from "../manifest/reference-values-table.ts";
import {
  runtimeMeasurements,
  type ReferenceValues,
  type SnpReferenceValues,
  type TdxReferenceValues,
} from "../manifest/schema.ts";

/** A name and its value; names of one block are aligned. */
type Row = readonly [name: string, value: string];

/** What this build expects of one platform. */
interface PlatformDetails {
  /** As in `--reference-values`. */
  readonly platform: string;
  readonly display: string;
  readonly runtimeHandler: string;
  readonly referenceValues: ReferenceValues;
}

/** Images and reference values that are part of this build. */
export interface VersionDetails {
  readonly images: readonly string[];
  readonly platforms: readonly PlatformDetails[];
}

/** Collects what this build expects, platforms in the order of listings. */
export function versionDetails(): VersionDetails {
  const table = embeddedReferenceValues();
  const platforms = PLATFORMS.map((platform) => {
    const { handler, referenceValues } = platformDefaults(table, platform);
    return { platform: platform.name, display: platform.display, runtimeHandler: handler, referenceValues };
  });
  return { images: bundledImages(), platforms };
}

/** The same for people: an empty line before each block. */
export function renderVersionDetails({ images, platforms }: VersionDetails): string {
  const imageBlock = ["container image versions:", ...images.map((image) => `  ${image}`)];
  const blocks = platforms.map((platform) => [
    `reference values for ${platform.display}:`,
    ...rows([["runtime handler", platform.runtimeHandler]]),
    ...(platform.referenceValues.snp ?? []).flatMap((values) => rows(snpRows(values), `SNP ${values.productName}`)),
    ...(platform.referenceValues.tdx ?? []).flatMap((values) => rows(tdxRows(values), "TDX")),
  ]);
  return [imageBlock, ...blocks].map((block) => `\n${block.join("\n")}\n`).join("");
}

function snpRows({ trustedMeasurement, minimumTcb }: SnpReferenceValues): readonly Row[] {
  return [
    ["launch digest", orNone(trustedMeasurement)],
    ["default bootloader version", orNone(minimumTcb.bootloaderVersion)],
    ["default TEE version", orNone(minimumTcb.teeVersion)],
    ["default SNP version", orNone(minimumTcb.snpVersion)],
    ["default microcode version", orNone(minimumTcb.microcodeVersion)],
  ];
}

function tdxRows(values: TdxReferenceValues): readonly Row[] {
  return [
    ["MRTD", orNone(values.mrTd)],
    ...runtimeMeasurements(values).map((value, index): Row => [`RTMR ${index}`, orNone(value)]),
    ["minimum QE SVN", orNone(values.minimumQeSvn)],
    ["minimum PCE SVN", orNone(values.minimumPceSvn)],
    ["minimum TEE TCB SVN", orNone(values.minimumTeeTcbSvn)],
    ["MRSEAM", orNone(values.mrSeam)],
    ["TD attributes", orNone(values.tdAttributes)],
    ["XFAM", orNone(values.xfam)],
  ];
}

function orNone(value: string | number | null): string {
  if (value === null || value === "") return "(no default)";
  return typeof value === "string" && isPlaceholderMeasurement(value) ? "(not part of this build)" : String(value);
}

function rows(values: readonly Row[], title?: string): readonly string[] {
  const width = Math.max(...values.map(([name]) => name.length)) + 1;
  const indent = title === undefined ? "  " : "    ";
  const lines = values.map(([name, value]) => `${indent}${`${name}:`.padEnd(width)}  ${value}`);
  return title === undefined ? lines : [`  ${title}:`, ...lines];
}
