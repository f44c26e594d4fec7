import { completeRequest } from "../../src/policy/complete-request.ts";
import { CONTAINERS, DIGEST, rulePolicy, type Tree } from "./rule-policy.ts";

const SANDBOX_ID = "ab".repeat(32);
const UUID = "01234567-89ab-cdef-0123-456789abcdef";
export const POD_NAME = "web-x7k2p";
export const SHARED = "/run/kata-containers/shared/containers";

/** Container ids as the runtime makes them. */
export const IDS = { pause: SANDBOX_ID, web: "c1".repeat(32), blocks: "c2".repeat(32), gpus: "c3".repeat(32) };

type Name = keyof typeof CONTAINERS;

/** What the runtime asks for to create a container of `rulePolicy()`; every call makes a new object. */
export function createContainer(name: Name): Tree {
  const { OCI, sandbox_pidns } = rulePolicy().containers[CONTAINERS[name]];
  const id = IDS[name];
  const type = name === "pause" ? "sandbox" : "container";
  const caps = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];
  const annotations: Tree = {
    ...OCI.Annotations,
    "io.katacontainers.pkg.oci.bundle_path": `/run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/${id}`,
    "io.kubernetes.cri.sandbox-id": SANDBOX_ID,
    "io.kubernetes.cri.sandbox-name": POD_NAME,
    "io.kubernetes.cri.sandbox-uid": UUID,
  };
  if (name === "pause") {
    annotations["io.kubernetes.cri.sandbox-log-directory"] = `/var/log/pods/shop_${POD_NAME}_${UUID}`;
    annotations["nerdctl/network-namespace"] = `/var/run/netns/cni-${UUID}`;
  } else {
    annotations["io.kubernetes.cri.image-name"] = `registry.example/${name}@${DIGEST}`;
    annotations["io.kubernetes.container.terminationMessagePath"] = "/dev/termination-log";
  }
  const request: Tree = {
    container_id: id,
    exec_id: id,
    sandbox_pidns,
    OCI: {
      ...structuredClone(OCI),
      Annotations: annotations,
      Root: { Path: `/run/kata-containers/${id}/rootfs`, Readonly: OCI.Root.Readonly },
      Mounts: structuredClone(OCI.Mounts).map((mount: Tree) => ({ ...mount, source: sourceOf(mount.source, id) })),
    },
    storages: [imageStorage(name, type, annotations)],
  };
  request.OCI.Linux.Resources = { Devices: [] };
  for (const set of ["Bounding", "Effective", "Permitted"]) request.OCI.Process.Capabilities[set] = [...caps];
  FINISH[name](request);
  return completeRequest("CreateContainerRequest", request);
}

const FINISH: Record<Name, (request: Tree) => void> = {
  pause: () => {},
  web: (request) => {
    const { Process, Linux } = request.OCI;
    Process.Args = ["/web", "--node=node-1.example", `http://10.1.2.3:80/shop/${POD_NAME}`];
    Process.Env = [
      "PATH=/bin",
      `HOSTNAME=${POD_NAME}`,
      `POD_UID=${UUID}`,
      "ADDRESS=10.1.2.3",
      "ADDRESSES=10.1.2.3,fd00::1:2",
      "CPUS=4",
      "NOTE=any value = at all",
      `URL=http://192.168.0.10:80/?a=b&pod=${POD_NAME}`,
      "LITERAL=a.c $(date) [x]",
      `SELF=${POD_NAME}`,
      "HOSTS=192.168.0.10",
      "KUBERNETES_SERVICE_HOST=10.96.0.1",
      "WEB2_SERVICE_PORT_HTTPS=443",
    ];
    Linux.Devices = [{ Path: "/dev/xvda", Type: "b", Major: 8, Minor: 1 }];
    request.devices = [{ container_path: "/dev/xvda", type_: "blk", vm_path: "/dev/vda" }];
    const data = `${SHARED}/${SANDBOX_ID}/rootfs/local/data`;
    request.storages.push(
      { driver: "local", fstype: "local", source: "local", mount_point: data, options: ["mode=0777"] },
      {
        driver: "ephemeral",
        fstype: "tmpfs",
        source: "tmpfs",
        mount_point: "/run/kata-containers/sandbox/ephemeral/cache",
      },
    );
  },
  blocks: (request) => {
    const points = ["MDAvMDA=", "MDEvMDE="].map((name) => `/run/kata-containers/sandbox/storage/${name}`);
    request.OCI.Mounts.at(-2).source = points[0];
    request.OCI.Mounts.at(-1).source = points[1];
    for (const [index, mount_point] of points.entries()) {
      request.storages.push({
        driver: "blk",
        driver_options: ["encryption_key=ephemeral", "create_filesystem"],
        source: `0${index}/0${index}`,
        fstype: "ext4",
        mount_point,
        shared: true,
      });
    }
  },
  gpus: (request) => {
    for (const number of [4, 17]) {
      request.devices ??= [];
      request.devices.push({
        id: `vfio${number}`,
        type_: "vfio-pci-gk",
        container_path: `/dev/vfio/devices/vfio${number}`,
        options: ["0000:65:00.0=06/00"],
      });
      request.OCI.Annotations[`cdi.k8s.io/vfio${number}`] = `nvidia.com/gpu=${number}`;
    }
  },
};

function sourceOf(source: string, id: string): string {
  return source
    .replace(/\$$/, "")
    .replace("^$(cpath)", SHARED)
    .replace("^/", "/")
    .replace("$(sandbox-id)", SANDBOX_ID)
    .replace("$(sfprefix)", `${SHARED}/${id}-0123456789abcdef-`);
}

function imageStorage(name: Name, type: string, annotations: Tree): Tree {
  const option = `image_guest_pull=${JSON.stringify({ metadata: annotations })}`;
  return {
    driver: "image_guest_pull",
    driver_options: [option],
    source: type === "sandbox" ? "pause" : `registry.example/${name}@${DIGEST}`,
    fstype: "overlay",
    mount_point: `/run/kata-containers/${IDS[name]}/rootfs`,
  };
}

/** Changes the metadata that go with the image of a container. */
export function editImageMetadata(request: Tree, edit: (metadata: Tree) => void): void {
  const [storage] = request.storages;
  const value = JSON.parse(storage.driver_options[0].slice("image_guest_pull=".length));
  edit(value.metadata);
  storage.driver_options = [`image_guest_pull=${JSON.stringify(value)}`];
}

/** A probe of the container web. */
export function execProcess(): Tree {
  return completeRequest("ExecProcessRequest", {
    container_id: IDS.web,
    exec_id: "probe",
    process: {
      Args: ["/probe", "--live now"],
      Cwd: "/",
      Env: ["PATH=/bin", `HOSTNAME=${POD_NAME}`, `URL=http://192.168.0.10:80/?a=b&pod=${POD_NAME}`],
      User: { UID: 0, GID: 0, AdditionalGids: [0] },
    },
  });
}

/** A file of a volume, as current agents tell of it. */
export function copyFile(): Tree {
  const path = `${SHARED}/${IDS.web}-0123456789abcdef-config/ca`;
  return completeRequest("CopyFileRequest", { path, file_type: "Regular", file_mode: 0o100644 });
}

/** A link in a volume, as agents of Kata 3.13 tell of it. */
export function copyLinkWithData(target: string): Tree {
  const path = `${SHARED}/${IDS.web}-0123456789abcdef-config/link`;
  return completeRequest("CopyFileRequest", { path, file_mode: 0o120777, data: [...new TextEncoder().encode(target)] });
}
