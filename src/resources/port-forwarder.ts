import type { ValueMap } from "../kubernetes/value.ts";
import { memoryLimit } from "./container-memory.ts";
import { NAME_LABEL, objectMetadata } from "./object-metadata.ts";
import type { ImageTable } from "./release-images.ts";

/** A Service whose TCP ports are to be reached with `kubectl port-forward`. */
export interface ForwardedService {
  readonly name: string;
  readonly namespace: string | undefined;
  /** In the order of the Service, each once. */
  readonly ports: readonly number[];
}

/**
 * One socat for each port. Bash is process 1 and would ignore the signal by which a kubelet ends it; and if one socat
 * ends, the container does, so that the kubelet starts it again. The list of processes begins empty,
 * whatever variables the image has.
 */
const FORWARD_ALL = [
  "pids=''",
  "trap 'kill ${pids}; exit 0' TERM INT",
  'for port in ${LISTEN_PORTS}; do socat "TCP-LISTEN:${port},fork,reuseaddr" "TCP:${FORWARD_HOST}:${port}" & pids="${pids} $!"; done',
  "wait -n",
  "kill ${pids} 2>/dev/null",
  "exit 1",
].join("; ");

/**
 * An ordinary pod that relays TCP to a Service, because `kubectl port-forward` does not reach into confidential pods.
 * It has no runtime class and sees what goes through it, so that should be attested or encrypted from end to end.
 *
 * @see edgelesssys/contrast `internal/kuberesource`, the port-forwarder for several ports
 */
export function portForwarder({ name: service, namespace, ports }: ForwardedService, images: ImageTable): ValueMap {
  const name = portForwarderName(service);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: objectMetadata(name, { namespace, labels: { [NAME_LABEL]: name } }),
    spec: {
      containers: [
        {
          name: "port-forwarder",
          image: images("port-forwarder"),
          command: ["/bin/bash", "-c", FORWARD_ALL],
          env: [
            { name: "LISTEN_PORTS", value: ports.join(" ") },
            { name: "FORWARD_HOST", value: service },
            // Only read by images that forward a single port.
            { name: "FORWARD_PORT", value: "-1" },
          ],
          ports: ports.map((containerPort) => ({ containerPort })),
          resources: memoryLimit(50),
        },
      ],
    },
  };
}

/** Name of the pod in front of a Service, which is its label too. */
export function portForwarderName(service: string): string {
  return `port-forwarder-${service}`;
}
