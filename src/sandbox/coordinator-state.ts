import { stat } from "node:fs/promises";
import { join } from "node:path";
import { loopbackRequest } from "./loopback-request.ts";
import type { SandboxDirectory } from "./sandbox-directory.ts";
import type { SandboxPorts } from "./sandbox-record.ts";

/** `recovery` waits for its seed; `unknown` does not answer. */
export type CoordinatorState = "empty" | "active" | "recovery" | "unknown";

const GENERATION = /^contrast_coordinator_manifest_generation(?:\{\})? ([0-9]+)$/m;
const LIMITS = { timeoutMs: 5_000, maxBytes: 4 * 1024 * 1024 };

/** Asks a Coordinator for its state by its metrics: without a generation it is empty, or it has a history and no seed. */
export async function coordinatorState(directory: SandboxDirectory, ports: SandboxPorts): Promise<CoordinatorState> {
  const request = { port: ports.metrics, method: "GET", path: "/metrics", ...LIMITS } as const;
  const text = await loopbackRequest(request).catch(() => "");
  const generation = GENERATION.exec(text)?.[1];
  if (generation === undefined) return "unknown";
  if (generation !== "0") return "active";
  return (await lastManifestAt(directory)) === undefined ? "empty" : "recovery";
}

/** When the newest manifest was set; undefined before the first. */
export async function lastManifestAt(directory: SandboxDirectory): Promise<Date | undefined> {
  const found = await stat(join(directory.state, "transitions", "latest")).catch(() => undefined);
  return found?.mtime;
}
