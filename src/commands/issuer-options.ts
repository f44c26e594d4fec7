import type { EvidenceIssuer } from "../attestation/issuer.ts";
import type { ParsedFlags } from "../terminal/command-definition.ts";
import type { Io } from "../terminal/io.ts";
import type { CollateralOptions } from "./collateral-options.ts";
import { SIMULATED_GUEST_FLAG } from "./simulated-guest-flag.ts";

/**
 * What proves where this program runs: the kernel of a confidential VM, or a simulated machine where the caller asked for
 * one. A simulated machine is warned of at every start. Only the flag asks for it: no variable that somebody adds to the
 * environment of a pod does.
 *
 * @param flags of a command that has `SIMULATED_GUEST_FLAG`
 * @param collateral how the certificates that belong to evidence are found and sorted
 * @throws ContrastError `issuer/…` outside of a confidential VM, those of the file of a simulated guest
 */
export async function issuerOptionsOf(
  flags: ParsedFlags,
  io: Io,
  collateral: Pick<CollateralOptions, "offline" | "roots" | "gather">,
): Promise<EvidenceIssuer> {
  const path = flags.string(SIMULATED_GUEST_FLAG.name);
  if (path !== "") return await simulatedIssuer(path, io);
  const { log, now, signal, env } = io;
  const { roots, offline } = collateral;
  const gather = offline ? undefined : collateral.gather;
  const { openKernelIssuer } = await import("../attestation/issue/open-issuer.ts");
  return await openKernelIssuer({ log, now, signal, env, roots: roots.amd, gather });
}

async function simulatedIssuer(path: string, io: Io): Promise<EvidenceIssuer> {
  const { openGuestIssuer } = await import("../simulator/guest.ts");
  const issuer = await openGuestIssuer(path, io.now);
  io.err(
    `WARNING: the evidence of this program comes from the simulated machine of "${path}". It proves nothing, and nothing here is confidential.`,
  );
  return issuer;
}
