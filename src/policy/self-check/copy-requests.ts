import type { Json, JsonObject } from "../../lib/json.ts";
import type { Volume } from "../../kubernetes/pod/volume.ts";
import { configValues } from "../config-values.ts";
import { kataMounts, type SharedFile } from "./kata-mounts.ts";
import type { ContainerModel, PodModel } from "./pod-model.ts";
import { complete } from "./runtime-requests.ts";
import type { SelfCheckStep } from "./self-check-step.ts";

/** Directory that the kubelet writes a generation of a volume's files to. */
const GENERATION = "..2026_11_23_08_00_00.1234567890";

/**
 * Requests with which the runtime copies files into the guest before it creates a container: single files of kubelet and
 * containerd, and the trees of volumes, in which the kubelet keeps files behind two links.
 *
 * @see kubernetes `pkg/volume/util/atomic_writer.go`; Kata `virtcontainers/fs_share_linux.go`
 */
export function* copyFileSteps(pod: PodModel, model: ContainerModel): Generator<SelfCheckStep> {
  const container = model.isPause ? "pause" : model.container.name;
  for (const { path, type, target } of kataMounts(pod, model).shared.flatMap((file) => copiesOf(pod, file))) {
    yield {
      container,
      kind: "CopyFileRequest",
      check: "file of a volume",
      request: () => copyFile(path, type, target ?? null),
      allowed: true,
      decidedBy: `${path.replace(/[0-9a-f]{64}-[0-9a-f]{16}/, "…")} ${type} ${target ?? ""}`,
    };
  }
}

interface Copy {
  readonly path: string;
  readonly type: "Regular" | "Directory" | "Symlink";
  readonly target?: string;
}

function copiesOf(pod: PodModel, file: SharedFile): readonly Copy[] {
  const { path } = file;
  if (file.volume === undefined && !path.endsWith("-serviceaccount")) return [{ path, type: "Regular" }];
  const names = fileNames(pod, file);
  const directory = { path, type: "Directory" } as const;
  if (names === undefined) return [directory, { path: `${path}/file`, type: "Regular" }];
  const tops = [...new Set(names.map((name) => name.split("/")[0] ?? name))];
  return [
    directory,
    { path: `${path}/${GENERATION}`, type: "Directory" },
    ...names.map((name) => ({ path: `${path}/${GENERATION}/${name}`, type: "Regular" }) as const),
    { path: `${path}/..data`, type: "Symlink", target: GENERATION },
    ...tops.map((top) => ({ path: `${path}/${top}`, type: "Symlink", target: `..data/${top}` }) as const),
  ];
}

/** A request in the form that the agent hands to the policy. */
export function copyFile(path: string, file_type: string, symlink_target: Json = null): JsonObject {
  return complete("CopyFileRequest", { path, file_type, symlink_target, file_size: 3, file_mode: 420, dir_mode: 493 });
}

/** Names of the files in a volume; undefined for one that the kubelet does not write itself. */
function fileNames(pod: PodModel, { volume: name }: SharedFile): readonly string[] | undefined {
  const token = ["ca.crt", "namespace", "token"];
  if (name === undefined) return token;
  const volume = pod.view.podSpec.volumes?.find((candidate) => candidate.name === name);
  if (volume?.configMap !== undefined) return keysOf(pod, "ConfigMap", volume.configMap.name, volume.configMap.items);
  if (volume?.secret !== undefined) return keysOf(pod, "Secret", volume.secret.secretName, volume.secret.items);
  if (volume?.downwardAPI !== undefined) return (volume.downwardAPI.items ?? []).map(({ path }) => path);
  return volume?.projected === undefined ? undefined : projectedNames(pod, volume);
}

function projectedNames(pod: PodModel, volume: Volume): readonly string[] {
  return (volume.projected?.sources ?? []).flatMap((source) => [
    ...(source.configMap === undefined ? [] : keysOf(pod, "ConfigMap", source.configMap.name, source.configMap.items)),
    ...(source.secret === undefined ? [] : keysOf(pod, "Secret", source.secret.name, source.secret.items)),
    ...(source.downwardAPI?.items ?? []).map(({ path }) => path),
    ...(source.serviceAccountToken === undefined ? [] : [source.serviceAccountToken.path]),
  ]);
}

function keysOf(
  pod: PodModel,
  kind: "ConfigMap" | "Secret",
  name: string | undefined,
  items: readonly { readonly path: string }[] | undefined,
): readonly string[] {
  if (items !== undefined) return items.map(({ path }) => path);
  const namespace = pod.namespaceGiven ? pod.namespace : undefined;
  const object =
    kind === "Secret" ? pod.configs.secret(namespace, name ?? "") : pod.configs.configMap(namespace, name ?? "");
  return object === undefined ? ["key"] : [...configValues(object, () => {}).keys()];
}
