import type { CollateralNeed, SnpProduct, TcbVersion } from "../../attestation/collateral-need.ts";
import { chipIdDigits, collateralUrl, parseCollateralUrl } from "../../attestation/collateral/collateral-url.ts";
import { visibleText } from "../../lib/visible-text.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { UsageError } from "../../terminal/usage-error.ts";
import type { NeedReason } from "./need-reason.ts";
import type { TrustOptions } from "../trust-options.ts";

/** A piece of collateral that somebody needs. */
export interface NeededCollateral {
  readonly need: CollateralNeed;
  /** Such as `manifest.json, ReferenceValues.snp[0]`. */
  readonly neededBy: readonly string[];
  /** Where any one of several would do: what they have in common. */
  readonly group?: string | undefined;
}

/** Who needs what was asked for by its address. */
export const COMMAND_LINE = "the command line";

const PRODUCTS: Readonly<Record<string, SnpProduct>> = { Milan: "Milan", Genoa: "Genoa", Turin: "Turin" };

/**
 * What the flags and addresses of a `collateral` command ask for, each piece once, in the order of their addresses.
 *
 * @param addresses of the vendors
 * @returns undefined where nothing was asked for
 * @throws UsageError `terminal/invalid-argument`; ContrastError of the manifest, the evidence and the connection
 */
export async function neededCollateral(
  flags: ParsedFlags,
  addresses: readonly string[],
  trust: TrustOptions,
  io: Io,
): Promise<readonly NeededCollateral[] | undefined> {
  const isAsked =
    addresses.length > 0 ||
    ["manifest", "evidence", "coordinator", "product", "chip-id", "fmspc"].some((name) => flags.isSet(name));
  if (!isAsked) return undefined;
  const known = [
    ...addresses.map(addressReason),
    ...numberReasons(flags),
    ...(await manifestReasons(flags.string("manifest"), io)),
  ];
  const reasons = [...known, ...(await evidenceReasons(flags, productsOf(known), trust, io))];
  const byUrl = new Map<string, NeededCollateral>();
  for (const { need, neededBy, group } of reasons) {
    const earlier = byUrl.get(collateralUrl(need));
    const others = earlier?.neededBy ?? [];
    byUrl.set(collateralUrl(need), {
      need,
      neededBy: others.includes(neededBy) ? others : [...others, neededBy],
      group: earlier === undefined || earlier.group === group ? group : undefined,
    });
  }
  return [...byUrl].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, needed]) => needed);
}

function addressReason(address: string): NeedReason {
  const need = parseCollateralUrl(address);
  if (need !== undefined) return { need, neededBy: COMMAND_LINE };
  throw new UsageError(
    "terminal/invalid-argument",
    `invalid argument ${JSON.stringify(visibleText(address))}: not the address of any collateral`,
  );
}

function numberReasons(flags: ParsedFlags): readonly NeedReason[] {
  const products = flags.strings("product").map(parseProduct);
  const chipIds = flags.strings("chip-id");
  const [product, ...others] = products;
  const lines = products.flatMap((line): readonly NeedReason[] => [
    { need: { kind: "amd-chain", product: line, signingKey: "VCEK" }, neededBy: `--product ${line}` },
    { need: { kind: "amd-crl", product: line, signingKey: "VCEK" }, neededBy: `--product ${line}` },
  ]);
  if (chipIds.length > 0 && (product === undefined || others.length > 0)) {
    throw wrongFlag("chip-id", chipIds[0] ?? "", "give exactly one --product with it");
  }
  const chips = chipIds.flatMap((text): readonly NeedReason[] => {
    if (product === undefined) return [];
    const chipIdHex = parseChipId(text, product);
    const tcb = parseTcbFlag(flags.string("tcb"), product);
    return [{ need: { kind: "amd-vcek", product, chipIdHex, tcb }, neededBy: `--chip-id ${chipIdHex.slice(0, 16)}…` }];
  });
  return [...lines, ...chips, ...flags.strings("fmspc").flatMap(fmspcReasons)];
}

function parseProduct(name: string): SnpProduct {
  const product = Object.hasOwn(PRODUCTS, name) ? PRODUCTS[name] : undefined;
  if (product === undefined) throw wrongFlag("product", name, "must be one of Milan, Genoa, Turin");
  return product;
}

/** Turin has chip ids of 8 bytes, which reports fill up to 64 with zeros. */
function parseChipId(text: string, product: SnpProduct): string {
  const digits = chipIdDigits(product);
  const chipIdHex = text.toLowerCase();
  if (new RegExp(`^[0-9a-f]{${digits}}(?:0{${128 - digits}})?$`).test(chipIdHex)) return chipIdHex.slice(0, digits);
  throw wrongFlag("chip-id", text, `want ${digits} hexadecimal digits`);
}

function parseTcbFlag(text: string, product: SnpProduct): TcbVersion {
  const parts = text.split(".");
  const wanted = product === "Turin" ? 5 : 4;
  const isTcb = parts.length === wanted && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && +part <= 255);
  if (!isTcb) throw wrongFlag("tcb", text, `want ${wanted} numbers from 0 to 255, such as 3.0.8.209`);
  const numbers = parts.map(Number);
  const [bootloader = 0, tee = 0, snp = 0, microcode = 0] = numbers.slice(-4);
  return { fmc: product === "Turin" ? numbers[0] : undefined, bootloader, tee, snp, microcode };
}

function fmspcReasons(text: string): readonly NeedReason[] {
  if (!/^[0-9a-fA-F]{12}$/.test(text)) throw wrongFlag("fmspc", text, "want 12 hexadecimal digits");
  const fmspc = text.toLowerCase();
  const needs: readonly CollateralNeed[] = [
    { kind: "intel-tcb-info", fmspc },
    { kind: "intel-qe-identity" },
    { kind: "intel-pck-crl", ca: "platform" },
    { kind: "intel-root-crl" },
  ];
  return needs.map((need) => ({ need, neededBy: `--fmspc ${fmspc}` }));
}

async function manifestReasons(path: string, io: Io): Promise<readonly NeedReason[]> {
  if (path === "") return [];
  const { manifestCollateral } = await import("../../manifest/manifest-collateral.ts");
  const { readManifest } = await import("../read-manifest.ts");
  const { manifest } = await readManifest(path, io);
  return manifestCollateral(manifest).map(({ need, source }) => ({ need, neededBy: `${path}, ${source}` }));
}

/** The lines of AMD that somebody named. */
function productsOf(reasons: readonly NeedReason[]): readonly SnpProduct[] {
  return [...new Set(reasons.flatMap(({ need }) => (need.kind === "amd-chain" ? [need.product] : [])))];
}

/** Loads the parsers of evidence only where there is some. */
async function evidenceReasons(
  flags: ParsedFlags,
  products: readonly SnpProduct[],
  trust: TrustOptions,
  io: Io,
): Promise<readonly NeedReason[]> {
  const paths = flags.strings("evidence");
  const coordinator = flags.string("coordinator");
  if (paths.length === 0 && coordinator === "") return [];
  const { needsOfEvidence } = await import("./evidence-reasons.ts");
  return await needsOfEvidence(paths, coordinator, products, trust, io);
}

function wrongFlag(name: string, value: string, reason: string): UsageError {
  return new UsageError(
    "terminal/invalid-argument",
    `invalid argument ${JSON.stringify(value)} for "--${name}" flag: ${reason}`,
  );
}
