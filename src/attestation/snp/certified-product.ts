import type { SnpProduct } from "../collateral-need.ts";
import { DerReader } from "../../pki/der-reader.ts";
import { parseCertificate } from "../../pki/x509/certificate.ts";
import { extensionOf } from "../../pki/x509/extensions.ts";
import { AMD_OID } from "./amd-extensions.ts";
import { productOfName } from "./product.ts";

/**
 * The product line that a VCEK or VLEK names, for reports that do not. It decides only which roots are asked: a wrong
 * name ends in a chain that does not fit.
 *
 * @returns undefined where there is no certificate or it cannot be read
 */
export function certifiedProductOf(der: Uint8Array | undefined): SnpProduct | undefined {
  if (der === undefined) return undefined;
  try {
    const extension = extensionOf(parseCertificate(der, "endorsement certificate"), AMD_OID.productName);
    return extension && productOfName(new DerReader(extension.value, "productName").string().value);
  } catch {
    return undefined;
  }
}
