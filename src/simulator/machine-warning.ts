import type { SimulatedMachine } from "./simulated-machine.ts";

/** What stands in the directory of a saved machine for whoever finds it. */
export function machineWarning({ platform, rootFingerprint }: SimulatedMachine): string {
  return `THIS IS A SIMULATED MACHINE. NOTHING IT SIGNS PROVES ANYTHING.

"contrast sandbox" made the keys in this directory for platform ${platform}. Whoever has machine.json
can make evidence for any guest and any policy. No deployment is confidential that trusts it.

Its certificates bear the names of the vendor's, because verifiers insist on them. They differ in their keys:
  SHA-256 of the root: ${rootFingerprint}
Identifiers of the chip, and serial numbers of Intel's certificates, begin with the ASCII letters SANDBOX.

roots.pem is for --insecure-trust-roots, on a computer where you play with the sandbox. Nothing trusts these roots
without that flag. Do not put them anywhere else.
`;
}
