import type { ValueMap } from "../kubernetes/value.ts";
import type { Platform } from "../manifest/platforms.ts";
import { objectMetadata } from "./object-metadata.ts";

/** Memory of the Kata shim and of the hypervisor, outside of what the VM is given. */
const HOST_PROCESSES_MEBIBYTES = 70 + 100;

/** Nodes that AKS has made ready for confidential pods. */
const AKS_NODES = { "kubernetes.azure.com/kata-cc-isolation": "true" };

/** What a RuntimeClass depends on. */
export interface RuntimeClassChoice {
  readonly platform: Platform;
  readonly runtimeHandler: string;
  /** Labels of the nodes that pods of the class may run on, besides those that the platform asks for. */
  readonly nodeSelector: ValueMap;
}

/**
 * The RuntimeClass of a platform. Its overhead is what a pod takes from its node beyond the limits of its containers.
 *
 * @see edgelesssys/contrast release asset `runtime-<platform>.yml`
 */
export function runtimeClass({ platform, runtimeHandler, nodeSelector }: RuntimeClassChoice): ValueMap {
  const nodes = platform.profile === "aks" ? { ...AKS_NODES, ...nodeSelector } : nodeSelector;
  const mebibytes = vmMebibytes(platform) + HOST_PROCESSES_MEBIBYTES;
  return {
    apiVersion: "node.k8s.io/v1",
    kind: "RuntimeClass",
    metadata: objectMetadata(runtimeHandler, { labels: { "addonmanager.kubernetes.io/mode": "Reconcile" } }),
    handler: runtimeHandler,
    overhead: { podFixed: { memory: `${mebibytes}Mi` } },
    ...(Object.keys(nodes).length === 0 ? {} : { scheduling: { nodeSelector: nodes } }),
  };
}

/** Memory that a VM has before the limits of its containers are added. */
function vmMebibytes({ profile, gpu }: Platform): number {
  if (profile === "aks") return 256;
  return gpu ? 1024 : 512;
}
