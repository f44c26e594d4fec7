import type { Json, JsonObject } from "../../lib/json.ts";
import { storageOf } from "./kata-mounts.ts";
import { isOfImage, layerMutations } from "./layer-mutations.ts";
import { addition, change, type ContainerMutationInput, type Mutation, partText } from "./mutation.ts";

/** Changes of what the agent mounts or downloads before the container starts. */
export function storageMutations(input: ContainerMutationInput): readonly Mutation[] {
  const { parts, policy, model } = input;
  const image = parts.storages.findIndex((storage) => storage["driver"] === "image_guest_pull");
  const volume = parts.storages.findIndex((storage) => !isOfImage(storage));
  const part = partText(policy.storages);
  const local = storageOf("local", "local", "local", "/etc", ["mode=0777"]);
  const files = storageOf("virtio-fs", "kataShared", "virtiofs", "/run/kata-containers/shared/containers/", []);
  return [
    addition("added storage", part, "/storages", local),
    addition("added file system of the host", part, "/storages", files),
    ...(image === -1 ? [] : imageMutations(input, image)),
    ...layerMutations(input),
    ...(volume === -1
      ? []
      : [
          change("storage source", part, `/storages/${volume}/source`, "/dev/added"),
          change(
            "storage mount point",
            part,
            `/storages/${volume}/mount_point`,
            `/run/kata-containers/${model.id}/rootfs/etc`,
          ),
          addition("storage option", part, `/storages/${volume}/options`, "added"),
          change("storage file system", part, `/storages/${volume}/fstype`, "added"),
          { check: "removed storage", part, patch: [{ op: "remove", path: `/storages/${volume}` } as const] },
        ]),
  ];
}

function imageMutations({ pod, parts, policy, model }: ContainerMutationInput, index: number): readonly Mutation[] {
  const storage = parts.storages[index] ?? {};
  const part = partText([policy.image, model.isPause]);
  const second = addition("second image", part, "/storages", { ...storage, source: "registry.example/added:latest" });
  const place = change(
    "image at another place",
    part,
    `/storages/${index}/mount_point`,
    "/run/kata-containers/added/rootfs",
  );
  if (!pod.runtime.isContrast) return [second, place];

  const [option = ""] = listOf(storage["driver_options"]);
  const withOption = (check: string, text: string): Mutation =>
    change(check, part, `/storages/${index}/driver_options`, [text]);
  return [
    second,
    place,
    ...(model.isPause
      ? [
          change("pause image", part, `/storages/${index}/source`, "registry.example/added:latest"),
          withOption(
            "image of the sandbox",
            option.replace('{"metadata":{', '{"metadata":{"io.kubernetes.cri.image-name":"added",'),
          ),
        ]
      : digestMutations(part, `/storages/${index}`, storage, option)),
    withOption("no image metadata", "image_guest_pull={}"),
    withOption(
      "second container type of the image",
      option.replace('{"metadata":{', '{"metadata":{"io.kubernetes.cri-o.ContainerType":"sandbox",'),
    ),
    withOption("container type of the image", option.replace(/"(sandbox|container)"/, '"added"')),
    { check: "no image", part, patch: [{ op: "remove", path: `/storages/${index}` }] },
  ];
}

/** Only an image with a digest is tied to the policy; the user has been warned about others. */
function digestMutations(part: string, path: string, storage: JsonObject, option: string): readonly Mutation[] {
  const source = typeof storage["source"] === "string" ? storage["source"] : "";
  const [, digest] = source.split("@");
  if (digest === undefined) return [];
  const other = `sha256:${digest.endsWith("0") ? "1".repeat(64) : "0".repeat(64)}`;
  return [
    change("image digest", part, `${path}/source`, source.replace(digest, other)),
    change("image digest in the metadata", part, `${path}/driver_options`, [option.replaceAll(digest, other)]),
    change("image by tag", part, `${path}/source`, source.replace(/@.*$/, ":latest")),
  ];
}

function listOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
