import { createCollateralFetcher } from "../../src/attestation/collateral/fetch-collateral.ts";
import { createCollateralGatherer } from "../../src/attestation/collateral/create-gatherer.ts";
import { createMemoryCache } from "../../src/attestation/collateral/memory-cache.ts";
import { createEvidenceValidator } from "../../src/attestation/evidence-validator.ts";
import type { GatherCollateral } from "../../src/attestation/gather-collateral.ts";
import { insecureTrustRoots, type TrustRoots } from "../../src/attestation/trust-roots.ts";
import type { EvidenceValidator } from "../../src/attestation/validator.ts";
import { snpExpectations, tdxExpectations } from "../../src/manifest/expectations.ts";
import { parseManifest } from "../../src/manifest/manifest-json.ts";
import { createMachine } from "../../src/simulator/machine.ts";
import type { SimulatedMachine, SimulatedPlatform } from "../../src/simulator/simulated-machine.ts";
import type { VendorService } from "../../src/simulator/vendor-service.ts";
import { recordLog } from "./image-provider.ts";

/** When the machines of tests were made. */
export const MACHINE_TIME = new Date("2026-03-01T12:00:00Z");

const machines = new Map<SimulatedPlatform, Promise<SimulatedMachine>>();

/** A machine with short keys, made once per process. */
export async function testMachine(platform: SimulatedPlatform): Promise<SimulatedMachine> {
  const known = machines.get(platform) ?? createMachine(platform, MACHINE_TIME, { rsaBits: 2048 });
  machines.set(platform, known);
  return await known;
}

/** What a verifier is told to trust, and where it asks. */
export interface Verifier {
  readonly machine: SimulatedMachine;
  /** What the machine's own manifest says unless given. */
  readonly referenceValues?: unknown;
  /** The machine's own unless given. */
  readonly roots?: TrustRoots;
  readonly service: VendorService;
  readonly now: () => Date;
}

/** What the product judges evidence with; collateral comes from the service over HTTP. */
export function validatorOf({ machine, referenceValues, roots, service, now }: Verifier): EvidenceValidator {
  const manifest = parseManifest(
    new TextEncoder().encode(
      JSON.stringify({ Policies: {}, ReferenceValues: referenceValues ?? machine.referenceValues() }),
    ),
    "manifest of the test",
  );
  return createEvidenceValidator({
    gather: gathererOf(service, now),
    supplied: [],
    at: now,
    roots: roots ?? rootsOf(machine),
    revocation: "required",
    collateral: "required",
    acceptExpired: undefined,
    snp: snpExpectations(manifest),
    tdx: tdxExpectations(manifest),
    hostData: undefined,
  });
}

/** The roots of a machine, as `--insecure-trust-roots` takes them. */
export function rootsOf(machine: SimulatedMachine): TrustRoots {
  return insecureTrustRoots(new TextEncoder().encode(machine.rootsPem), "roots of the test");
}

function gathererOf({ url }: VendorService, now: () => Date): GatherCollateral {
  const log = recordLog();
  const mirrors = { kds: url, pcs: url };
  const fetch = createCollateralFetcher({ mirrors, caPem: undefined, now, sleep: async () => {}, log });
  return createCollateralGatherer({ files: [], cache: createMemoryCache({ now }), fetch, now, log });
}
