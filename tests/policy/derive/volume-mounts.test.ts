import { describe, expect, test } from "bun:test";
import { loadProfile } from "../../../src/policy/settings/profiles.ts";
import { derive, deriveMain, IMAGE, errorsOf, mountAt } from "../../fakes/policy-input.ts";

describe("derivePolicyData(), volumes", () => {
  const volume = (source: string, mount = "") =>
    [
      `volumeMounts: [{name: v, mountPath: /mnt/a.b${mount === "" ? "" : `, ${mount}`}}]`,
      `volumes: [{name: v, ${source}}]`,
    ] as const;
  const shared = String.raw`$(sfprefix)a\.b$`;

  test.each<[string, string, string, string]>([
    [
      "configMap",
      "configMap: {name: c}",
      "",
      String.raw`^$(cpath)/(watchable/)?$(bundle-id)-[a-z0-9]{16}-a\.b$ bind rbind,rprivate,ro`,
    ],
    [
      "secret",
      "secret: {secretName: c}",
      "",
      String.raw`^$(cpath)/(watchable/)?$(bundle-id)-[a-z0-9]{16}-a\.b$ bind rbind,rprivate,ro`,
    ],
    ["projected", "projected: {sources: []}", "", `${shared} bind rbind,rprivate,ro`],
    ["downwardAPI", "downwardAPI: {items: []}", "", `${shared} bind rbind,rprivate,ro`],
    ["claim", "persistentVolumeClaim: {claimName: c}", "", `${shared} bind rbind,rprivate,rw`],
    [
      "read-only claim",
      "persistentVolumeClaim: {claimName: c, readOnly: true}",
      "",
      `${shared} bind rbind,rprivate,ro`,
    ],
    [
      "claim mounted read-only",
      "persistentVolumeClaim: {claimName: c}",
      "readOnly: true",
      `${shared} bind rbind,rprivate,ro`,
    ],
    ["ephemeral claim", "ephemeral: {volumeClaimTemplate: {spec: {}}}", "", `${shared} bind rbind,rprivate,rw`],
    ["csi", "csi: {driver: d, readOnly: true}", "", `${shared} bind rbind,rprivate,ro`],
    ["nfs", "nfs: {server: s, path: /}", "", `${shared} bind rbind,rprivate,rw`],
    ["azureFile", "azureFile: {secretName: s, shareName: share}", "", `${shared} bind rbind,rprivate,rw`],
    ["hostPath", "hostPath: {path: /var/log}", "mountPropagation: HostToContainer", `${shared} bind rbind,rslave,rw`],
    [
      "hostPath below /dev",
      "hostPath: {path: /dev/fuse}",
      "mountPropagation: Bidirectional",
      "/dev/fuse bind rbind,rshared,rw",
    ],
    ["hostPath below /sys", "hostPath: {path: /sys/fs}", "readOnly: true", "/sys/fs bind rbind,rprivate,ro"],
    ["hostPath beside /dev", "hostPath: {path: /devices}", "", `${shared} bind rbind,rprivate,rw`],
    [
      "emptyDir",
      "emptyDir: {}",
      "mountPropagation: Bidirectional",
      "^$(cpath)/$(sandbox-id)/rootfs/local/v$ local rbind,rshared,rw",
    ],
    ["memory", "emptyDir: {medium: Memory}", "", "^/run/kata-containers/sandbox/ephemeral/v$ bind rbind,rprivate,rw"],
    [
      "emptyDir with subPathExpr",
      "emptyDir: {}",
      'subPathExpr: "$(A)"',
      String.raw`^$(cpath)/(watchable/)?$(bundle-id)-[a-z0-9]{16}-a\.b$ bind rbind,rprivate,rw`,
    ],
  ])("mounts %s", async (_, source, mount, expected) => {
    const main = await deriveMain(...volume(source, mount));
    expect(mountAt(main, "/mnt/a.b")).toBe(expected);
  });

  test("gives an emptyDir of the guest a storage with the group of the pod", async () => {
    const [container, volumes] = volume("emptyDir: {}");
    const main = await deriveMain(container, `${volumes}, securityContext: {fsGroup: 7}`);
    expect(main.storages).toEqual([
      {
        driver: "local",
        driver_options: [],
        source: "local",
        fstype: "local",
        options: ["mode=0777", "fsgid=7"],
        mount_point: "^$(cpath)/$(sandbox-id)/rootfs/local/v$",
        fs_group: null,
        shared: false,
      },
    ]);
  });
  test("gives an encrypted emptyDir a device for each mount", async () => {
    const main = await deriveMain(
      "volumeMounts: [{name: v, mountPath: /a, mountPropagation: Bidirectional}, {name: v, mountPath: /b, readOnly: true}]",
      "volumes: [{name: v, emptyDir: {}}], securityContext: {fsGroup: 7}",
      { profile: "upstream" },
    );
    expect([mountAt(main, "/a"), mountAt(main, "/b")]).toEqual([" bind rbind,rprivate,rw", " bind rbind,rprivate,ro"]);
    expect(main.storages).toHaveLength(2);
    expect(main.storages[0]).toMatchObject({
      driver_options: ["encryption_key=ephemeral", "create_filesystem"],
      fs_group: { group_id: 7, group_change_policy: 0 },
      mount_point: "$(spath)/$(b64_device_id)",
      shared: true,
    });
  });
  test("knows the other kinds of clusters", async () => {
    const upstream = await loadProfile("upstream");
    const withType = (emptydir_type: "block-plain" | "shared-fs") => ({
      settings: { ...upstream, cluster_config: { ...upstream.cluster_config, emptydir_type } },
    });
    const plain = await deriveMain(...volume("emptyDir: {}"), withType("block-plain"));
    expect(plain.storages[0]).toMatchObject({ driver_options: ["create_filesystem"], options: ["discard"] });
    const sharedFs = await deriveMain(...volume("emptyDir: {}"), withType("shared-fs"));
    const sources = sharedFs.OCI.Mounts?.filter(({ destination }) => destination === "/mnt/a.b").map(
      ({ source }) => source,
    );
    expect(sources).toEqual(["^$(cpath)/sandbox-[0-9a-f]{16}-v$", shared]);
    expect(sharedFs.storages).toEqual([]);
  });
  test("gives ConfigMaps a storage only where the settings say so", async () => {
    expect((await deriveMain(...volume("configMap: {name: c}"))).storages).toEqual([]);
    const metal = await loadProfile("metal");
    const settings = { ...metal, kata_config: { ...metal.kata_config, enable_configmap_secret_storages: true } };
    const [storage] = (await deriveMain(...volume("configMap: {name: c}"), { settings })).storages;
    expect(storage).toMatchObject({ driver: "watchable-bind", fstype: "bind", source: shared });
  });
  test("replaces a base mount of the same destination", async () => {
    const main = await deriveMain(
      "volumeMounts: [{name: v, mountPath: /etc/hosts}]",
      "volumes: [{name: v, hostPath: {path: /tmp/hosts}}]",
    );
    expect(main.OCI.Mounts?.filter(({ destination }) => destination === "/etc/hosts")).toHaveLength(1);
  });
  test("mounts the volumes of the image that the pod leaves alone", async () => {
    const image = String.raw`$(sfprefix)cache$ bind rbind,rprivate,rw`;
    expect(mountAt(await deriveMain(), "/cache")).toBe(image);
    const taken = await deriveMain(
      "volumeMounts: [{name: v, mountPath: /cache}]",
      "volumes: [{name: v, hostPath: {path: /dev/x}}]",
    );
    expect(mountAt(taken, "/cache")).toBe("/dev/x bind rbind,rprivate,rw");
    const facts = { [IMAGE]: { config: { Entrypoint: ["x"], Volumes: { "//data": {} } } } };
    expect(mountAt(await deriveMain("", "", { facts }), "/data")).toBe("$(sfprefix)data$ bind rbind,rprivate,rw");
  });
  test("mounts claim templates of a StatefulSet", async () => {
    const yaml = `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: prod}, spec: {
      volumeClaimTemplates: [{metadata: {name: d}}],
      template: {spec: {containers: [{name: main, image: "${IMAGE}", volumeMounts: [{name: d, mountPath: /var/data/}]}]}}}}`;
    const main = (await derive(yaml)).data?.containers[1];
    expect(mountAt(main!, "/var/data/")).toBe(
      "^/run/kata-containers/shared/containers/$(bundle-id)-[a-z0-9]{16}-data$ bind rbind,rprivate,rw",
    );
  });
  test.each([
    ["huge pages", "emptyDir: {medium: HugePages}", "policy/volume-unsupported spec.volumes[0]"],
    ["an unknown source", "iscsi: {targetPortal: x}", "policy/volume-unsupported spec.volumes[0]"],
    ["an image volume", "image: {reference: x}", "policy/volume-unsupported spec.volumes[0]"],
    [
      "a host path with a token",
      'hostPath: {path: "/dev/$(cpath)"}',
      "policy/token-in-text spec.containers[0].volumeMounts[0].mountPath",
    ],
  ])("refuses %s", async (_, source, expected) => {
    expect(await errorsOf(...volume(source))).toEqual([expected]);
  });
  test("lets a volume be that no container mounts", async () => {
    expect(await errorsOf("", "volumes: [{name: v, iscsi: {targetPortal: x}}]")).toEqual([]);
  });
});
