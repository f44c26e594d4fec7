import * as v from "valibot";
import { checkShape } from "../lib/check-shape.ts";
import { ContrastError } from "../lib/errors.ts";
import { readText, writeFileAtomically } from "../lib/files.ts";
import { parseJson } from "../lib/json.ts";
import type { SandboxDirectory } from "./sandbox-directory.ts";

const SCHEMA = "contrast/sandbox-record/v1";
const LIMITS = { maxBytes: 16 * 1024 * 1024, maxDepth: 8 };

const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** A workload: its kind, its name, and the policy that its Initializer runs under. */
export const SANDBOX_WORKLOAD = v.object({
  /** Name of its directory, such as `deployment-web`. */
  id: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]*$/)),
  kind: v.string(),
  name: v.string(),
  namespace: v.string(),
  policyHash: hash,
});

const record = v.object({
  schema: v.literal(SCHEMA),
  platform: v.picklist(["snp-milan", "snp-genoa", "tdx"]),
  /** All on 127.0.0.1; 0 until the supervisor has chosen a free one. */
  ports: v.object({ userApi: port, meshApi: port, vendor: port, metrics: port }),
  coordinator: v.object({ policyHash: hash }),
  workloads: v.array(SANDBOX_WORKLOAD),
  /** When the supervisor started, and its number; null before that. */
  startedAt: v.nullable(v.string()),
  supervisorPid: v.nullable(v.number()),
  /** Numbers of the processes that were running at the last change. */
  processes: v.array(v.object({ name: v.string(), pid: v.number() })),
});

/** What a sandbox consists of: the content of `sandbox.json`. */
export type SandboxRecord = v.InferOutput<typeof record>;

/** A workload of the sandbox. */
export type SandboxWorkload = v.InferOutput<typeof SANDBOX_WORKLOAD>;

/** The ports of a sandbox. */
export type SandboxPorts = SandboxRecord["ports"];

/** A record of what is going to run. */
export function newSandboxRecord(
  planned: Pick<SandboxRecord, "platform" | "ports" | "coordinator" | "workloads">,
): SandboxRecord {
  return { schema: SCHEMA, ...planned, startedAt: null, supervisorPid: null, processes: [] };
}

/** Writes `sandbox.json`. */
export async function writeSandboxRecord(directory: SandboxDirectory, content: SandboxRecord): Promise<void> {
  await writeFileAtomically(directory.record, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
}

/**
 * Reads `sandbox.json`.
 *
 * @throws ContrastError `sandbox/record-invalid` for a file that is missing, damaged or of another version
 */
export async function readSandboxRecord(directory: SandboxDirectory): Promise<SandboxRecord> {
  const what = `"${directory.record}"`;
  try {
    const text = await readText(directory.record, "record of the sandbox", LIMITS.maxBytes);
    return checkShape(record, parseJson(text, what, LIMITS), "sandbox/record-invalid", what);
  } catch (error) {
    throw new ContrastError("sandbox/record-invalid", `Cannot tell what runs in "${directory.path}"`, {
      cause: error,
      hint: 'Run "contrast sandbox up", which writes the file anew.',
    });
  }
}
