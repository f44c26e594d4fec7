import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseCollateralJson } from "../../../src/attestation/collateral/collateral-json.ts";
import { collateralUrl } from "../../../src/attestation/collateral/collateral-url.ts";
import type { CollateralItem, CollateralNeed } from "../../../src/attestation/collateral-need.ts";
import { parseTdxQuote } from "../../../src/attestation/tdx/parse-quote.ts";
import { tdxEvidenceFromQuote } from "../../../src/attestation/tdx/tdx-evidence.ts";
import type { JudgedCase } from "./judged-case.ts";
import { type Dice, flipBit, type Mutation, resize, turnBit } from "./mutations.ts";
import { tdxCase, type TdxInput } from "./tdx-judge.ts";

/** With a time at which the certificates of each are valid. */
const QUOTES = [
  { name: "v4-a", at: "2023-07-01T01:00:00Z" },
  { name: "v4-b", at: "2025-07-01T00:00:00Z" },
  { name: "v4-c", at: "2026-01-01T00:00:00Z" },
  { name: "v4-d", at: "2026-01-01T00:00:00Z" },
  { name: "v5-a", at: "2026-02-10T00:00:00Z" },
  { name: "sgx-v3", at: "2025-07-01T00:00:00Z" },
] as const;

const HEALTHY = ["v4-a", "v4-b", "v4-c", "v4-d"];

const EXTENSIONS = ["v4-a", "v4-b"];

/** All vectors, each judged as it is, at other times, and with collateral of its own and of others. */
export function tdxVectorCases(folder: string, atlsFolder: string): readonly JudgedCase[] {
  const [ofA, ofB] = [collateralOfA(folder), collateralOfB(folder)];
  const loose = QUOTES.flatMap((quote) => {
    const input = inputOf(folder, quote);
    return [
      input,
      { ...input, label: `${input.label} alone`, expected: undefined },
      { ...input, label: `${input.label} in 2019`, at: new Date("2019-01-01") },
      { ...input, label: `${input.label} in 2040`, at: new Date("2040-01-01") },
      { ...input, label: `${input.label} with collateral of v4-a`, collateral: ofA },
      { ...input, label: `${input.label} with collateral of v4-b`, collateral: ofB },
    ];
  });
  const b = inputOf(folder, QUOTES[1]);
  const dated = ["2025-06-19T10:00:00Z", "2025-07-19T09:59:00Z", "2025-08-01T00:00:00Z"].map((at) => ({
    ...b,
    label: `v4-b with collateral at ${at}`,
    at: new Date(at),
    collateral: ofB,
  }));
  const incomplete = ofB.map(({ need }) => ({
    ...b,
    label: `v4-b without ${need.kind}`,
    collateral: ofB.filter((item) => item.need.kind !== need.kind),
  }));
  const [rootCrl] = ofB.filter(({ need }) => need.kind === "intel-root-crl");
  const longer = ofB.map((item) => (item === rootCrl ? { ...item, body: Uint8Array.from([...item.body, 0]) } : item));
  const behind = { ...b, label: "v4-b, intel-root-crl: 293 of 292 bytes", collateral: longer };
  const renamed = ofB.map((item) => {
    const at = Buffer.from(item.body).lastIndexOf("signature");
    return item.need.kind === "intel-tcb-info" ? { ...item, body: turnBit(item.body, at, 5).bytes } : item;
  });
  const upperCase = { ...b, label: "v4-b, intel-tcb-info: bit 5 of byte 0 of a name turned", collateral: renamed };
  const extensions = EXTENSIONS.map((name) => extensionInput(folder, atlsFolder, name));
  return [...loose, ...dated, ...incomplete, behind, upperCase, ...extensions].map(tdxCase);
}

/** Real quotes and collateral, cut or with bits turned. */
export function mutatedTdxCases(folder: string, atlsFolder: string, dice: Dice): readonly JudgedCase[] {
  const ofB = collateralOfB(folder);
  const withB = { ...inputOf(folder, QUOTES[1]), collateral: ofB };
  const quotes = HEALTHY.flatMap((name) => {
    const input = name === "v4-b" ? withB : inputOf(folder, quoteNamed(name));
    const { raw = new Uint8Array() } = input;
    const body = parseTdxQuote(raw);
    const changed = (mutation: Mutation): TdxInput => ({
      ...input,
      label: `${input.label}: ${mutation.label}`,
      raw: mutation.bytes,
    });
    const count = name === "v4-b" ? 60 : 10;
    return [
      ...times(count, () => changed(flipBit(raw, dice, 0, 0x500))),
      ...times(count, () => changed(flipBit(raw, dice, 0x500, body.bytes.length))),
      ...times(2, () => changed(flipBit(raw, dice, body.bytes.length))),
      ...times(5, () => changed(resize(raw, dice))),
    ];
  });
  const collateral = times(90, () => {
    const item = dice.pick(ofB);
    const inChain = item.issuerChainPem !== undefined && dice.roll(3) === 0;
    const bytes = inChain ? new TextEncoder().encode(item.issuerChainPem) : item.body;
    const mutation = dice.roll(10) === 0 ? resize(bytes, dice) : flipBit(bytes, dice);
    const spoilt = inChain
      ? { ...item, issuerChainPem: new TextDecoder("latin1").decode(mutation.bytes) }
      : { ...item, body: mutation.bytes };
    return {
      ...withB,
      label: `v4-b, ${inChain ? "issuer chain of " : ""}${item.need.kind}: ${mutation.label}`,
      collateral: ofB.map((other) => (other === item ? spoilt : other)),
    };
  });
  const extensions = EXTENSIONS.flatMap((name) => {
    const input = extensionInput(folder, atlsFolder, name);
    const { extension = new Uint8Array() } = input;
    const mutations = [
      // In the size of the certification data.
      turnBit(extension, 0x332, 0),
      ...times(25, () => flipBit(extension, dice, 0, 1350)),
      ...times(5, () => flipBit(extension, dice, extension.length - 45)),
      ...times(5, () => resize(extension, dice)),
    ];
    return mutations.map(({ bytes, label }) => ({ ...input, label: `${input.label}: ${label}`, extension: bytes }));
  });
  return [...quotes, ...collateral, ...extensions].map(tdxCase);
}

function times<T>(count: number, make: () => T): readonly T[] {
  return Array.from({ length: count }, make);
}

function quoteNamed(name: string): (typeof QUOTES)[number] {
  const quote = QUOTES.find((one) => one.name === name);
  if (quote === undefined) throw new Error(`no quote ${name}`);
  return quote;
}

function inputOf(folder: string, { name, at }: (typeof QUOTES)[number]): TdxInput {
  const raw = new Uint8Array(readFileSync(join(folder, `${name}.quote.bin`)));
  const expected = name === "sgx-v3" ? undefined : tdxEvidenceFromQuote(raw).quote.body;
  return { label: name, at: new Date(at), raw, expected };
}

function extensionInput(folder: string, atlsFolder: string, name: string): TdxInput {
  const { at, expected } = inputOf(folder, quoteNamed(name));
  const extension = new Uint8Array(readFileSync(join(atlsFolder, `tdx-${name}.pb`)));
  return { label: `tdx-${name}.pb`, at, expected, extension };
}

function collateralOfB(folder: string): readonly CollateralItem[] {
  return parseCollateralJson(readFileSync(join(folder, "v4-b.collateral.json"), "utf8"), "v4-b.collateral.json");
}

/** The answers of Intel's service of 2023, body by body. */
function collateralOfA(folder: string): readonly CollateralItem[] {
  const item = (need: CollateralNeed, file: string, header?: string): CollateralItem => ({
    need,
    url: collateralUrl(need),
    body: new Uint8Array(readFileSync(join(folder, file))),
    issuerChainPem: header && decodeURIComponent(readFileSync(join(folder, header), "utf8").trim()),
    origin: "file",
    fetchedAt: undefined,
    note: undefined,
  });
  return [
    item(
      { kind: "intel-tcb-info", fmspc: "50806f000000" },
      "tcbinfo-50806f000000-2023.json",
      "tcb-info-issuer-chain-2023.header.txt",
    ),
    item({ kind: "intel-qe-identity" }, "qeidentity-2023.json", "sgx-enclave-identity-issuer-chain-2023.header.txt"),
    item(
      { kind: "intel-pck-crl", ca: "platform" },
      "pckcrl-platform-2023.der",
      "sgx-pck-crl-issuer-chain-2023.header.txt",
    ),
    item({ kind: "intel-root-crl" }, "rootcrl-2023.der"),
  ];
}
