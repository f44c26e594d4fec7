import { parseSnpAttestation } from "../../../src/attestation/snp/snp-attestation.ts";
import { parseTcb } from "../../../src/attestation/snp/tcb.ts";
import { parseTdxAttestation } from "../../../src/attestation/tdx/tdx-attestation.ts";
import type { PresentedEvidence } from "../../../src/attestation/validator.ts";
import { createMachine } from "../../../src/simulator/machine.ts";
import type { SimulatedMachine } from "../../../src/simulator/simulated-machine.ts";
import { MACHINE_TIME, rootsOf } from "../../fakes/simulated-machines.ts";
import type { JudgedCase } from "./judged-case.ts";
import { snpCase, type SnpInput } from "./snp-judge.ts";
import { tdxCase, type TdxInput } from "./tdx-judge.ts";

const POLICY_HASH = new Uint8Array(32).fill(0x9a);
const REPORT_DATA = new Uint8Array(64).fill(0x5d);

/** How many of the cases both sides are to accept: with and without endorsements for each SNP machine, one for TDX. */
export const ACCEPTED_SIMULATED_CASES = 5;

/** Evidence of the machines that the product simulates, one with keys as long as AMD's, under their roots and under the vendors'. */
export async function simulatedCases(): Promise<readonly JudgedCase[]> {
  const [milan, genoa, tdx] = await Promise.all([
    createMachine("snp-milan", MACHINE_TIME),
    // One authority with keys as long as AMD's is enough; finding their primes takes seconds.
    createMachine("snp-genoa", MACHINE_TIME, { rsaBits: 2048 }),
    createMachine("tdx", MACHINE_TIME),
  ]);
  return [
    ...(await snpCases(milan, "Milan", [genoa, "Genoa"])),
    ...(await snpCases(genoa, "Genoa", [milan, "Milan"])),
    ...(await tdxCases(tdx)),
  ];
}

async function snpCases(
  machine: SimulatedMachine,
  product: "Milan" | "Genoa",
  [other, otherProduct]: readonly [SimulatedMachine, "Milan" | "Genoa"],
): Promise<readonly JudgedCase[]> {
  const [bare, complete] = [await evidenceOf(machine, false), await evidenceOf(machine, true)];
  const { report } = parseSnpAttestation(bare.value);
  const items = machine.collateral(MACHINE_TIME);
  const authority = { roots: rootsOf(machine).amd, rootsPem: machine.rootsPem };
  const input: SnpInput = {
    label: `simulated ${product}`,
    at: MACHINE_TIME,
    product,
    authority,
    extension: bare.value,
    vcek: items.find(({ need }) => need.kind === "amd-vcek")!.body,
    crl: items.find(({ need }) => need.kind === "amd-crl")!.body,
    expected: {
      measurement: report.measurement,
      reportData: REPORT_DATA,
      hostData: POLICY_HASH,
      minimumTcb: parseTcb(report.reportedTcb, product),
      debug: false,
    },
  };
  const edited = (label: string, change: Partial<SnpInput>): SnpInput => ({
    ...input,
    label: `${input.label}, ${label}`,
    ...change,
  });
  const { authority: _own, ...underVendor } = input;
  const strangers = { roots: rootsOf(other).amd, rootsPem: other.rootsPem };
  return [
    input,
    edited("with endorsements", { extension: complete.value }),
    edited("for another policy", { expected: { ...input.expected!, hostData: new Uint8Array(32) } }),
    edited(`as ${otherProduct}`, { product: otherProduct, authority: strangers }),
    { ...underVendor, label: `${input.label} under AMD's roots` },
  ].map(snpCase);
}

async function tdxCases(machine: SimulatedMachine): Promise<readonly JudgedCase[]> {
  const { value } = await evidenceOf(machine, false);
  const { body } = parseTdxAttestation(value).quote;
  const input: TdxInput = {
    label: "simulated TDX",
    at: MACHINE_TIME,
    root: { certificate: rootsOf(machine).intel, pem: machine.rootsPem },
    extension: value,
    collateral: machine.collateral(MACHINE_TIME),
    expected: body,
  };
  const { root: _own, ...underVendor } = input;
  return [
    input,
    { ...input, label: `${input.label} for another module`, expected: { ...body, mrSeam: new Uint8Array(48) } },
    { ...underVendor, label: `${input.label} under Intel's root` },
  ].map(tdxCase);
}

async function evidenceOf(machine: SimulatedMachine, endorsements: boolean): Promise<PresentedEvidence> {
  const issuer = machine.issuer({ policyHash: POLICY_HASH, endorsements }, () => MACHINE_TIME);
  return await issuer.issue(REPORT_DATA, new AbortController().signal);
}
