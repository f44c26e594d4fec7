import type { JsonObject } from "../../lib/json.ts";
import type { KeyPair } from "../key-pair.ts";
import { signRaw } from "../signer.ts";

/** What Intel's documents about a platform are made of. */
export interface DocumentFields {
  /** 12 hexadecimal digits. */
  readonly fmspc: string;
  /** 4 hexadecimal digits. */
  readonly pceId: string;
  readonly issueDate: Date;
  readonly nextUpdate: Date;
}

/** MR_SIGNER of Intel's quoting enclave, 32 bytes. */
export const QE_MR_SIGNER = Uint8Array.fromHex("dc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5");

const LEVEL_DATE = "2025-11-01T00:00:00Z";
const EVALUATION_NUMBER = 18;
const COMPONENTS = 16;
const MODULE = { mrsigner: "00".repeat(48), attributes: "0000000000000000", attributesMask: "FFFFFFFFFFFFFFFF" };

/**
 * One level of TCB info, which a platform reaches whose parts are at least these.
 *
 * @param sgxSvns the first of 16 parts; the others are 0, as with `tdxSvns`
 */
export function tcbLevel(
  sgxSvns: readonly number[],
  pceSvn: number,
  tdxSvns: readonly number[],
  tcbStatus: string,
  advisoryIDs?: readonly string[],
): JsonObject {
  const components = (svns: readonly number[]): readonly { svn: number }[] =>
    Array.from({ length: COMPONENTS }, (_, part) => ({ svn: svns[part] ?? 0 }));
  const tcb = { sgxtcbcomponents: components(sgxSvns), pcesvn: pceSvn, tdxtcbcomponents: components(tdxSvns) };
  return levelOf(tcb, tcbStatus, advisoryIDs);
}

/** One level of a TDX module or of the quoting enclave. */
export function isvLevel(isvsvn: number, tcbStatus: string, advisoryIDs?: readonly string[]): JsonObject {
  return levelOf({ isvsvn }, tcbStatus, advisoryIDs);
}

/** A TDX module identity with the given levels. @param id such as `TDX_01` */
export function moduleIdentity(id: string, tcbLevels: readonly JsonObject[]): JsonObject {
  return { id, ...MODULE, tcbLevels };
}

/**
 * TCB info of version 3, in which platforms of this room are up to date and older ones are not.
 *
 * @see Intel PCS API v4, TDX TCB info
 */
export function tcbInfoDocument(fields: DocumentFields): JsonObject {
  return {
    id: "TDX",
    version: 3,
    issueDate: rfc3339(fields.issueDate),
    nextUpdate: rfc3339(fields.nextUpdate),
    fmspc: fields.fmspc.toUpperCase(),
    pceId: fields.pceId,
    tcbType: 0,
    tcbEvaluationDataNumber: EVALUATION_NUMBER,
    tdxModule: MODULE,
    tdxModuleIdentities: [
      moduleIdentity("TDX_03", [isvLevel(3, "UpToDate")]),
      moduleIdentity("TDX_01", [isvLevel(5, "UpToDate"), isvLevel(2, "OutOfDate", ["INTEL-SA-01036"])]),
    ],
    tcbLevels: [
      tcbLevel([3, 3, 2, 2], 13, [5, 0, 3], "UpToDate"),
      tcbLevel([2, 2, 2, 2], 13, [4, 0, 2], "OutOfDate", ["INTEL-SA-00837"]),
    ],
  };
}

/**
 * QE identity of version 2, in which the quoting enclave of this room is up to date.
 *
 * @see Intel PCS API v4, TD QE identity
 */
export function qeIdentityDocument(fields: Pick<DocumentFields, "issueDate" | "nextUpdate">): JsonObject {
  return {
    id: "TD_QE",
    version: 2,
    issueDate: rfc3339(fields.issueDate),
    nextUpdate: rfc3339(fields.nextUpdate),
    tcbEvaluationDataNumber: EVALUATION_NUMBER,
    miscselect: "00000000",
    miscselectMask: "FFFFFFFF",
    attributes: "11000000000000000000000000000000",
    attributesMask: "FBFFFFFFFFFFFFFF0000000000000000",
    mrsigner: QE_MR_SIGNER.toHex().toUpperCase(),
    isvprodid: 2,
    tcbLevels: [isvLevel(4, "UpToDate"), isvLevel(2, "OutOfDate", ["INTEL-SA-00615"])],
  };
}

/** A signed document: the text that stands in the body exactly as it was signed, and r and s in hexadecimal digits. */
export interface SignedDocument {
  readonly text: string;
  readonly signatureHex: string;
}

/** Signs a document. @param key on P-256 */
export function signDocument(document: JsonObject, key: KeyPair): SignedDocument {
  const text = JSON.stringify(document);
  return { text, signatureHex: signRaw(new TextEncoder().encode(text), key).toHex() };
}

/** The body of an answer of Intel's service. @param member `tcbInfo` or `enclaveIdentity` */
export function documentBody(member: string, { text, signatureHex }: SignedDocument): Uint8Array {
  return new TextEncoder().encode(`{"${member}":${text},"signature":"${signatureHex}"}`);
}

function levelOf(tcb: JsonObject, tcbStatus: string, advisoryIDs: readonly string[] | undefined): JsonObject {
  const level = { tcb, tcbDate: LEVEL_DATE, tcbStatus };
  return advisoryIDs === undefined ? level : { ...level, advisoryIDs };
}

function rfc3339(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
