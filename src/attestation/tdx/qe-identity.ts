import * as v from "valibot";
import { checkDocument, DOCUMENT_MEMBERS, hexBytes, svnUpTo } from "./document-shape.ts";
import { parseSignedJson, type SignedJson } from "./signed-json.ts";
import { ISV_LEVELS, isvLevelOf, type IsvTcbLevel } from "./tcb-info.ts";

/** Identity of the TD quoting enclave, version 2; members keep what the document says. */
export interface QeIdentity {
  readonly id: string;
  readonly version: number;
  readonly issueDate: Date;
  readonly nextUpdate: Date;
  readonly evaluationDataNumber: number;
  readonly miscSelect: number;
  readonly miscSelectMask: number;
  /** 16 bytes. */
  readonly attributes: Uint8Array;
  /** 16 bytes. */
  readonly attributesMask: Uint8Array;
  /** 32 bytes. */
  readonly mrSigner: Uint8Array;
  readonly isvProdId: number;
  readonly levels: readonly IsvTcbLevel[];
}

const QE_IDENTITY = v.object({
  ...DOCUMENT_MEMBERS,
  miscselect: hexBytes(4),
  miscselectMask: hexBytes(4),
  attributes: hexBytes(16),
  attributesMask: hexBytes(16),
  mrsigner: hexBytes(32),
  isvprodid: svnUpTo(0xffff),
  tcbLevels: ISV_LEVELS,
});

/**
 * Reads the answer of Intel's service about the quoting enclave, `{"enclaveIdentity":{…},"signature":"…"}`.
 *
 * @throws ContrastError `tdx/collateral-invalid`
 * @see Intel PCS API v4, Get TDX Enclave Identity
 */
export function parseQeIdentity(body: Uint8Array): SignedJson & { readonly identity: QeIdentity } {
  const signed = parseSignedJson(body, "enclaveIdentity", "QE identity");
  const found = checkDocument(QE_IDENTITY, signed.document, "QE identity");
  const identity: QeIdentity = {
    id: found.id,
    version: found.version,
    issueDate: found.issueDate,
    nextUpdate: found.nextUpdate,
    evaluationDataNumber: found.tcbEvaluationDataNumber,
    miscSelect: u32(found.miscselect),
    miscSelectMask: u32(found.miscselectMask),
    attributes: found.attributes,
    attributesMask: found.attributesMask,
    mrSigner: found.mrsigner,
    isvProdId: found.isvprodid,
    levels: found.tcbLevels.map(isvLevelOf),
  };
  return { ...signed, identity };
}

/** The digits are the four bytes as they lie in memory, so the first is the lowest. */
function u32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}
