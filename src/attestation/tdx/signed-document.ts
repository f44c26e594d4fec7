import type { Certificate } from "../../pki/x509/certificate.ts";
import type { SignedJson } from "./signed-json.ts";

/** Signing certificate and root of a signed document. */
export interface IssuerChain {
  readonly signing: Certificate;
  readonly root: Certificate;
}

/** A signed document of Intel's service with the certificates that came with it. */
export interface SignedDocument<T> {
  readonly signed: SignedJson;
  readonly content: T;
  readonly issuer: IssuerChain;
}
