import * as v from "valibot";
import { ContrastError } from "../../lib/errors.ts";
import { parseJson } from "../../lib/json.ts";
import { nameAttribute } from "../../pki/x509/name.ts";
import { readCertificates } from "../../pki/x509/read-certificates.ts";
import type { CollateralItem, CollateralNeed } from "../collateral-need.ts";
import { MAX_BODY_BYTES } from "./collateral-limits.ts";
import { collateralUrl } from "./collateral-url.ts";
import { checkIssuerChain } from "./issuer-chain.ts";

const hex = v.pipe(v.string(), v.regex(/^(?:[0-9a-fA-F]{2})+$/, "need hexadecimal digits"));
const signature = v.pipe(v.string(), v.regex(/^[0-9a-fA-F]{128}$/, "need 128 hexadecimal digits"));

/** `tcb_info` and `qe_identity` are the signed texts themselves. */
const documentSchema = v.object({
  pck_crl_issuer_chain: v.string(),
  root_ca_crl: hex,
  pck_crl: hex,
  tcb_info_issuer_chain: v.string(),
  tcb_info: v.string(),
  tcb_info_signature: signature,
  qe_identity_issuer_chain: v.string(),
  qe_identity: v.string(),
  qe_identity_signature: signature,
});

const COMMON_NAME = "2.5.4.3";
/** A map, because the name is that of a stranger: an object would know names such as `constructor` too. */
const CAS: ReadonlyMap<string | undefined, "platform" | "processor"> = new Map([
  ["Intel SGX PCK Platform CA", "platform"],
  ["Intel SGX PCK Processor CA", "processor"],
]);

/**
 * Reads TDX collateral that Intel's quote verification library and others keep in one JSON object: issuer chains as PEM,
 * CRLs as hexadecimal DER, TCB info and QE identity as signed texts with their signatures. The bodies of Intel's service
 * are put together from them again, the signed bytes unchanged.
 *
 * @param what named in messages, such as `collateral "platform.json"`
 * @throws ContrastError `attestation/collateral-file-invalid`
 * @see Phala-Network/dcap-qvl `QuoteCollateralV3`
 */
export function parseCollateralJson(text: string, what: string): readonly CollateralItem[] {
  try {
    const json = parseJson(text, what, { maxBytes: 4 * MAX_BODY_BYTES, maxDepth: 4 });
    const parsed = v.safeParse(documentSchema, json);
    if (!parsed.success) {
      const [{ message, path = [] }] = parsed.issues;
      throw invalid(`Cannot read ${what}: ${path.map(({ key }) => String(key)).join(".")}: ${message}`);
    }
    const found = parsed.output;
    const item = (need: CollateralNeed, body: Uint8Array, chain: string | undefined): CollateralItem => ({
      need,
      url: collateralUrl(need),
      body,
      issuerChainPem: chain === undefined ? undefined : checkIssuerChain(chain, what),
      origin: "file",
      fetchedAt: undefined,
      note: undefined,
    });
    const tcbInfo = signedBody("tcbInfo", found.tcb_info, found.tcb_info_signature, what);
    const qeIdentity = signedBody("enclaveIdentity", found.qe_identity, found.qe_identity_signature, what);
    return [
      item({ kind: "intel-tcb-info", fmspc: fmspcOf(found.tcb_info, what) }, tcbInfo, found.tcb_info_issuer_chain),
      item({ kind: "intel-qe-identity" }, qeIdentity, found.qe_identity_issuer_chain),
      item(
        { kind: "intel-pck-crl", ca: caOf(found.pck_crl_issuer_chain, what) },
        Uint8Array.fromHex(found.pck_crl),
        found.pck_crl_issuer_chain,
      ),
      item({ kind: "intel-root-crl" }, Uint8Array.fromHex(found.root_ca_crl), undefined),
    ];
  } catch (error) {
    if (error instanceof ContrastError && error.code === "attestation/collateral-file-invalid") throw error;
    throw new ContrastError("attestation/collateral-file-invalid", `Cannot use ${what}: its content is damaged`, {
      cause: error,
      hint: 'Give a bundle that "contrast collateral export" wrote, or TDX collateral in JSON.',
    });
  }
}

function signedBody(member: string, signed: string, signatureHex: string, what: string): Uint8Array {
  // The text must be one object, or the body would not be what was signed.
  if (!signed.startsWith("{")) throw invalid(`Cannot read ${what}: ${member} is not a JSON object`);
  parseJson(signed, `${member} of ${what}`, { maxBytes: MAX_BODY_BYTES, maxDepth: 16 });
  return new TextEncoder().encode(`{"${member}":${signed},"signature":"${signatureHex}"}`);
}

function fmspcOf(tcbInfo: string, what: string): string {
  const schema = v.object({ fmspc: v.pipe(v.string(), v.regex(/^[0-9a-fA-F]{12}$/)) });
  const parsed = v.safeParse(schema, parseJson(tcbInfo, `TCB info of ${what}`));
  if (!parsed.success) throw invalid(`Cannot read ${what}: the TCB info names no FMSPC`);
  return parsed.output.fmspc.toLowerCase();
}

function caOf(chainPem: string, what: string): "platform" | "processor" {
  const [signer] = readCertificates(new TextEncoder().encode(chainPem), `PCK CRL issuer chain of ${what}`, 2);
  const name = signer === undefined ? undefined : nameAttribute(signer.subject, COMMON_NAME);
  const ca = CAS.get(name);
  if (ca === undefined) throw invalid(`Cannot read ${what}: the PCK CRL is issued by neither of Intel's two PCK CAs`);
  return ca;
}

function invalid(message: string): ContrastError {
  return new ContrastError("attestation/collateral-file-invalid", message);
}
