import type { ConfigLookup } from "../../kubernetes/config-lookup.ts";
import type { Container } from "../../kubernetes/pod/container.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { WorkloadView } from "../../kubernetes/pod/workload-view.ts";
import { sha256Hex } from "../../lib/digest.ts";
import type { Accounts, Image, LayerHash } from "../../oci/image.ts";
import type { Settings } from "../settings.ts";
import { examplePodName, isIndexed } from "./example-pod-name.ts";

/** One pod as a cluster would run it: names, numbers and addresses that the YAML leaves open have example values. */
export interface PodModel {
  readonly view: WorkloadView;
  readonly configs: ConfigLookup;
  readonly name: string;
  readonly namespace: string;
  /** Whether the YAML fixes the namespace. */
  readonly namespaceGiven: boolean;
  readonly uid: string;
  readonly hostname: string;
  readonly nodeName: string;
  readonly podIps: readonly string[];
  readonly hostIps: readonly string[];
  /** Also the id of the pause container. */
  readonly sandboxId: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Whether the Job controller numbers the pods. */
  readonly isIndexed: boolean;
  readonly runtime: RuntimeModel;
  readonly containers: readonly ContainerModel[];
}

/** What the runtime of the cluster does differently from others. */
export interface RuntimeModel {
  /** Contrast 1.4 on Kata 3.13: images are pulled by the guest, files are copied into it. */
  readonly isContrast: boolean;
  /** AKS: layers of images are block devices that the guest checks against their root hashes. */
  readonly isAks: boolean;
  readonly ociVersion: string;
  readonly emptyDirType: Settings["cluster_config"]["emptydir_type"];
  readonly devicePrefix: string;
  readonly gpuKeys: readonly string[];
}

/** One container as a cluster would run it. */
export interface ContainerModel {
  readonly container: Container;
  readonly image: Image;
  readonly accounts: Accounts | undefined;
  /** Layers of the image, oldest first; empty where the runtime does not tell them. */
  readonly layers: readonly LayerHash[];
  readonly isPause: boolean;
  readonly id: string;
}

/** What a model is made from. */
export interface PodModelInput {
  readonly object: KubernetesObject;
  readonly view: WorkloadView;
  readonly settings: Settings;
  readonly configs: ConfigLookup;
  readonly containers: readonly Omit<ContainerModel, "id">[];
}

/** Directory of the guest that holds what the host shares or copies. */
export const SHARED_DIRECTORY = "/run/kata-containers/shared/containers";

/** Builds the model; equal inputs give equal models. */
export function createPodModel({ object, view, settings, configs, containers }: PodModelInput): PodModel {
  const namespace = object.namespace ?? "default";
  const name = examplePodName(object);
  const seed = `${namespace}/${name}`;
  const { cluster_config: cluster } = settings;
  return {
    view,
    configs,
    name,
    namespace,
    namespaceGiven: object.namespace !== undefined,
    uid: uuidOf(seed),
    hostname: view.podSpec.hostname ?? name.slice(0, 63).replace(/[-.]+$/, ""),
    nodeName: "worker-1.example",
    podIps: ["10.42.0.17", "fd00:42::11"],
    hostIps: ["192.168.122.10", "fd00:7a::a"],
    sandboxId: sha256Hex(`sandbox ${seed}`),
    annotations: view.templateMetadata.annotations ?? {},
    isIndexed: isIndexed(object),
    runtime: {
      isContrast: settings.common.image_verification === "guest-pull",
      isAks: settings.common.image_verification === "tardev",
      ociVersion: settings.kata_config.oci_version,
      emptyDirType: cluster.emptydir_type,
      devicePrefix: settings.devices.vfio.device_path,
      gpuKeys: settings.devices.vfio.nvidia.pgpu_resource_keys,
    },
    containers: containers.map((part) => ({
      ...part,
      id: sha256Hex(part.isPause ? `sandbox ${seed}` : `container ${seed} ${part.container.name}`),
    })),
  };
}

/** A UUID that depends on nothing but the seed. */
export function uuidOf(seed: string): string {
  return sha256Hex(`uuid ${seed}`).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
}

/** Path of a shared file in the guest: the runtime puts random digits between container id and name. */
export function sharedPath(container: ContainerModel, destination: string): string {
  const random = sha256Hex(`${container.id} ${destination}`).slice(0, 16);
  const name = destination.replace(/\/+$/, "").split("/").at(-1) ?? "";
  return `${SHARED_DIRECTORY}/${container.id}-${random}-${name}`;
}

/** Root directory of a container in the guest. */
export function rootPath(pod: PodModel, container: ContainerModel): string {
  if (pod.runtime.isAks) return `${SHARED_DIRECTORY}/${container.id}`;
  const parent = pod.runtime.emptyDirType === "shared-fs" ? SHARED_DIRECTORY : "/run/kata-containers";
  return `${parent}/${container.id}/rootfs`;
}
