import { INITDATA_ANNOTATION, POLICY_ANNOTATION, type PolicyAnnotation } from "../kubernetes/policy-annotations.ts";
import { type ValueMap, valueAt } from "../kubernetes/value.ts";
import type { Workload } from "../kubernetes/workload.ts";
import { ContrastError } from "../lib/errors.ts";
import { readText } from "../lib/files.ts";
import type { Problems } from "../lib/problems.ts";
import type { Platform } from "../manifest/platforms.ts";
import { decodeInitdataAnnotation, encodeInitdataAnnotation } from "../policy/initdata/initdata-annotation.ts";
import { type InitdataDigests, initdataDigests } from "../policy/initdata/initdata-digests.ts";
import { type Initdata, MAX_INITDATA_BYTES, POLICY_MEMBER } from "../policy/initdata/initdata.ts";
import { parseInitdata } from "../policy/initdata/parse-initdata.ts";
import { renderInitdata } from "../policy/initdata/render-initdata.ts";
import type { RenderedPolicy } from "../policy/render-policy.ts";
import type { InitdataOptions } from "./generate-options.ts";

/** Algorithm of initdata, and its members beside the policy. */
export type InitdataPlan = Initdata;

/** A policy ready to be written into an annotation. */
export interface PolicyInAnnotation {
  readonly carrier: PolicyAnnotation;
  readonly annotation: string;
  /** Key in the manifest. */
  readonly hash: string;
  readonly digests: InitdataDigests | undefined;
}

/**
 * Reads what initdata is to hold beside policies.
 *
 * @param problems receives what later guests and Coordinators must know, as warnings
 * @throws ContrastError `generate/initdata-platform`, `generate/initdata-conflict`, and the codes of reading the document
 */
export async function planInitdata(
  options: InitdataOptions | undefined,
  platform: Platform,
  problems: Problems,
): Promise<InitdataPlan | undefined> {
  if (options === undefined) return undefined;
  if (platform.profile === "aks") {
    const message = `Cannot make initdata for ${platform.display}: its runtime reads policies only`;
    throw new ContrastError("generate/initdata-platform", message, { hint: "Leave --initdata out." });
  }
  const given = options.path === undefined ? undefined : await readDocument(options.path);
  const algorithm = options.algorithm ?? given?.algorithm ?? "sha256";
  if (given !== undefined && given.algorithm !== algorithm) {
    throw new ContrastError(
      "generate/initdata-conflict",
      `Cannot make initdata: "${options.path}" has algorithm ${given.algorithm}, --initdata-algorithm wants ${algorithm}`,
      { hint: "Leave --initdata-algorithm out, or change the document." },
    );
  }
  problems.warn({
    code: "generate/initdata-runtime",
    message:
      "runtimes of Contrast 1.4 do not read initdata: their guests would start without a policy, and no Coordinator trusts them",
    hint: "Use it on nodes with a later runtime only.",
  });
  if (algorithm !== "sha256") {
    problems.warn({
      code: "generate/initdata-algorithm",
      message: `Coordinators know workloads by SHA-256 and refuse the manifest; ${algorithm} serves other verifiers`,
    });
  }
  return { algorithm, data: given?.data ?? new Map() };
}

async function readDocument(path: string): Promise<Initdata> {
  const what = `initdata "${path}"`;
  const given = parseInitdata(await readText(path, "initdata", MAX_INITDATA_BYTES), what);
  if (!given.data.has(POLICY_MEMBER)) return given;
  throw new ContrastError("generate/initdata-conflict", `Cannot read ${what}: it has a "${POLICY_MEMBER}" of its own`, {
    hint: "Remove it; generate makes one for each workload.",
  });
}

/**
 * Packs a policy for its annotation.
 *
 * @param object the workload before; an annotation that holds the same document already is kept, so that another
 *   compressor changes no byte
 */
export function carryPolicy(
  { text, annotation, hashHex }: RenderedPolicy,
  plan: InitdataPlan | undefined,
  object: ValueMap,
  workload: Workload,
): PolicyInAnnotation {
  if (plan === undefined) return { carrier: POLICY_ANNOTATION, annotation, hash: hashHex, digests: undefined };
  const { algorithm, data } = plan;
  const document = renderInitdata({ algorithm, data: new Map([...data, [POLICY_MEMBER, text]]) });
  const present = valueAt(object, [...workload.templateMetadataPath, "annotations", INITDATA_ANNOTATION]);
  const isSame = typeof present === "string" && documentIn(present) === document;
  const digests = initdataDigests(document, algorithm);
  const packed = isSame ? present : encodeInitdataAnnotation(document);
  return { carrier: INITDATA_ANNOTATION, annotation: packed, hash: digests.hostData, digests };
}

function documentIn(annotation: string): string | undefined {
  try {
    return decodeInitdataAnnotation(annotation, "initdata");
  } catch {
    return undefined;
  }
}
