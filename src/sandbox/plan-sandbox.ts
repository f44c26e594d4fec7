import { ContrastError } from "../lib/errors.ts";
import type { WorkloadPolicy } from "../manifest/policies.ts";
import { newSandboxRecord, type SandboxPorts, type SandboxRecord } from "./sandbox-record.ts";
import { nameWorkloads } from "./workload-names.ts";

/** Without a namespace of its own an object is put here. */
const DEFAULT_NAMESPACE = "default";

/**
 * Plans the processes of a deployment: its Coordinator, and an Initializer for every other workload with a policy.
 *
 * @param deployed in the order of the YAML
 * @throws ContrastError `sandbox/no-policies`, `sandbox/no-coordinator`
 */
export function planSandbox(
  deployed: readonly WorkloadPolicy[],
  platform: SandboxRecord["platform"],
  ports: SandboxPorts,
): SandboxRecord {
  if (deployed.length === 0) {
    throw new ContrastError("sandbox/no-policies", "Cannot start the sandbox: no workload of the YAML has a policy", {
      hint: 'Run "contrast generate" with the same paths first, which writes the policies.',
    });
  }
  const coordinator = deployed.find(({ role }) => role === "coordinator");
  if (coordinator === undefined) {
    throw new ContrastError("sandbox/no-coordinator", "Cannot start the sandbox: the YAML has no Coordinator", {
      hint: "Put the YAML of the Coordinator beside that of the workloads, and run generate again.",
    });
  }
  const workloads = deployed
    .filter(({ role }) => role !== "coordinator")
    .map(({ kind, name, namespace, hash }) => ({
      kind,
      name,
      namespace: namespace ?? DEFAULT_NAMESPACE,
      policyHash: hash,
    }));
  return newSandboxRecord({
    platform,
    ports,
    coordinator: { policyHash: coordinator.hash },
    workloads: [...nameWorkloads(workloads)],
  });
}
