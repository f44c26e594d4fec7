import { canonicalReference, parseReference } from "../../oci/reference.ts";
import { gpuCount } from "./gpu-model.ts";
import { type ContainerModel, type PodModel, uuidOf } from "./pod-model.ts";

/** containerd names an image in full; the tag is lost where there is a digest. */
export function imageName({ image }: ContainerModel): string {
  const reference = parseReference(image.reference);
  const { registry, repository, digest } = reference;
  return digest === undefined ? canonicalReference(reference) : `${registry}/${repository}@${digest}`;
}

/** Annotations that containerd and the runtime give a container. */
export function annotationsOf(pod: PodModel, model: ContainerModel): Readonly<Record<string, string>> {
  const cri = (name: string): string => `io.kubernetes.cri.${name}`;
  const passed = Object.entries(pod.annotations).filter(([key]) => isPassedOn(key));
  const bundle = `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${model.id}`;
  const shared = {
    ...Object.fromEntries(passed),
    "io.katacontainers.pkg.oci.bundle_path": bundle,
    "io.katacontainers.pkg.oci.container_type": model.isPause ? "pod_sandbox" : "pod_container",
    [cri("container-type")]: model.isPause ? "sandbox" : "container",
    [cri("sandbox-id")]: pod.sandboxId,
    [cri("sandbox-name")]: pod.name,
    [cri("sandbox-namespace")]: pod.namespace,
    [cri("sandbox-uid")]: pod.uid,
  };
  if (!model.isPause) {
    return {
      ...shared,
      ...gpuAnnotations(pod, model),
      [cri("container-name")]: model.container.name,
      [cri("image-name")]: imageName(model),
      // Runtimes newer than that of Contrast 1.4 tell where the container leaves its last message.
      ...(pod.runtime.isContrast || pod.runtime.isAks ? {} : TERMINATION_ANNOTATIONS),
    };
  }
  const network = `/var/run/netns/cni${pod.view.podSpec.hostNetwork === true ? "test" : ""}-${uuidOf(pod.sandboxId)}`;
  return {
    ...shared,
    [cri("sandbox-cpu-period")]: "100000",
    [cri("sandbox-cpu-shares")]: "2",
    [cri("sandbox-log-directory")]: `/var/log/pods/${pod.namespace}_${pod.name}_${pod.uid}`,
    "nerdctl/network-namespace": network,
  };
}

const TERMINATION_ANNOTATIONS = {
  "io.kubernetes.container.terminationMessagePath": "/dev/termination-log",
  "io.kubernetes.container.terminationMessagePolicy": "File",
};

/** containerd hands on the annotations that its configuration lists; the runtime keeps the policy to itself. */
export function isPassedOn(key: string): boolean {
  const policy = key === "io.katacontainers.config.agent.policy" || key.endsWith(".cc_init_data");
  return !policy && (key.startsWith("io.katacontainers.") || key.startsWith("cdi.k8s.io/"));
}

/** The runtime names the devices of a container; Contrast 1.4 takes the numbers of their IOMMU groups. */
function gpuAnnotations(pod: PodModel, model: ContainerModel): Readonly<Record<string, string>> {
  const first = pod.runtime.isContrast ? 10 : 0;
  const numbers = Array.from({ length: gpuCount(pod, model.container) }, (_, index) => index);
  return Object.fromEntries(numbers.map((index) => [`cdi.k8s.io/vfio${first + index}`, `nvidia.com/gpu=${index}`]));
}
