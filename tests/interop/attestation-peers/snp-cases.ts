import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SnpProduct, TcbVersion } from "../../../src/attestation/collateral-need.ts";
import { parseSnpReport } from "../../../src/attestation/snp/parse-report.ts";
import { parseTcb } from "../../../src/attestation/snp/tcb.ts";
import { readCertificates } from "../../../src/pki/x509/read-certificates.ts";
import { AMD_TEST_TIME, amdChip } from "../../fakes/amd-chip.ts";
import type { JudgedCase } from "./judged-case.ts";
import { type Dice, flipBit, type Mutation, resize, turnBit } from "./mutations.ts";
import { snpCase, type SnpExpected, type SnpInput } from "./snp-judge.ts";

interface Vector {
  readonly name: string;
  readonly certificate: string;
  readonly product: SnpProduct;
  readonly at: string;
}

const VECTORS: readonly Vector[] = [
  { name: "milan-v2-a", certificate: "milan-v2-a.vcek.der", product: "Milan", at: "2023-01-01" },
  { name: "milan-v2-b", certificate: "milan-v2-b.vcek.der", product: "Milan", at: "2024-01-01" },
  { name: "milan-v2-b", certificate: "milan-v2-b.vcek-other-chip.der", product: "Milan", at: "2024-01-01" },
  { name: "milan-v2-b", certificate: "milan-v2-b.vcek-wrapped-hwid.der", product: "Milan", at: "2024-01-01" },
  { name: "milan-v3-vlek", certificate: "milan-v3-vlek.vlek.der", product: "Milan", at: "2025-03-01" },
  { name: "genoa-v3", certificate: "genoa-v3.vcek.pem", product: "Genoa", at: "2026-01-01" },
  { name: "milan-v3", certificate: "milan-v3.vcek.pem", product: "Milan", at: "2026-01-01" },
];

/** What is mutated; those with a certificate of another chip are refused anyway. */
const HEALTHY = VECTORS.filter(({ certificate }) => !/other-chip|wrapped/.test(certificate));

const EXTENSIONS = [
  { name: "snp-milan-v2-a-chain.pb", of: "milan-v2-a" },
  { name: "snp-genoa-v3-chain.pb", of: "genoa-v3" },
] as const;

/** All vectors, each judged as it is, with what its own guest is, for another product and at another time. */
export function snpVectorCases(folder: string, atlsFolder: string): readonly JudgedCase[] {
  const raw = VECTORS.flatMap((vector) => {
    const input = inputOf(folder, vector);
    const other = vector.product === "Milan" ? "Genoa" : "Milan";
    return [
      ...guestInputs(input, other),
      { ...input, label: `${input.label} alone`, expected: undefined },
      { ...input, label: `${input.label} in 2019`, at: new Date("2019-01-01") },
      { ...input, label: `${input.label} in 2040`, at: new Date("2040-01-01") },
      { ...input, label: `${input.label} without certificate`, vcek: undefined, vlek: undefined },
    ];
  });
  const bare = extensionInput(folder, atlsFolder, { name: "snp-milan-v2-a-nochain.pb", of: "milan-v2-a" });
  const { vcek } = inputOf(folder, VECTORS[0]!);
  const extensions = EXTENSIONS.map((entry) => extensionInput(folder, atlsFolder, entry));
  return [...raw, ...extensions, bare, { ...bare, label: `${bare.label} with its VCEK`, vcek }].map(snpCase);
}

/** Real evidence, cut, with bits turned in report, certificate or extension. */
export function mutatedSnpCases(folder: string, atlsFolder: string, dice: Dice): readonly JudgedCase[] {
  const ofVectors = HEALTHY.flatMap((vector) => {
    const input = inputOf(folder, vector);
    const report = (mutation: Mutation): SnpInput => ({
      ...input,
      label: `${input.label}, report: ${mutation.label}`,
      raw: mutation.bytes,
    });
    const certificate = (mutation: Mutation): SnpInput => ({
      ...input,
      label: `${input.label}, certificate: ${mutation.label}`,
      ...(input.vlek === undefined ? { vcek: mutation.bytes } : { vlek: mutation.bytes }),
    });
    const { raw = new Uint8Array(), vcek, vlek } = input;
    const der = vcek ?? vlek ?? new Uint8Array();
    return [
      ...times(25, () => report(flipBit(raw, dice, 0, 0x330))),
      ...times(5, () => report(flipBit(raw, dice, 0x330))),
      ...times(5, () => report(resize(raw, dice))),
      ...times(25, () => certificate(flipBit(der, dice))),
      ...times(5, () => certificate(resize(der, dice))),
    ];
  });
  const ofExtensions = EXTENSIONS.flatMap((entry) => {
    const input = extensionInput(folder, atlsFolder, entry);
    const bytes = input.extension ?? new Uint8Array();
    // What stands in front of the certificates is where a turned bit can mean something else.
    const mutations = [
      // Number of the product, and type of the field behind it.
      turnBit(bytes, bytes.length - 3, 1),
      turnBit(bytes, bytes.length - 2, 1),
      ...times(25, () => flipBit(bytes, dice, 0, 1200)),
      ...times(10, () => flipBit(bytes, dice, bytes.length - 20)),
      ...times(5, () => resize(bytes, dice)),
    ];
    return mutations.map((mutation) => ({
      ...input,
      label: `${input.label}: ${mutation.label}`,
      extension: mutation.bytes,
    }));
  });
  return [...ofVectors, ...ofExtensions].map(snpCase);
}

/** A synthetic chip signs what it was changed to, so that only what the fields say can be refused. */
export function editedSnpCases(dice: Dice): readonly JudgedCase[] {
  const chip = amdChip();
  const { authority, tcb } = chip;
  const minimum = { ...tcb, microcode: tcb.microcode - 2, snp: tcb.snp - 1 };
  const report = chip.report();
  const input: SnpInput = {
    label: "synthetic chip",
    at: AMD_TEST_TIME,
    product: "Milan",
    authority,
    raw: report,
    vcek: chip.vcekDer,
    crl: authority.crl(),
    expected: expectationsOf(report, "Milan", minimum),
  };
  const edited = (label: string, change: Partial<SnpInput>): SnpInput => ({
    ...input,
    label: `synthetic chip, ${label}`,
    ...change,
  });
  const near = (value: number): number => Math.max(0, Math.min(255, value - 3 + dice.roll(6)));
  const other = (): TcbVersion => ({
    fmc: undefined,
    bootloader: dice.pick([tcb.bootloader, near(tcb.bootloader)]),
    tee: dice.pick([tcb.tee, near(tcb.tee)]),
    snp: dice.pick([tcb.snp, near(tcb.snp)]),
    microcode: dice.pick([tcb.microcode, near(tcb.microcode)]),
  });
  const crl = authority.crl();
  return [
    edited("unchanged", {}),
    ...times(50, () => {
      const { bytes, label } = flipBit(report, dice, 0, 0x2a0);
      return edited(`report signed anew: ${label}`, { raw: chip.sign(bytes) });
    }),
    ...times(40, () => {
      const [currentTcb, committedTcb, launchTcb] = [other(), other(), other()];
      const label = `TCBs ${JSON.stringify([currentTcb, committedTcb, launchTcb])}`;
      return edited(label, { raw: chip.report({ currentTcb, committedTcb, launchTcb }) });
    }),
    ...times(20, () => {
      const [ofCertificate, reportedTcb] = [other(), other()];
      const certified = dice.roll(2) === 0 ? reportedTcb : ofCertificate;
      const label = `certified ${JSON.stringify(certified)}, reported ${JSON.stringify(reportedTcb)}`;
      return edited(label, { raw: chip.report({ reportedTcb }), vcek: chip.certificate({ tcb: certified }) });
    }),
    ...times(10, () => {
      const [cut, doubled] = [dice.roll(12), dice.roll(12)];
      const vcek = chip.certificate({
        editExtensions: (all) =>
          all.flatMap((one, index) => (index === cut ? [] : index === doubled ? [one, one] : [one])),
      });
      return edited(`extension ${cut} left out, ${doubled} twice`, { vcek });
    }),
    ...times(25, () => {
      const { bytes, label } = flipBit(crl, dice);
      return edited(`revocation list: ${label}`, { crl: bytes });
    }),
    edited("reserved byte of the committed TCB, signed anew", { raw: chip.sign(turnBit(report, 0x1e3, 2).bytes) }),
    edited("mitigation vector in version 3, signed anew: bit 0 of byte 0x1f8 turned", {
      raw: chip.sign(turnBit(report, 0x1f8, 0).bytes),
    }),
    edited("report: bit 5 of byte 0x18a turned", { raw: turnBit(report, 0x18a, 5).bytes }),
    edited("ASK revoked", { crl: authority.crl({ revoked: ["ask"] }) }),
    edited("ASVK revoked", { crl: authority.crl({ revoked: ["asvk"] }) }),
    edited("revocation list signed by the ASK", { crl: authority.crl({ signer: authority.ask }) }),
    edited("revocation list not yet valid", { crl: authority.crl({ thisUpdate: new Date("2026-01-01") }) }),
    edited("revocation list expired", { crl: authority.crl({ nextUpdate: new Date("2025-05-31") }) }),
    edited("VLEK", { raw: chip.report({ signingKey: "VLEK" }), vcek: undefined, vlek: chip.vlekDer }),
    edited("version 2", { raw: chip.report({ version: 2 }) }),
    edited("version 5", { raw: chip.report({ version: 5, launchMitVector: 3n, currentMitVector: 3n }) }),
    edited("no chip id", { raw: chip.report({ chipId: new Uint8Array(64) }) }),
  ].map(snpCase);
}

/** As the reference values say, without debugging, and for reference values of another product line. */
function guestInputs(input: SnpInput, other: SnpProduct): readonly SnpInput[] {
  const { label, expected } = input;
  if (expected === undefined) return [];
  return [
    input,
    { ...input, label: `${label} without debugging`, expected: { ...expected, debug: false } },
    { ...input, label: `${label} as ${other}`, product: other },
  ];
}

function times<T>(count: number, make: () => T): readonly T[] {
  return Array.from({ length: count }, make);
}

function inputOf(folder: string, { name, certificate, product, at }: Vector): SnpInput {
  const raw = new Uint8Array(readFileSync(join(folder, `${name}.report.bin`)));
  const [parsed] = readCertificates(new Uint8Array(readFileSync(join(folder, certificate))), certificate);
  const isVlek = certificate.includes("vlek");
  return {
    label: certificate,
    at: new Date(at),
    product,
    raw,
    vcek: isVlek ? undefined : parsed?.der,
    vlek: isVlek ? parsed?.der : undefined,
    // A VLEK is only judged by itself: Contrast trusts none.
    expected: isVlek ? undefined : expectationsOf(raw, product),
  };
}

function extensionInput(
  folder: string,
  atlsFolder: string,
  { name, of }: { readonly name: string; readonly of: string },
): SnpInput {
  const vector = HEALTHY.find((one) => one.name === of);
  if (vector === undefined) throw new Error(`no vector ${of}`);
  const { at, product, expected } = inputOf(folder, vector);
  return { label: name, at, product, extension: new Uint8Array(readFileSync(join(atlsFolder, name))), expected };
}

/** What a report itself says, with the lowest TCB that it has as the minimum. */
function expectationsOf(raw: Uint8Array, product: SnpProduct, minimumTcb?: TcbVersion): SnpExpected {
  const { measurement, reportData, hostData, reportedTcb, launchTcb } = parseSnpReport(raw);
  const [reported, launch] = [parseTcb(reportedTcb, product), parseTcb(launchTcb, product)];
  const least = {
    fmc: undefined,
    bootloader: Math.min(reported.bootloader, launch.bootloader),
    tee: Math.min(reported.tee, launch.tee),
    snp: Math.min(reported.snp, launch.snp),
    microcode: Math.min(reported.microcode, launch.microcode),
  };
  return { measurement, reportData, hostData, minimumTcb: minimumTcb ?? least, debug: true };
}
