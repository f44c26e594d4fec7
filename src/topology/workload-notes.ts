import type { ErrorCode } from "../lib/error-codes.ts";
import type { Path } from "../kubernetes/path.ts";
import type { Severity } from "../lib/finding.ts";
import type { MeshNote } from "./mesh-note.ts";
import { portTable } from "./port-mode.ts";
import type { TopologyWorkload } from "./topology-workload.ts";

/** What a look at the sidecar and the ports of a workload shows; rules of lint about the mesh are told by lint. */
export function workloadNotes(workload: TopologyWorkload): readonly MeshNote[] {
  const { object, sidecar, podSpecPath } = workload;
  const notes: MeshNote[] = [];
  const say = (severity: Severity, code: ErrorCode, message: string, hint: string, path: Path = podSpecPath): void =>
    void notes.push({ ...object.locate(path), severity, code, message, hint });

  if (sidecar === undefined) {
    const [first] = workload.ports;
    if (!workload.isConfidential || workload.isCoordinator || first === undefined) return notes;
    const message = "no sidecar: whoever reaches the pods connects to the application in clear text";
    const hint = "Add an annotation of the service mesh, or encrypt and authenticate in the application.";
    say("warning", "topology/no-sidecar", message, hint, first.path);
    return notes;
  }
  if (sidecar.staleSettings.length > 0) {
    const names = sidecar.staleSettings.join(", ");
    const message = `the sidecar in the YAML was injected from other annotations than it has now: ${names}`;
    say("warning", "topology/sidecar-stale", message, "Run contrast generate again.");
  }
  // Lint reads annotations only.
  if (!sidecar.isAnnotated || sidecar.staleSettings.length > 0) {
    for (const { severity, code, entry, message, hint } of sidecar.findings) {
      say(severity, code, entry === undefined ? message : `entry ${entry}: ${message}`, hint ?? "");
    }
  }
  for (const { port, protocol, mode, isAdmin } of portTable(workload)) {
    // Lint tells of the admin interface.
    if (protocol !== "TCP" || mode !== "clear" || isAdmin) continue;
    const path = workload.ports.find((declared) => declared.number === port && declared.protocol === "TCP")?.path;
    const message = `port ${port} is exempted from the mesh: everybody can connect, in clear text unless the application speaks TLS`;
    say("warning", "topology/clear-text", message, "Set the third field of its ingress entry to false.", path);
  }
  return notes;
}
