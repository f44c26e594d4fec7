import type { Verdict } from "../../attestation/verdict.ts";
import { verdictJson } from "../../attestation/verdict-json.ts";
import { summarizeAccepted } from "../../attestation/verdict-summary.ts";
import type { ExpectedState } from "../../client/expected-state.ts";
import type { CheckedHistory } from "../../client/history.ts";
import { sha256Hex } from "../../lib/digest.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { policyJson } from "./policy-json.ts";

/** What `verify` found, live or saved. */
export interface VerifyReport {
  /** `host:port`; of a saved verification as it claims. */
  readonly coordinator: string;
  readonly expected: ExpectedState;
  readonly history: CheckedHistory;
  readonly verdict: Verdict<unknown>;
  /** Whether other vendor roots than the embedded ones were trusted. */
  readonly insecure: boolean;
}

/** Longest history that is listed for people; files and JSON have all of it. */
const MAX_LISTED = 10;

/** Tells that evidence was accepted. */
export function sayVerified(io: Io): void {
  if (io.format === "json") return;
  io.out("✔️ Successfully verified Coordinator CVM based on reference values from manifest");
}

/**
 * Tells that everything is as expected: lines for people, or one object with schema `contrast/verify/v1`.
 *
 * @param more further members of the object
 */
export function sayResult(report: VerifyReport, more: Readonly<Record<string, unknown>>, io: Io): void {
  const { coordinator, expected, history, verdict, insecure } = report;
  if (io.format !== "json") {
    io.out("✔️ Manifest active at Coordinator matches expected manifest");
    io.out("  Please verify the manifest history and policies");
    for (const line of [...historyLines(history), ...summarizeAccepted(verdict)]) io.out(`  ${line}`);
    return;
  }
  io.out(
    resultJson("verify", {
      ...(insecure ? { insecure } : {}),
      coordinator,
      manifest: { path: expected.manifestPath, sha256: sha256Hex(expected.manifestBytes) },
      coordinatorPolicy: policyJson(expected.policy),
      history: historyJson(history),
      ...more,
      verdict: verdictJson(verdict),
    }),
  );
}

function historyLines({ manifests, policies }: CheckedHistory): readonly string[] {
  const first = Math.max(0, manifests.length - MAX_LISTED);
  const lines = manifests.slice(first).map(({ sha256 }, offset) => {
    const index = first + offset;
    return `manifest ${index}: sha256 ${sha256}${index === manifests.length - 1 ? " (active)" : ""}`;
  });
  const older = first === 0 ? [] : [`${first} older manifests`];
  return [...older, ...lines, `${policies.length} ${policies.length === 1 ? "policy" : "policies"}`];
}

function historyJson(history: CheckedHistory): Readonly<Record<string, unknown>> {
  const { manifests, policies, rootCaPem, meshCaPem, latestTransition } = history;
  return {
    manifests: manifests.map(({ sha256 }) => sha256),
    policies: policies.map(({ sha256 }) => sha256),
    rootCaSha256: sha256Hex(rootCaPem),
    meshCaSha256: sha256Hex(meshCaPem),
    latestTransition: latestTransition?.toHex() ?? null,
  };
}
