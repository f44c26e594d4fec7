import { isPassedOn } from "./container-annotations.ts";
import { addition, change, type ContainerMutationInput, type Mutation, partText, replaced } from "./mutation.ts";

/** No model has that many GPUs, so the number is free. */
const FREE_NUMBER = 90;

/** What a host could do about GPUs, and about the annotations that decide over them. */
export function gpuMutations({ pod, model, parts, policy, data }: ContainerMutationInput): readonly Mutation[] {
  const { common, devices } = data;
  const path = `${devices.vfio.device_path}${FREE_NUMBER}`;
  const options = ["0000:90:00.0=0a/00"];
  const device = { id: `vfio${FREE_NUMBER}`, type_: "vfio-pci-gk", vm_path: "", container_path: path, options };
  const annotations = annotationPointer(`cdi.k8s.io/vfio${FREE_NUMBER}`);
  const part = partText([policy.gpus, policy.devices, policy.runtime_anno_patterns, common.dynamic_annotations]);
  const named = Object.keys(parts.annotations).find((key) => key.startsWith("cdi.k8s.io/vfio"));
  const own = Object.keys(pod.annotations).find(isPassedOn);
  // Settings may admit any number of annotations in all containers.
  const isBounded = Object.keys(common.dynamic_annotations).length === 0;
  return [
    addition("added GPU", part, "/devices", device),
    ...(isBounded && !model.isPause
      ? [
          {
            check: "annotation of an added GPU",
            part,
            patch: [{ op: "add" as const, path: annotations, value: `nvidia.com/gpu=${FREE_NUMBER}` }],
          },
        ]
      : []),
    ...(isBounded && named !== undefined
      ? [change("annotation of all GPUs", part, annotationPointer(named), "nvidia.com/gpu=all")]
      : []),
    ...(own === undefined
      ? []
      : [
          {
            check: "other value of an annotation",
            part: partText([own, pod.annotations[own], common.dynamic_annotations, policy.runtime_anno_patterns]),
            patch: [replaced(annotationPointer(own), `${pod.annotations[own] ?? ""}0`)],
          },
        ]),
  ];
}

function annotationPointer(key: string): string {
  return `/OCI/Annotations/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
