import { parseAccounts } from "../parse-accounts.ts";
import { expandLikeKubelet, kubeletEnvironment, processEnvironment } from "./kubelet-environment.ts";
import type { ContainerModel, PodModel } from "./pod-model.ts";

/** Capabilities that containerd gives to a container, and all that it knows. */
const DEFAULT_CAPABILITIES =
  "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE";
const ALL_CAPABILITIES =
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE " +
  "NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN " +
  "SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE " +
  "MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE";

/** Process of a request. */
export type ProcessModel = {
  readonly Terminal: boolean;
  readonly User: UserModel;
  readonly Args: readonly string[];
  readonly Env: readonly string[];
  readonly Cwd: string;
  readonly Capabilities: { readonly [set in CapabilitySet]: readonly string[] };
  readonly NoNewPrivileges: boolean;
  readonly ApparmorProfile: string;
  readonly OOMScoreAdj: number;
};

type CapabilitySet = "Ambient" | "Bounding" | "Effective" | "Inheritable" | "Permitted";

type UserModel = {
  readonly UID: number;
  readonly GID: number;
  readonly AdditionalGids: readonly number[];
  readonly Username: string;
};

/**
 * The process of a container as containerd describes it to the runtime.
 *
 * @see containerd `pkg/cri/server/container_create_linux.go`, `pkg/oci/spec_opts.go`
 */
export function containerdProcess(pod: PodModel, model: ContainerModel): ProcessModel {
  const { container, image, isPause } = model;
  return {
    Terminal: container.tty ?? image.config.Tty ?? false,
    User: userOf(pod, model),
    Args: argumentsOf(pod, model),
    Env: processEnvironment(pod, model),
    Cwd: container.workingDir || image.config.WorkingDir || "/",
    Capabilities: capabilitiesOf(model),
    NoNewPrivileges: isPause || container.securityContext?.allowPrivilegeEscalation === false,
    ApparmorProfile: isPause ? "" : "cri-containerd.apparmor.d",
    OOMScoreAdj: isPause ? -998 : 1000,
  };
}

function argumentsOf(pod: PodModel, { container, image }: ContainerModel): readonly string[] {
  const env = kubeletEnvironment(pod, container);
  const expand = (texts: readonly string[]): readonly string[] =>
    texts.map((text) => expandLikeKubelet(text, (name) => env.get(name)));
  const command = expand(container.command ?? []);
  const args = expand(container.args ?? []);
  if (command.length > 0) return [...command, ...args];
  return [...(image.config.Entrypoint ?? []), ...(args.length > 0 ? args : (image.config.Cmd ?? []))];
}

/** The kubelet names the user of a workload, by number where it can; containerd reads the rest from the image's files. */
function userOf(pod: PodModel, { container, image, accounts, isPause }: ContainerModel): UserModel {
  const { users, groups } = parseAccounts(accounts ?? { passwd: undefined, group: undefined });
  const podContext = pod.view.podSpec.securityContext ?? {};
  const own = container.securityContext ?? {};
  const [imageUser = "", imageGroup = ""] = (image.config.User ?? "").split(":");
  const requested = own.runAsUser ?? podContext.runAsUser;
  const requestedGroup = own.runAsGroup ?? podContext.runAsGroup;
  const userText = requested === undefined ? imageUser || "0" : String(requested);
  const record = users.find(({ name, uid }) => (/^\d+$/.test(userText) ? uid === Number(userText) : name === userText));
  const groupText = requestedGroup === undefined && isPause && requested === undefined ? imageGroup : "";
  const namedGroup = /^\d+$/.test(groupText) ? Number(groupText) : groups.find(({ name }) => name === groupText)?.gid;
  const gid = requestedGroup ?? namedGroup ?? record?.gid ?? 0;
  const lists = [podContext.fsGroup ?? [], podContext.supplementalGroups ?? []].flat();
  const keepsLists = !isPause || (image.config.User ?? "") + (requested ?? "") + (requestedGroup ?? "") === "";
  const listed =
    isPause || record === undefined || podContext.supplementalGroupsPolicy === "Strict"
      ? []
      : groups.filter(({ name, members }) => name !== record.name && members.includes(record.name));
  return {
    UID: record?.uid ?? Number(userText),
    GID: gid,
    AdditionalGids: [...new Set([gid, ...(keepsLists ? lists : []), ...listed.map((group) => group.gid)])],
    Username: "",
  };
}

function capabilitiesOf({ container }: ContainerModel): ProcessModel["Capabilities"] {
  const { privileged, capabilities } = container.securityContext ?? {};
  const isAll = (name: string): boolean => name.toUpperCase() === "ALL";
  const add = capabilities?.add ?? [];
  const drop = capabilities?.drop ?? [];
  let names = (privileged === true || add.some(isAll) ? ALL_CAPABILITIES : DEFAULT_CAPABILITIES).split(" ");
  if (drop.some(isAll)) names = [];
  const plain = (name: string): string => name.toUpperCase().replace(/^CAP_/, "");
  for (const name of add) if (!isAll(name) && !names.includes(plain(name))) names.push(plain(name));
  const dropped = drop.map(plain);
  const kept = names.filter((name) => !dropped.includes(name)).map((name) => `CAP_${name}`);
  return { Ambient: [], Bounding: kept, Effective: kept, Inheritable: [], Permitted: kept };
}
