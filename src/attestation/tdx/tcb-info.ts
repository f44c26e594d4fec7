import * as v from "valibot";
import { ContrastError } from "../../lib/errors.ts";
import { checkDocument, DOCUMENT_MEMBERS, hexBytes, svnUpTo } from "./document-shape.ts";
import { parseSignedJson, type SignedJson } from "./signed-json.ts";
import { LEVEL_STATUS_MEMBERS, type TcbLevelStatus } from "./tcb-status.ts";

/** Versions a platform must have for a level, and what Intel says about that level. */
export interface PlatformTcbLevel extends TcbLevelStatus {
  /** 16 parts of CPUSVN, each 0..255. */
  readonly sgxComponents: readonly number[];
  /** 0..65535 */
  readonly pceSvn: number;
  /** 16 parts of TEE_TCB_SVN, each 0..255. */
  readonly tdxComponents: readonly number[];
}

/** Version of a TDX module or of the quoting enclave for a level, and what Intel says about that level. */
export interface IsvTcbLevel extends TcbLevelStatus {
  readonly isvSvn: number;
}

/** Who signed a TDX module, and which attributes it must have. */
export interface TdxModule {
  /** 48 bytes. */
  readonly mrSigner: Uint8Array;
  /** 8 bytes. */
  readonly attributes: Uint8Array;
  /** 8 bytes: which bits of the attributes count. */
  readonly attributesMask: Uint8Array;
}

/** A TDX module of one major version. */
export interface TdxModuleIdentity extends TdxModule {
  /** Upper case, such as `TDX_01`. */
  readonly id: string;
  readonly levels: readonly IsvTcbLevel[];
}

/** TDX TCB info, version 3; members keep what the document says, also where it is not what a quote needs. */
export interface TcbInfo {
  readonly id: string;
  readonly version: number;
  readonly issueDate: Date;
  readonly nextUpdate: Date;
  readonly evaluationDataNumber: number;
  /** 12 lower-case hexadecimal digits. */
  readonly fmspc: string;
  /** 4 lower-case hexadecimal digits. */
  readonly pceId: string;
  readonly module: TdxModule;
  /** Empty in documents from before there were several modules. */
  readonly moduleIdentities: readonly TdxModuleIdentity[];
  readonly levels: readonly PlatformTcbLevel[];
}

const MAX_LEVELS = 256;

/** A list of 16 is checked as a whole: a document has hundreds of these numbers. */
const COMPONENTS = v.custom<readonly { readonly svn: number }[]>(
  isComponents,
  "Invalid components: Expected 16 objects with svn 0 to 255",
);

function isComponents(value: unknown): boolean {
  return Array.isArray(value) && value.length === 16 && value.every(isComponent);
}

function isComponent(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("svn" in value)) return false;
  const { svn } = value;
  return typeof svn === "number" && Number.isInteger(svn) && svn >= 0 && svn <= 255;
}

const MODULE_MEMBERS = { mrsigner: hexBytes(48), attributes: hexBytes(8), attributesMask: hexBytes(8) };

/** Levels by a single version number, as modules and the quoting enclave have them. */
export const ISV_LEVELS = v.pipe(
  v.array(v.object({ tcb: v.object({ isvsvn: svnUpTo(0xffff) }), ...LEVEL_STATUS_MEMBERS })),
  v.maxLength(MAX_LEVELS),
);

const TCB_INFO = v.object({
  ...DOCUMENT_MEMBERS,
  fmspc: hexBytes(6),
  pceId: hexBytes(2),
  tcbType: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0)),
  tdxModule: v.object(MODULE_MEMBERS),
  tdxModuleIdentities: v.optional(
    v.pipe(
      v.array(
        v.object({
          id: v.pipe(v.string(), v.regex(/^TDX_[0-9a-f]{2}$/i), v.toUpperCase()),
          ...MODULE_MEMBERS,
          tcbLevels: ISV_LEVELS,
        }),
      ),
      v.maxLength(MAX_LEVELS),
    ),
    [],
  ),
  tcbLevels: v.pipe(
    v.array(
      v.object({
        tcb: v.object({ sgxtcbcomponents: COMPONENTS, pcesvn: svnUpTo(0xffff), tdxtcbcomponents: COMPONENTS }),
        ...LEVEL_STATUS_MEMBERS,
      }),
    ),
    v.maxLength(MAX_LEVELS),
  ),
});

/**
 * Reads the answer of Intel's service about one processor family, `{"tcbInfo":{…},"signature":"…"}`.
 *
 * @throws ContrastError `tdx/collateral-invalid`
 * @see Intel PCS API v4, Get TDX TCB Info
 */
export function parseTcbInfo(body: Uint8Array): SignedJson & { readonly info: TcbInfo } {
  const signed = parseSignedJson(body, "tcbInfo", "TCB info");
  const found = checkDocument(TCB_INFO, signed.document, "TCB info");
  const ids = found.tdxModuleIdentities.map(({ id }) => id);
  if (new Set(ids).size < ids.length) {
    throw new ContrastError("tdx/collateral-invalid", "Cannot read TCB info: two module identities have the same id");
  }
  const info: TcbInfo = {
    id: found.id,
    version: found.version,
    issueDate: found.issueDate,
    nextUpdate: found.nextUpdate,
    evaluationDataNumber: found.tcbEvaluationDataNumber,
    fmspc: found.fmspc.toHex(),
    pceId: found.pceId.toHex(),
    module: moduleOf(found.tdxModule),
    moduleIdentities: found.tdxModuleIdentities.map((identity) => ({
      id: identity.id,
      ...moduleOf(identity),
      levels: identity.tcbLevels.map(isvLevelOf),
    })),
    levels: found.tcbLevels.map((level) => ({
      sgxComponents: level.tcb.sgxtcbcomponents.map(({ svn }) => svn),
      pceSvn: level.tcb.pcesvn,
      tdxComponents: level.tcb.tdxtcbcomponents.map(({ svn }) => svn),
      ...levelStatusOf(level),
    })),
  };
  return { ...signed, info };
}

function moduleOf(module: { mrsigner: Uint8Array; attributes: Uint8Array; attributesMask: Uint8Array }): TdxModule {
  return { mrSigner: module.mrsigner, attributes: module.attributes, attributesMask: module.attributesMask };
}

type ParsedLevelStatus = Omit<v.InferOutput<typeof ISV_LEVELS>[number], "tcb">;

function levelStatusOf({ tcbStatus, tcbDate, advisoryIDs }: ParsedLevelStatus): TcbLevelStatus {
  return { status: tcbStatus, tcbDate, advisoryIds: advisoryIDs };
}

/** One level by a single version number. */
export function isvLevelOf(level: v.InferOutput<typeof ISV_LEVELS>[number]): IsvTcbLevel {
  return { isvSvn: level.tcb.isvsvn, ...levelStatusOf(level) };
}
