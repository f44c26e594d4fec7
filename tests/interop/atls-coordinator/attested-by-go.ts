import { copyFileSync } from "node:fs";
import { type AttestedDeployment, attestedDeployment } from "../../fakes/attested-deployment.ts";
import type { Chain, GoCoordinators } from "./go-coordinator.ts";

/** A deployment whose manifest trusts what the Coordinators in Go show. */
export function deploymentFor(
  coordinators: GoCoordinators,
  tee: "snp" | "tdx" | "both",
  chain: Chain = "own",
): AttestedDeployment {
  const deployment = attestedDeployment();
  const { measurement, minimumTcb, tdx } = coordinators.reference;
  // A chip of go-sev-guest has all zeros for versions.
  const {
    bootloader,
    tee: teeSvn,
    snp,
    microcode,
  } = chain === "google" ? { bootloader: 0, tee: 0, snp: 0, microcode: 0 } : minimumTcb;
  const entry = (trustedMeasurement: string): object => ({
    MinimumTCB: { BootloaderVersion: bootloader, TEEVersion: teeSvn, SNPVersion: snp, MicrocodeVersion: microcode },
    ProductName: "Milan",
    TrustedMeasurement: trustedMeasurement,
  });
  deployment.changeManifest((manifest) => {
    manifest.ReferenceValues = {
      ...(tee === "tdx" ? {} : { snp: [entry(measurement)] }),
      ...(tee === "snp" ? {} : { tdx: [tdx] }),
    };
  });
  copyFileSync(coordinators.roots[chain], deployment.path("roots.pem"));
  return deployment;
}

/** Flags that let the deployment's hardware be trusted and its collateral come from the mirror. */
export function mirrorFlags(mirror: string): readonly string[] {
  return ["--insecure-trust-roots", "roots.pem", "--kds-mirror", mirror, "--pcs-mirror", mirror];
}
