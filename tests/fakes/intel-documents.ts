import { type FakeKey, signRaw } from "./intel-certificates.ts";
import { QE_MR_SIGNER } from "./intel-quote.ts";

type JsonMembers = Readonly<Record<string, unknown>>;

/** What documents of a fake platform are made of. */
export interface DocumentFields {
  readonly fmspc: string;
  readonly pceId: string;
  readonly issueDate: Date;
  readonly nextUpdate: Date;
}

/** One level of TCB info that a platform reaches whose parts are at least these. */
export function tcbLevel(
  sgxSvns: readonly number[],
  pceSvn: number,
  tdxSvns: readonly number[],
  tcbStatus: string,
  advisoryIDs?: readonly string[],
): JsonMembers {
  const components = (svns: readonly number[]): readonly { svn: number }[] =>
    Array.from({ length: 16 }, (_, part) => ({ svn: svns[part] ?? 0 }));
  return {
    tcb: { sgxtcbcomponents: components(sgxSvns), pcesvn: pceSvn, tdxtcbcomponents: components(tdxSvns) },
    tcbDate: "2025-11-01T00:00:00Z",
    tcbStatus,
    ...(advisoryIDs === undefined ? {} : { advisoryIDs }),
  };
}

/** One level of a TDX module or of the quoting enclave. */
export function isvLevel(isvsvn: number, tcbStatus: string, advisoryIDs?: readonly string[]): JsonMembers {
  const level = { tcb: { isvsvn }, tcbDate: "2025-11-01T00:00:00Z", tcbStatus };
  return advisoryIDs === undefined ? level : { ...level, advisoryIDs };
}

/** A module identity with the given levels. */
export function moduleIdentity(id: string, tcbLevels: readonly JsonMembers[]): JsonMembers {
  return { id, ...MODULE, tcbLevels };
}

/** TCB info in which the usual platform is up to date and an older one is not. */
export function usualTcbInfo(fields: DocumentFields): JsonMembers {
  return {
    id: "TDX",
    version: 3,
    issueDate: rfc3339(fields.issueDate),
    nextUpdate: rfc3339(fields.nextUpdate),
    fmspc: fields.fmspc.toUpperCase(),
    pceId: fields.pceId,
    tcbType: 0,
    tcbEvaluationDataNumber: 18,
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

/** QE identity in which the usual quoting enclave is up to date. */
export function usualQeIdentity(fields: DocumentFields): JsonMembers {
  return {
    id: "TD_QE",
    version: 2,
    issueDate: rfc3339(fields.issueDate),
    nextUpdate: rfc3339(fields.nextUpdate),
    tcbEvaluationDataNumber: 18,
    miscselect: "00000000",
    miscselectMask: "FFFFFFFF",
    attributes: "11000000000000000000000000000000",
    attributesMask: "FBFFFFFFFFFFFFFF0000000000000000",
    mrsigner: QE_MR_SIGNER.toHex().toUpperCase(),
    isvprodid: 2,
    tcbLevels: [isvLevel(4, "UpToDate"), isvLevel(2, "OutOfDate", ["INTEL-SA-00615"])],
  };
}

/**
 * The body of an answer: the signed text stands in it exactly as it was signed.
 *
 * @param change of the inner text after it was signed
 */
export function signedBody(
  member: string,
  document: JsonMembers,
  key: FakeKey,
  change: (text: string) => string = (text) => text,
): Uint8Array {
  const text = JSON.stringify(document);
  const signature = signRaw(new TextEncoder().encode(text), key).toHex();
  return new TextEncoder().encode(`{"${member}":${change(text)},"signature":"${signature}"}`);
}

const MODULE = { mrsigner: "00".repeat(48), attributes: "0000000000000000", attributesMask: "FFFFFFFFFFFFFFFF" };

function rfc3339(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
