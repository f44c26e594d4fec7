import { link, rename, rm } from "node:fs/promises";
import * as v from "valibot";
import { isErrorCode } from "../lib/error-codes.ts";
import { ContrastError, messageOf } from "../lib/errors.ts";
import { exists, readText, stageFile } from "../lib/files.ts";
import { parseJson } from "../lib/json.ts";
import { randomHex } from "../lib/random.ts";
import {
  CONTROL_ACCESS,
  CONTROL_ANSWER,
  type ControlAccess,
  type ControlAnswer,
  type ControlRequest,
  type ProcessStatus,
} from "./control-messages.ts";
import { loopbackRequest } from "./loopback-request.ts";
import type { SandboxDirectory } from "./sandbox-directory.ts";

const LIMITS = { maxBytes: 4 * 1024 * 1024, maxDepth: 6 };
/** Longer than the longest orderly end of a Coordinator with everything around it. */
const ANSWER_TIMEOUT_MS = 90_000;
const STATUS_TIMEOUT_MS = 5_000;

/** How a sandbox is found: `gone` is a supervisor that ended without cleaning up, as after `kill -9`. */
export type SupervisorState = "running" | "gone" | "stopped";

/** Publishes how the supervisor is reached; there is one for a directory. @throws ContrastError `sandbox/already-running` */
export async function publishAccess(directory: SandboxDirectory, access: ControlAccess): Promise<void> {
  const staged = await stageFile(directory.control, JSON.stringify(access), { mode: 0o600, exclusive: true });
  try {
    await staged.commit();
  } catch (error) {
    throw (await exists(directory.control)) ? alreadyRunning(directory, error) : error;
  }
}

/** Whether a directory is still that of the supervisor which published this. */
export async function isPublished(directory: SandboxDirectory, { token }: ControlAccess): Promise<boolean> {
  return (await readAccess(directory))?.token === token;
}

/** Whether a supervisor runs for a directory; what one left that is gone is not removed. */
export async function supervisorState(directory: SandboxDirectory): Promise<SupervisorState> {
  if (!(await exists(directory.control))) return "stopped";
  const access = await readAccess(directory);
  return access !== undefined && (await isAnswering(access)) ? "running" : "gone";
}

/**
 * Makes sure that no supervisor runs for a directory, and removes what one left that is gone.
 *
 * @throws ContrastError `sandbox/already-running`
 */
export async function checkNotRunning(directory: SandboxDirectory): Promise<void> {
  if (!(await exists(directory.control))) return;
  const access = await readAccess(directory);
  if (access !== undefined && (await isAnswering(access))) throw alreadyRunning(directory, undefined);
  // Somebody else may have come to the same conclusion, and be further: what is moved away must be what was judged.
  const aside = `${directory.control}.${randomHex(6)}`;
  await rename(directory.control, aside).catch(() => {});
  const moved = await readAccess({ ...directory, control: aside });
  if (moved !== undefined && moved.token !== access?.token) {
    await link(aside, directory.control).catch(() => {});
    await rm(aside, { force: true });
    throw alreadyRunning(directory, undefined);
  }
  await rm(aside, { force: true });
}

/**
 * Asks the supervisor.
 *
 * @returns the processes after what was asked for
 * @throws ContrastError `sandbox/not-running`, and what the supervisor answers
 */
export async function askSupervisor(
  directory: SandboxDirectory,
  request: ControlRequest,
): Promise<readonly ProcessStatus[]> {
  const access = await readAccess(directory);
  if (access === undefined) throw notRunning(directory, undefined);
  let answer: ControlAnswer;
  try {
    answer = await exchange(access, request);
  } catch (error) {
    throw notRunning(directory, error);
  }
  return processesOf(answer);
}

/** The processes of a good answer. @throws ContrastError what a bad one says */
export function processesOf(answer: ControlAnswer): readonly ProcessStatus[] {
  if (answer.ok) return answer.processes;
  const { code, message, hint, lines } = answer;
  throw new ContrastError(isErrorCode(code) ? code : "lib/internal", message, {
    ...(hint === null ? {} : { hint }),
    ...(lines.length === 0 ? {} : { report: { lines, json: { log: lines } } }),
  });
}

/** Reads an answer. @throws ContrastError `lib/json-invalid`; or Error for another shape */
export function parseControlAnswer(text: string): ControlAnswer {
  return v.parse(CONTROL_ANSWER, parseJson(text, "answer of the supervisor", LIMITS));
}

async function readAccess(directory: SandboxDirectory): Promise<ControlAccess | undefined> {
  try {
    const text = await readText(directory.control, "access to the supervisor", LIMITS.maxBytes);
    const parsed = v.safeParse(CONTROL_ACCESS, parseJson(text, "access to the supervisor", LIMITS));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

async function isAnswering(access: ControlAccess): Promise<boolean> {
  return await exchange(access, { action: "status" }).then(
    () => true,
    () => false,
  );
}

/** Whatever has the port now, only who knows the token gives an answer of the right form. */
async function exchange({ port, token }: ControlAccess, request: ControlRequest): Promise<ControlAnswer> {
  const text = await loopbackRequest({
    port,
    method: "POST",
    path: "/",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(request),
    timeoutMs: request.action === "status" ? STATUS_TIMEOUT_MS : ANSWER_TIMEOUT_MS,
    maxBytes: LIMITS.maxBytes,
  });
  return parseControlAnswer(text);
}

function alreadyRunning(directory: SandboxDirectory, cause: unknown): ContrastError {
  return new ContrastError("sandbox/already-running", `Cannot start the sandbox: one runs in "${directory.path}"`, {
    cause,
    hint: 'Look at it with "contrast sandbox status", stop it with "contrast sandbox down", or choose another --directory.',
  });
}

function notRunning(directory: SandboxDirectory, cause: unknown): ContrastError {
  const reason = cause === undefined ? "" : `: ${messageOf(cause)}`;
  return new ContrastError("sandbox/not-running", `Cannot reach the sandbox in "${directory.path}"${reason}`, {
    cause,
    hint: 'Start it with "contrast sandbox up"; its state is kept.',
  });
}
