import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll } from "bun:test";
import { encodeGuest } from "../../../src/simulator/guest.ts";
import { createMachine, saveMachine } from "../../../src/simulator/machine.ts";
import type { SimulatedMachine, SimulatedPlatform } from "../../../src/simulator/simulated-machine.ts";
import { startVendorService, type VendorService } from "../../../src/simulator/vendor-service.ts";
import { contrastBinary } from "../../e2e/binary.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";
import type { GoClient, MeshCall } from "./go-client.ts";

/** A simulated machine with what is published about it, and files of its guests. */
export interface SimulatedWorld {
  readonly platform: SimulatedPlatform;
  readonly machine: SimulatedMachine;
  /** The compiled product. */
  readonly program: string;
  /** For everything that belongs to it. */
  readonly directory: string;
  readonly vendors: VendorService;
  /** Flags that let a command trust the machine. */
  readonly trustFlags: readonly string[];
  /** The file of a guest that was started under a policy. */
  guest(policy: string): string;
  /** What a workload under a policy shows. */
  evidence(policy: string): MeshCall["evidence"];
}

/** Policy of the Coordinators of tests. */
export const COORDINATOR_POLICY = "package agent_policy\n# coordinator\n";

/** Makes a machine before the tests of a file. */
export function useSimulatedWorld(platform: SimulatedPlatform): () => SimulatedWorld {
  const directory = temporaryDirectory();
  let world: SimulatedWorld | undefined;
  beforeAll(async () => {
    // Keys as long as AMD's would take a second each.
    const machine = await createMachine(platform, new Date(), { rsaBits: 2048 });
    await saveMachine(machine, join(directory, "machine"));
    const vendors = await startVendorService({ machine, now: () => new Date() });
    const guest = (policy: string): string => {
      const policyHash = createHash("sha256").update(policy).digest();
      const path = join(directory, `guest-${policyHash.toString("hex")}.json`);
      // One of the machines has its certificates in its evidence; of the others they are fetched.
      const described = { policyHash: new Uint8Array(policyHash), endorsements: platform === "snp-genoa" };
      writeFileSync(path, encodeGuest({ machine: "machine", guest: described }));
      return path;
    };
    const program = await contrastBinary();
    const roots = join(directory, "machine", "roots.pem");
    world = {
      platform,
      machine,
      program,
      directory,
      vendors,
      trustFlags: ["--insecure-trust-roots", roots, "--kds-mirror", vendors.url, "--pcs-mirror", vendors.url],
      guest,
      evidence: (policy) => ({ program, guest: guest(policy), tee: machine.tee }),
    };
    // The product may have to be compiled first.
  }, 300_000);
  afterAll(async () => await world?.vendors.stop());
  return () => {
    if (world === undefined) throw new Error("the machine was not made");
    return world;
  };
}

/**
 * Lets the client judge Coordinators with the libraries of Google.
 *
 * @param change what is expected beside the truth
 * @returns the name of the trust
 */
export async function trustMachine(
  client: GoClient,
  { platform, machine, vendors }: SimulatedWorld,
  change: {
    readonly name?: string;
    readonly roots?: string;
    readonly policyHash?: string;
    readonly referenceValues?: object;
  } = {},
): Promise<string> {
  const trust = {
    name: platform,
    roots: machine.rootsPem,
    mirror: vendors.url,
    policyHash: hashOf(COORDINATOR_POLICY),
    referenceValues: machine.referenceValues(),
    ...change,
  };
  await client.ask("trust", trust);
  return trust.name;
}

/** As manifests name a policy. */
export function hashOf(policy: string | Uint8Array): string {
  return createHash("sha256").update(policy).digest("hex");
}
