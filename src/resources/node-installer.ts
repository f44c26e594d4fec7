import { POD_ROLE_ANNOTATION } from "../kubernetes/contrast-names.ts";
import type { ValueMap } from "../kubernetes/value.ts";
import { memoryRequest } from "./container-memory.ts";
import { installerHost } from "./installer-host.ts";
import { NAME_LABEL, objectMetadata } from "./object-metadata.ts";
import { type RuntimeClassChoice, runtimeClass } from "./runtime-class.ts";
import type { ImageTable } from "./release-images.ts";

/** What the objects of a runtime depend on. */
export interface RuntimeChoice extends RuntimeClassChoice {
  /** Where the node installer runs. */
  readonly namespace: string;
  readonly images: ImageTable;
}

/**
 * Everything that makes nodes able to run confidential pods: the RuntimeClass, and a DaemonSet that installs the
 * runtime on each node, with the rights that it needs. In the order in which they should be applied.
 *
 * @see edgelesssys/contrast release asset `runtime-<platform>.yml`
 */
export function runtimeResources(choice: RuntimeChoice): readonly ValueMap[] {
  const { runtimeHandler, namespace } = choice;
  const name = `${runtimeHandler}-nodeinstaller`;
  return [
    runtimeClass(choice),
    { apiVersion: "v1", kind: "ServiceAccount", metadata: objectMetadata(name, { namespace }) },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: objectMetadata(name),
      rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["watch"] }],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: objectMetadata(name),
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    },
    daemonSet(name, choice),
  ];
}

function daemonSet(name: string, choice: RuntimeChoice): ValueMap {
  const { platform, runtimeHandler, namespace, nodeSelector, images } = choice;
  const labels = { [NAME_LABEL]: name };
  const annotations = {
    [POD_ROLE_ANNOTATION]: "contrast-node-installer",
    "contrast.edgeless.systems/platform": platform.display,
  };
  const host = installerHost(platform, runtimeHandler, images);
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: objectMetadata(name, { namespace, labels }),
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations },
        spec: {
          serviceAccountName: name,
          hostPID: true,
          ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
          initContainers: [
            {
              name: "installer",
              image: images(host.installer),
              command: ["/bin/node-installer", platform.name],
              resources: memoryRequest(700),
              securityContext: { privileged: true },
              volumeMounts: [{ name: "host-mount", mountPath: "/host" }],
            },
          ],
          containers: host.containers,
          volumes: [{ name: "host-mount", hostPath: { path: "/", type: "Directory" } }, ...host.volumes],
        },
      },
    },
  };
}
