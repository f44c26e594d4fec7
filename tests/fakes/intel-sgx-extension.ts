import type { CertificateExtension } from "../../src/pki/x509/create-certificate.ts";
import { type PlatformIdentity, sgxExtension as simulatedExtension } from "../../src/simulator/intel/sgx-extension.ts";

/** What the extension says; what is left out has usual values. */
export type SgxFields = Partial<PlatformIdentity> & Pick<PlatformIdentity, "fmspc" | "pceId">;

/** Intel's extension of PCK certificates. */
export function sgxExtension({ fmspc, pceId, sgxComponents, pceSvn }: SgxFields): CertificateExtension {
  return simulatedExtension({
    fmspc,
    pceId,
    ppid: Uint8Array.fromHex("00112233445566778899aabbccddeeff"),
    platformInstanceId: Uint8Array.fromHex("ffeeddccbbaa99887766554433221100"),
    sgxComponents: sgxComponents ?? [3, 3, 2, 2, 4, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0],
    pceSvn: pceSvn ?? 13,
  });
}
