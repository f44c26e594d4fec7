import { generateKeyPairSync } from "node:crypto";
import { createSelfSigned } from "../../src/pki/self-signed.ts";

/** A self-signed certificate, as aTLS uses them, with the given extensions, DER. */
export function evidenceCertificate(
  ...extensions: readonly { readonly oid: string; readonly value: Uint8Array }[]
): Uint8Array {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return createSelfSigned({
    commonName: "Contrast",
    key: privateKey,
    notBefore: new Date("2025-01-01T00:00:00Z"),
    notAfter: new Date("2025-01-01T04:00:00Z"),
    extensions,
  });
}
