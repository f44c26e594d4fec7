import type { TcbVersion } from "../../attestation/collateral-need.ts";
import type { JsonObject } from "../../lib/json.ts";
import { simulatedMeasurement } from "../sandbox-mark.ts";
import type { SnpMachineProduct } from "./snp-parts.ts";

/**
 * The entry of a manifest that trusts the guests of a simulated SNP machine.
 *
 * @param launchDigest 48 bytes; that of the simulated guest image where it is left out
 */
export function snpReferenceValues(
  product: SnpMachineProduct,
  { bootloader, tee, snp, microcode }: TcbVersion,
  launchDigest: Uint8Array = simulatedMeasurement("launch digest"),
): JsonObject {
  return {
    MinimumTCB: {
      BootloaderVersion: bootloader,
      TEEVersion: tee,
      SNPVersion: snp,
      MicrocodeVersion: microcode,
    },
    ProductName: product,
    TrustedMeasurement: launchDigest.toHex(),
  };
}
