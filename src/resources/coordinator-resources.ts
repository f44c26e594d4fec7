import { POD_ROLE_ANNOTATION } from "../kubernetes/contrast-names.ts";
import type { ValueMap } from "../kubernetes/value.ts";
import { memoryLimit } from "./container-memory.ts";
import { NAME_LABEL, objectMetadata } from "./object-metadata.ts";
import { coordinatorMebibytes } from "../proto/message-limits.ts";
import type { ImageTable } from "./release-images.ts";

/** How the Coordinator is reached from outside of its cluster. */
export type ServiceType = "LoadBalancer" | "NodePort" | "ClusterIP";

/** Every way, the one of the released files first. */
export const SERVICE_TYPES: readonly ServiceType[] = ["LoadBalancer", "NodePort", "ClusterIP"];

/** Name of the Coordinator's StatefulSet, Service, container and label. */
const COORDINATOR = "coordinator";

/** Ports of the Coordinator by their names, in the order of the objects. */
const COORDINATOR_PORTS = { userapi: 1313, meshapi: 7777 } as const;

/** What the objects of a Coordinator depend on. */
export interface CoordinatorChoice {
  /** Name of the RuntimeClass, such as `contrast-cc-k3s-qemu-snp-0a1b2c3d`. */
  readonly runtimeHandler: string;
  readonly namespace: string | undefined;
  readonly serviceType: ServiceType;
  readonly images: ImageTable;
  /** Largest request in MiB; undefined leaves it to the program, with the memory of the released files. */
  readonly maxRequestMebibytes?: number | undefined;
}

/** Variable that tells the Coordinator of this program; others do not look at it. */
const MAX_REQUEST_VARIABLE = "CONTRAST_MAX_REQUEST_MIB";

/** Memory of the released files in MiB. */
const RELEASED_MEMORY = 100;

/**
 * The Coordinator as `generate` takes it: a StatefulSet without policy, and its Service. There is no ServiceAccount,
 * because a Coordinator does not talk to the Kubernetes API.
 *
 * @see edgelesssys/contrast release asset `coordinator-<platform>.yml`
 */
export function coordinatorResources(choice: CoordinatorChoice): readonly ValueMap[] {
  return [statefulSet(choice), service(choice)];
}

function statefulSet({ runtimeHandler, namespace, images, maxRequestMebibytes }: CoordinatorChoice): ValueMap {
  const labels = { [NAME_LABEL]: COORDINATOR };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: objectMetadata(COORDINATOR, { namespace }),
    spec: {
      replicas: 1,
      serviceName: COORDINATOR,
      selector: { matchLabels: labels },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Delete" },
      template: {
        metadata: { labels, annotations: { [POD_ROLE_ANNOTATION]: "coordinator" } },
        spec: { runtimeClassName: runtimeHandler, containers: [container(images, maxRequestMebibytes)] },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: "state-device" },
          spec: {
            accessModes: ["ReadWriteOnce"],
            volumeMode: "Block",
            resources: { requests: { storage: "1Gi" } },
          },
        },
      ],
    },
  };
}

function container(images: ImageTable, maxRequest: number | undefined): ValueMap {
  return {
    name: COORDINATOR,
    image: images("coordinator"),
    ports: Object.entries(COORDINATOR_PORTS).map(([name, containerPort]) => ({ name, containerPort })),
    readinessProbe: { tcpSocket: { port: COORDINATOR_PORTS.userapi }, initialDelaySeconds: 1, periodSeconds: 5 },
    ...(maxRequest === undefined ? {} : { env: [{ name: MAX_REQUEST_VARIABLE, value: String(maxRequest) }] }),
    resources: memoryLimit(maxRequest === undefined ? RELEASED_MEMORY : coordinatorMebibytes(maxRequest)),
    // It mounts the file system on its block device by itself.
    securityContext: { capabilities: { add: ["SYS_ADMIN"] } },
    volumeDevices: [{ name: "state-device", devicePath: "/dev/csi0" }],
  };
}

function service({ namespace, serviceType }: CoordinatorChoice): ValueMap {
  const annotations = { "contrast.edgeless.systems/expose-service": "true" };
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: objectMetadata(COORDINATOR, {
      namespace,
      ...(serviceType === "LoadBalancer" ? { annotations } : {}),
    }),
    spec: {
      type: serviceType,
      selector: { [NAME_LABEL]: COORDINATOR },
      ports: Object.entries(COORDINATOR_PORTS).map(([name, port]) => ({
        name,
        port,
        protocol: "TCP",
        targetPort: port,
      })),
    },
  };
}
