import type { Json } from "../../lib/json.ts";
import type { PolicyData } from "../policy-data.ts";
import { copyFile } from "./copy-requests.ts";
import { storageOf } from "./kata-mounts.ts";
import { mutated, type Mutation, addition, change } from "./mutation.ts";
import { SHARED_DIRECTORY, type PodModel } from "./pod-model.ts";
import { complete, createSandboxRequest } from "./runtime-requests.ts";
import type { SelfCheckStep } from "./self-check-step.ts";

/** Requests about the whole sandbox; the answers depend on settings and rules only. */
export function sandboxSteps(pod: PodModel, data: PolicyData): readonly SelfCheckStep[] {
  const sandbox = createSandboxRequest(pod);
  return [
    allowed("CreateSandboxRequest", "sandbox", sandbox),
    ...data.sandbox.allowed_guest_hooks.map((hook) =>
      allowed("CreateSandboxRequest", `guest hooks in ${hook}`, { ...sandbox, guest_hook_path: hook }),
    ),
    ...sandboxMutations().map(({ check, patch }) => refused("CreateSandboxRequest", check, mutated(sandbox, patch))),
    ...networkSteps(),
    ...copySteps(),
    ...switchSteps(data),
  ];
}

function sandboxMutations(): readonly Mutation[] {
  const files = storageOf("virtio-fs", "kataShared", "virtiofs", `${SHARED_DIRECTORY}/../added/`, []);
  return [
    change("guest hook", "", "/guest_hook_path", "/tmp/added"),
    addition("kernel module", "", "/kernel_modules", { name: "added", parameters: [] }),
    change("process namespace", "", "/sandbox_pidns", true),
    addition("added storage", "", "/storages", files),
    change("storage mount point", "", "/storages/0/mount_point", "/etc"),
    addition("storage option", "", "/storages/0/options", "exec"),
  ];
}

function networkSteps(): readonly SelfCheckStep[] {
  const route = { dest: "", gateway: "10.42.0.1", device: "eth0", source: "", scope: 0, family: 0 };
  const link = { device: "eth0", name: "eth0", mtu: 1450, hwAddr: "02:00:ca:fe:00:01", raw_flags: 0 };
  const routes = (edit: object): Json =>
    complete("UpdateRoutesRequest", { routes: { Routes: [{ ...route, ...edit }] } });
  const device = (edit: object): Json => complete("UpdateInterfaceRequest", { interface: { ...link, ...edit } });
  return [
    allowed("UpdateInterfaceRequest", "network interface", device({})),
    refused("UpdateInterfaceRequest", "loopback interface", device({ name: "lo" })),
    refused("UpdateInterfaceRequest", "loopback address", device({ hwAddr: "00:00:00:00:00:00" })),
    refused("UpdateInterfaceRequest", "loopback address in other words", device({ hwAddr: "0:0:0:0:0:0" })),
    refused("UpdateInterfaceRequest", "loopback flag", device({ raw_flags: 8 })),
    allowed("UpdateRoutesRequest", "default route", routes({})),
    refused("UpdateRoutesRequest", "route through the loopback device", routes({ device: "lo" })),
    refused("UpdateRoutesRequest", "route from a loopback address", routes({ source: "127.0.0.53" })),
    refused("UpdateRoutesRequest", "route from the IPv6 loopback address", routes({ source: "::1" })),
    refused("UpdateRoutesRequest", "route from a mixed loopback address", routes({ source: "::0.0.0.1" })),
  ];
}

function copySteps(): readonly SelfCheckStep[] {
  const file = `${SHARED_DIRECTORY}/${"a".repeat(64)}-${"b".repeat(16)}-files`;
  const copy = (check: string, path: string, type: string, target: Json = null): SelfCheckStep =>
    refused("CopyFileRequest", check, copyFile(path, type, target));
  return [
    copy("file outside", "/etc/passwd", "Regular"),
    copy("file in a root", `/run/kata-containers/${"a".repeat(64)}/rootfs/bin/sh`, "Regular"),
    copy("path that climbs", `${file}/../../../../../etc/passwd`, "Regular"),
    copy("directory that climbs", `${file}/..`, "Directory"),
    copy("file behind a double slash", `${file}//file`, "Regular"),
    copy("link instead of a volume by a slash", `${file}//`, "Symlink", "files"),
    copy("device file", `${file}/file`, "Unknown"),
    copy("link to an absolute path", `${file}/link`, "Symlink", "/etc/passwd"),
    copy("link that climbs", `${file}/link`, "Symlink", "files/../../x"),
    copy("link instead of a volume", file, "Symlink", "files"),
  ];
}

/** Requests that the settings switch as a whole, and some that no policy allows. */
function switchSteps({ request_defaults: switches }: PolicyData): readonly SelfCheckStep[] {
  const switched = (kind: string, on: boolean): SelfCheckStep =>
    (on ? allowed : refused)(kind, "request switched by the settings", complete(kind, {}));
  const never = ["SetPolicyRequest", "AddSwapRequest", "MemHotplugByProbeRequest", "ReseedRandomDevRequest"];
  const alsoNever = [
    "SetGuestDateTimeRequest",
    "UpdateContainerRequest",
    "PauseContainerRequest",
    "SetIPTablesRequest",
  ];
  return [
    switched("ReadStreamRequest", switches.ReadStreamRequest),
    switched("WriteStreamRequest", switches.WriteStreamRequest),
    switched("CloseStdinRequest", switches.CloseStdinRequest),
    switched("UpdateEphemeralMountsRequest", switches.UpdateEphemeralMountsRequest),
    switched("GetDiagnosticDataRequest", switches.GetDiagnosticDataRequest),
    ...[...never, ...alsoNever].map((kind) => refused(kind, "request that no pod needs", complete(kind, {}))),
  ];
}

function allowed(kind: string, check: string, request: Json): SelfCheckStep {
  return { container: "pod", kind, check, request: () => request, allowed: true, decidedBy: "" };
}

function refused(kind: string, check: string, request: Json): SelfCheckStep {
  return { container: "pod", kind, check, request: () => request, allowed: false, decidedBy: "" };
}
