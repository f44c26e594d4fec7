import type { Json, JsonObject } from "../../lib/json.ts";
import { CAPABILITY_SETS, type CapabilitySet, type ContainerView, type MountView } from "../policy-view.ts";
import { readStorages } from "./read-storages.ts";
import type { ViewReader } from "./view-reader.ts";

const CONTAINER_TYPE = "io.kubernetes.cri.container-type";
const CONTAINER_NAME = "io.kubernetes.cri.container-name";
const IMAGE_NAME = "io.kubernetes.cri.image-name";

/** Views one container of a policy. */
export function readContainerView(raw: Json, index: number, reader: ViewReader): ContainerView {
  const path = `containers[${index}]`;
  const container = reader.map(raw, path);
  const oci = reader.map(container["OCI"], `${path}.OCI`);
  const process = reader.map(oci["Process"], `${path}.OCI.Process`);
  const linux = reader.map(oci["Linux"], `${path}.OCI.Linux`);
  const root = reader.map(oci["Root"], `${path}.OCI.Root`);
  const annotations = reader.textMap(oci["Annotations"], `${path}.OCI.Annotations`);
  const isSandbox = annotations.get(CONTAINER_TYPE) === "sandbox";
  const image = reader.text(container["image"], `${path}.image`) || annotations.get(IMAGE_NAME);
  return {
    index,
    name: annotations.get(CONTAINER_NAME) ?? (isSandbox ? "pause" : `container ${index}`),
    isSandbox,
    image,
    ...readProcess(process, `${path}.OCI.Process`, reader),
    rootPath: reader.text(root["Path"], `${path}.OCI.Root.Path`),
    readOnlyRoot: reader.flag(root["Readonly"], `${path}.OCI.Root.Readonly`),
    mounts: readMounts(oci["Mounts"], `${path}.OCI.Mounts`, reader),
    storages: readStorages(container["storages"], `${path}.storages`, reader),
    devices: membersAt(container["devices"], `${path}.devices`, "container_path", reader),
    annotatedGpus: reader.number(container["gpus"], `${path}.gpus`) ?? 0,
    ...readLinux(linux, `${path}.OCI.Linux`, reader),
    annotations,
    annotationPatterns: reader.textMap(container["runtime_anno_patterns"], `${path}.runtime_anno_patterns`),
    execCommands: reader.vectors(container["exec_commands"], `${path}.exec_commands`),
    sharesProcesses: reader.flag(container["sandbox_pidns"], `${path}.sandbox_pidns`),
    raw,
  };
}

type ProcessView = Pick<
  ContainerView,
  "args" | "env" | "cwd" | "terminal" | "noNewPrivileges" | "user" | "capabilities"
>;

function readProcess(process: JsonObject, path: string, reader: ViewReader): ProcessView {
  const user = reader.map(process["User"], `${path}.User`);
  const sets = reader.map(process["Capabilities"], `${path}.Capabilities`);
  const set = (name: CapabilitySet): readonly string[] => reader.texts(sets[name], `${path}.Capabilities.${name}`);
  const [bounding, effective, permitted, inheritable, ambient] = CAPABILITY_SETS;
  return {
    args: reader.texts(process["Args"], `${path}.Args`),
    env: reader.texts(process["Env"], `${path}.Env`),
    cwd: reader.text(process["Cwd"], `${path}.Cwd`),
    terminal: reader.flag(process["Terminal"], `${path}.Terminal`),
    noNewPrivileges: reader.flag(process["NoNewPrivileges"], `${path}.NoNewPrivileges`),
    user: {
      uid: reader.number(user["UID"], `${path}.User.UID`),
      gid: reader.number(user["GID"], `${path}.User.GID`),
      additionalGids: reader.numbers(user["AdditionalGids"], `${path}.User.AdditionalGids`),
    },
    capabilities: {
      Bounding: set(bounding),
      Effective: set(effective),
      Permitted: set(permitted),
      Inheritable: set(inheritable),
      Ambient: set(ambient),
    },
  };
}

type LinuxView = Pick<ContainerView, "deviceFiles" | "namespaces" | "maskedPaths" | "readonlyPaths" | "sysctls">;

function readLinux(linux: JsonObject, path: string, reader: ViewReader): LinuxView {
  return {
    deviceFiles: membersAt(linux["Devices"], `${path}.Devices`, "Path", reader),
    namespaces: membersAt(linux["Namespaces"], `${path}.Namespaces`, "Type", reader),
    maskedPaths: reader.texts(linux["MaskedPaths"], `${path}.MaskedPaths`),
    readonlyPaths: reader.texts(linux["ReadonlyPaths"], `${path}.ReadonlyPaths`),
    sysctls: reader.textMap(linux["Sysctl"], `${path}.Sysctl`),
  };
}

function readMounts(value: Json | undefined, path: string, reader: ViewReader): readonly MountView[] {
  return reader.list(value, path).map((item, index) => {
    const at = (member: string): string => `${path}[${index}].${member}`;
    const mount = reader.map(item, `${path}[${index}]`);
    return {
      destination: reader.text(mount["destination"], at("destination")),
      source: reader.text(mount["source"], at("source")),
      type: reader.text(mount["type_"], at("type_")),
      options: reader.texts(mount["options"], at("options")),
    };
  });
}

/** One text member of every map in a list. */
function membersAt(value: Json | undefined, path: string, member: string, reader: ViewReader): readonly string[] {
  return reader
    .list(value, path)
    .map((item, index) => reader.text(reader.map(item, `${path}[${index}]`)[member], `${path}[${index}].${member}`));
}
