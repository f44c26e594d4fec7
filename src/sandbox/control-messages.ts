import * as v from "valibot";
import { SANDBOX_WORKLOAD } from "./sandbox-record.ts";

/** One process as the supervisor sees it. */
const processStatus = v.object({
  name: v.string(),
  role: v.picklist(["coordinator", "initializer"]),
  state: v.picklist(["running", "finished", "crashed", "stopped"]),
  pid: v.nullable(v.number()),
  /** How it ended; empty while it runs. */
  outcome: v.string(),
  restarts: v.number(),
  /** RFC 3339. */
  since: v.string(),
});

/** What a request to the supervisor is answered with. */
export const CONTROL_ANSWER = v.variant("ok", [
  v.object({ ok: v.literal(true), processes: v.array(processStatus) }),
  v.object({
    ok: v.literal(false),
    code: v.string(),
    message: v.string(),
    hint: v.nullable(v.string()),
    lines: v.array(v.string()),
  }),
]);

/** See `CONTROL_ANSWER`. */
export type ControlAnswer = v.InferOutput<typeof CONTROL_ANSWER>;

/** A process and how it is. */
export type ProcessStatus = v.InferOutput<typeof processStatus>;

/** What the supervisor can be asked for. */
export const CONTROL_REQUEST = v.variant("action", [
  v.object({ action: v.literal("status") }),
  v.object({ action: v.literal("restart"), names: v.array(v.string()) }),
  /** All workloads as they are to be from now on. */
  v.object({ action: v.literal("apply"), workloads: v.array(SANDBOX_WORKLOAD) }),
  v.object({ action: v.literal("stop") }),
]);

/** See `CONTROL_REQUEST`. */
export type ControlRequest = v.InferOutput<typeof CONTROL_REQUEST>;

/** Content of `control.json`: how the supervisor is reached. The token is secret, the file has mode 0600. */
export const CONTROL_ACCESS = v.object({
  schema: v.literal("contrast/sandbox-control/v1"),
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  token: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

/** See `CONTROL_ACCESS`. */
export type ControlAccess = v.InferOutput<typeof CONTROL_ACCESS>;
