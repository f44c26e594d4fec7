# Agent policy of Contrast: what the Kata agent inside a confidential VM may be asked to do.
#
# All that reaches the agent comes from the untrusted host. The rule with the name of a request answers with a boolean, or
# with "allowed" and the changes ("ops") of data.pstate, which the agent keeps. What the workload may be stands in
# policy_data, which follows in the same text. "p" is always a value of the policy, "i" one of the request. Every check has
# a name, and what a refusal prints are the names of the checks that failed.
package agent_policy

import future.keywords.every
import future.keywords.if
import future.keywords.in

# ---- Requests that every policy answers alike. The true ones neither change what runs nor read its data.

default DestroySandboxRequest := true
default GetOOMEventRequest := true
default GuestDetailsRequest := true
default OnlineCPUMemRequest := true
default RemoveContainerRequest := true
default RemoveStaleVirtiofsShareMountsRequest := true
default SignalProcessRequest := true
default StartContainerRequest := true
default StatsContainerRequest := true
default TtyWinResizeRequest := true
default WaitProcessRequest := true

default AddARPNeighborsRequest := false
default AddSwapPathRequest := false
default AddSwapRequest := false
default AllowRequestsFailingPolicy := false
default CloseStdinRequest := false
default CopyFileRequest := false
default CreateContainerRequest := false
default CreateSandboxRequest := false
default ExecProcessRequest := false
default GetDiagnosticDataRequest := false
default GetIPTablesRequest := false
default GetMetricsRequest := false
default ListInterfacesRequest := false
default ListRoutesRequest := false
default MemAgentCompactConfig := false
default MemAgentMemcgConfig := false
default MemHotplugByProbeRequest := false
default PauseContainerRequest := false
default ReadStreamRequest := false
default ReseedRandomDevRequest := false
default ResizeVolumeRequest := false
default ResumeContainerRequest := false
default SetGuestDateTimeRequest := false
default SetIPTablesRequest := false
default SetPolicyRequest := false
default StartTracingRequest := false
default StopTracingRequest := false
default UpdateContainerRequest := false
default UpdateEphemeralMountsRequest := false
default UpdateInterfaceRequest := false
default UpdateRoutesRequest := false
default VolumeStatsRequest := false
default WriteStreamRequest := false

CloseStdinRequest if requests.CloseStdinRequest == true
GetDiagnosticDataRequest if requests.GetDiagnosticDataRequest == true
ReadStreamRequest if requests.ReadStreamRequest == true
UpdateEphemeralMountsRequest if requests.UpdateEphemeralMountsRequest == true
WriteStreamRequest if requests.WriteStreamRequest == true

policy := data.agent_policy.policy_data
containers := policy.containers
common := policy.common
requests := policy.request_defaults

# ---- CreateSandbox: no kernel module, hook or mount of the host's choice.

CreateSandboxRequest if {
	every name in sandbox_checks { sandbox_check(name) }
} else := false if print("sandbox refuses:", concat(", ", failed_sandbox_checks))

sandbox_checks := ["sandbox_pidns", "kernel_modules", "guest_hook_path", "sandbox_storages"]
failed_sandbox_checks := [name | some name in sandbox_checks; not sandbox_check(name)]

sandbox_check("sandbox_pidns") if input.sandbox_pidns == false
sandbox_check("kernel_modules") if input.kernel_modules == []
sandbox_check("guest_hook_path") if input.guest_hook_path == ""
sandbox_check("guest_hook_path") if input.guest_hook_path in policy.sandbox.allowed_guest_hooks
sandbox_check("sandbox_storages") if every i in input.storages { sandbox_storage_ok(i) }

sandbox_storage_ok(i) if {
	some p in policy.sandbox.storages
	object.union({"fs_group": null, "shared": false}, p) == object.union({"shared": false}, i)
}

# ---- CreateContainer: one of the policy's containers, in agreement with earlier requests of this sandbox.

CreateContainerRequest := {"allowed": true, "ops": ops} if {
	failed_request_checks == set()
	index := min({n | some n, p in containers; container_ok(p)})
	pod_ops := array.concat(remember("sandbox_name", sandbox_name), remember("namespace", namespace))
	place_ops := array.concat(remember("sandbox_id", pod_id), remember("network_namespace", network_namespace))
	ops := array.concat(array.concat(pod_ops, place_ops), remember(container_key, index))
} else := false if print(container_refusal)

# Every check of one container, cheap ones first.
container_ok(p) if {
	container_type_ok(p)
	container_name_ok(p)
	namespace_ok(p)
	sandbox_name_ok(p)
	sandbox_id_ok(p)
	pidns_ok(p)
	version_ok(p)
	terminal_ok(p)
	cwd_ok(p)
	no_new_privileges_ok(p)
	user_ok(p)
	args_ok(p)
	capabilities_ok(p)
	namespaces_ok(p)
	rootfs_propagation_ok(p)
	masked_paths_ok(p)
	readonly_paths_ok(p)
	linux_devices_ok(p)
	sysctl_ok(p)
	devices_ok(p)
	vfio_ok(p)
	annotations_ok(p)
	log_directory_ok(p)
	network_annotation_ok(p)
	root_ok(p)
	image_ok(p)
	storages_ok(p)
	mounts_ok(p)
	env_ok(p)
}

# The same checks, in the same order.
failed_checks(p) := [name | some [name, holds] in checks(p); holds == []]

checks(p) := [
	["container_type", [1 | container_type_ok(p)]],
	["container_name", [1 | container_name_ok(p)]],
	["namespace", [1 | namespace_ok(p)]],
	["sandbox_name", [1 | sandbox_name_ok(p)]],
	["sandbox_id", [1 | sandbox_id_ok(p)]],
	["pidns", [1 | pidns_ok(p)]],
	["version", [1 | version_ok(p)]],
	["terminal", [1 | terminal_ok(p)]],
	["cwd", [1 | cwd_ok(p)]],
	["no_new_privileges", [1 | no_new_privileges_ok(p)]],
	["user", [1 | user_ok(p)]],
	["args", [1 | args_ok(p)]],
	["capabilities", [1 | capabilities_ok(p)]],
	["namespaces", [1 | namespaces_ok(p)]],
	["rootfs_propagation", [1 | rootfs_propagation_ok(p)]],
	["masked_paths", [1 | masked_paths_ok(p)]],
	["readonly_paths", [1 | readonly_paths_ok(p)]],
	["linux_devices", [1 | linux_devices_ok(p)]],
	["sysctl", [1 | sysctl_ok(p)]],
	["devices", [1 | devices_ok(p)]],
	["vfio", [1 | vfio_ok(p)]],
	["annotations", [1 | annotations_ok(p)]],
	["log_directory", [1 | log_directory_ok(p)]],
	["network_annotation", [1 | network_annotation_ok(p)]],
	["root", [1 | root_ok(p)]],
	["image", [1 | image_ok(p)]],
	["storages", [1 | storages_ok(p)]],
	["mounts", [1 | mounts_ok(p)]],
	["env", [1 | env_ok(p)]],
]

# What the container that comes nearest refuses, by its name and those of the checks.
container_refusal := concat("", [`container "`, name, `" refuses: `, concat(", ", failed)]) if {
	lists := [failed_checks(p) | some p in containers]
	counts := [count(list) | some list in lists]
	some n, p in containers
	counts[n] == min(counts)
	not min(counts) in array.slice(counts, 0, n)
	name := object.get(p.OCI.Annotations, "io.kubernetes.cri.container-name", "pause")
	failed := array.concat(array.concat(lists[n], failed_state_checks(n)), [f | some f in failed_request_checks])
}

# Features that no pod can ask for and that would reach around the other checks.
failed_request_checks["shared_mounts"] { not input.shared_mounts == [] }
failed_request_checks["string_user"] { not input.string_user == null }
failed_request_checks["rlimits"] { not limits_ok(input.OCI.Process) }
failed_request_checks["cgroups_path"] { not cgroups_path_ok }
failed_request_checks["hooks"] { not input.OCI.Hooks == null }
failed_request_checks["solaris"] { not input.OCI.Solaris == null }
failed_request_checks["windows"] { not input.OCI.Windows == null }
failed_request_checks["selinux_label"] { not input.OCI.Process.SelinuxLabel == "" }
failed_request_checks["username"] { not input.OCI.Process.User.Username == "" }
failed_request_checks["mount_label"] { not input.OCI.Linux.MountLabel == "" }
failed_request_checks["uid_mappings"] { not input.OCI.Linux.UIDMappings == [] }
failed_request_checks["gid_mappings"] { not input.OCI.Linux.GIDMappings == [] }
failed_request_checks["seccomp"] { not input.OCI.Linux.Seccomp == null }
failed_request_checks["intel_rdt"] { not input.OCI.Linux.IntelRdt == null }
failed_request_checks["resource_devices"] { not input.OCI.Linux.Resources.Devices == [] }
failed_request_checks["resource_pids"] { not input.OCI.Linux.Resources.Pids == null }
failed_request_checks["resource_block_io"] { not input.OCI.Linux.Resources.BlockIO == null }
failed_request_checks["resource_network"] { not input.OCI.Linux.Resources.Network == null }
failed_request_checks["network_namespaces"] { not network_ok }

# By itself, because OPA takes "not" before a call without value for false where guests take it for true.
cgroups_path_ok if contains(input.OCI.Linux.CgroupsPath, "..") == false

# A crash, which signals can cause, must not write memory into a volume.
limits_ok(process) if every limit in process.Rlimits { limit.Type != "RLIMIT_CORE" }

# -- identity: which container of which pod

annotations := input.OCI.Annotations
sandbox_name := annotations["io.kubernetes.cri.sandbox-name"]
sandbox_name := data.pstate.sandbox_name if not input.OCI
namespace := annotations["io.kubernetes.cri.sandbox-namespace"]
namespace := data.pstate.namespace if not input.OCI
sandbox_id := annotations["io.kubernetes.cri.sandbox-id"]

container_type(p) := p.OCI.Annotations["io.kubernetes.cri.container-type"]

# The guest treats a sandbox (pause) container differently.
container_type_ok(p) if {
	container_type(p) == annotations["io.kubernetes.cri.container-type"]
	concat("_", ["pod", container_type(p)]) == annotations["io.katacontainers.pkg.oci.container_type"]
}

container_name_ok(p) if {
	key := "io.kubernetes.cri.container-name"
	object.get(p.OCI.Annotations, key, "") == object.get(annotations, key, "")
}

# Without a namespace in the policy any is fine, but all containers of the sandbox share it.
namespace_ok(p) if {
	p.OCI.Annotations["io.kubernetes.cri.sandbox-namespace"] in {"", namespace}
	regex.match(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`, namespace)
}

# The pod name takes part in other comparisons, so its form matters.
sandbox_name_ok(p) if {
	regex.match(whole(object.get(p.OCI.Annotations, "io.kubernetes.cri.sandbox-name", ".+")), sandbox_name)
	regex.match(`^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`, sandbox_name)
}

sandbox_id_ok(p) if regex.match(whole(p.OCI.Annotations["io.kubernetes.cri.sandbox-id"]), sandbox_id)

sandbox_only_ok(p, key) if regex.match(whole(fill(p.OCI.Annotations[key], process_tokens)), annotations[key])

sandbox_only_ok(p, key) if {
	not p.OCI.Annotations[key]
	not annotations[key]
}

is_sandbox(p) if container_type(p) == "sandbox"

log_directory_ok(p) if sandbox_only_ok(p, "io.kubernetes.cri.sandbox-log-directory")
network_annotation_ok(p) if sandbox_only_ok(p, "nerdctl/network-namespace")

# Annotations steer the guest: besides those of the runtime, only the pod's own with their values may be present.
annotations_ok(p) if {
	every key, value in annotations_of_pod { annotation_ok(p, key, value) }
}

annotations_of_pod := {key: value |
	some key, value in annotations
	not startswith(key, "io.kubernetes.cri.")
	not key in {"io.katacontainers.pkg.oci.bundle_path", "nerdctl/network-namespace"}
}

annotation_ok(p, key, value) if value == p.OCI.Annotations[key]
annotation_ok(_, key, value) if pattern_pair_ok(common.dynamic_annotations, key, value)
annotation_ok(p, key, value) if pattern_pair_ok(p.runtime_anno_patterns, key, value)

pattern_pair_ok(patterns, key, value) if {
	some key_pattern, value_pattern in patterns
	regex.match(whole(key_pattern), key)
	regex.match(whole(value_pattern), value)
}

# -- state: what earlier requests of this sandbox have settled

failed_state_checks(index) := [name | some [name, settled] in state_checks(index); settled == []]

state_checks(index) := [
	["state_sandbox_name", [1 | remember("sandbox_name", sandbox_name)]],
	["state_namespace", [1 | remember("namespace", namespace)]],
	["state_sandbox_id", [1 | remember("sandbox_id", pod_id)]],
	["state_network", [1 | remember("network_namespace", network_namespace)]],
	["state_container", [1 | remember(container_key, index)]],
]

# Records a value; undefined when another was recorded before.
remember(key, value) := [] if data.pstate[key] == value
remember(key, value) := [{"op": "add", "path": concat("/", ["", "pstate", key]), "value": value}] if not data.pstate[key]

# The sandbox id tells scratch volumes apart.
pod_id := object.get({"none": ""}, image_verification, sandbox_id)

# Keys of containers have a prefix; ids that would need escaping are refused.
container_key := concat(":", ["container", input.container_id]) if regex.match(`^([A-Za-z0-9][A-Za-z0-9_.-]*)?$`, input.container_id)

# Without a path it would be a new one.
network_ok if { count(network_paths) < 2; not "" in network_paths }
network_paths := [space.Path | some space in input.OCI.Linux.Namespaces; lower(space.Type) == "network"]
network_namespace := concat("", network_paths)

# -- process

pidns_ok(p) if p.sandbox_pidns == input.sandbox_pidns
version_ok(p) if p.OCI.Version == input.OCI.Version
version_ok(_) if common.check_oci_version == false
terminal_ok(p) if p.OCI.Process.Terminal == input.OCI.Process.Terminal
cwd_ok(p) if p.OCI.Process.Cwd == input.OCI.Process.Cwd
no_new_privileges_ok(p) if p.OCI.Process.NoNewPrivileges == input.OCI.Process.NoNewPrivileges
user_ok(p) if same_user(p.OCI.Process.User, input.OCI.Process.User)

same_user(p, i) if {
	[p.UID, p.GID] == [i.UID, i.GID]
	{gid | some gid in p.AdditionalGids} == {gid | some gid in i.AdditionalGids}
}

capabilities_ok(p) if {
	every set in ["Ambient", "Bounding", "Effective", "Inheritable", "Permitted"] {
		same_capabilities(p.OCI.Process.Capabilities[set], input.OCI.Process.Capabilities[set])
	}
}

same_capabilities(p, i) if {
	p == ["$(default_caps)"]
	i == common.default_caps
} else if {
	{trim_prefix(name, "CAP_") | some token in p; some name in capability_list(token)} == {trim_prefix(name, "CAP_") | some name in i}
}

capability_list("$(default_caps)") := common.default_caps
capability_list("$(privileged_caps)") := common.privileged_caps
capability_list(name) := [name] if not startswith(name, "$(")

args_ok(p) if {
	args := object.get(p.OCI.Process, "Args", [])
	count(args) == count(input.OCI.Process.Args)
	every n, i in input.OCI.Process.Args { text_ok(args[n], i) }
}

env_ok(p) if variables_ok(p, input.OCI.Process.Env)

# Each variable is the policy's own, with tokens or without, or one that the kubelet adds. Own ones may be missing, but of
# them only a terminal type and a port number may be the kubelet's instead.
variables_ok(p, variables) if {
	env := object.get(p.OCI.Process, "Env", [])
	open := [[split(text, "=")[0], text] | some text in env; contains(text, "$(")]
	fixed := {text | some text in env; not contains(text, "$(")}
	others := [i | some i in variables; not i in fixed; not variable_ok(open, i)]
	names := {split(text, "=")[0] | some text in env; not regex.match(`^TERM=|([^E]|[^C]E)_PORT=[0-9]+$`, text)}
	names & {split(i, "=")[0] | some i in others} == set()
	kubelet_variables_ok(others)
}

variable_ok(open, i) if {
	name := split(i, "=")[0]
	some [own, text] in open
	own == name
	regex.match(pattern(text), i)
}

kubelet_variable := fill(either(requests.CreateContainerRequest.allow_env_regex), common)

# Faster as lines of one text, unless a line could be more than one variable.
kubelet_variables_ok(list) if {
	list == []
} else if {
	spans_lines(list)
	every i in list { regex.match(kubelet_variable, i) }
} else if {
	not spans_lines(list)
	regex.match(concat("", [`(?m)\A(?:.*(?:`, kubelet_variable, `).*\n)*\z`]), concat("\n", array.concat(list, [""])))
}

# Whether a variable has a line break, or an expression has something that may match one, or looks like it.
spans_lines(list) if { some i in list; contains(i, "\n") }
spans_lines(_) if regex.match(`[^ -~]|\[\^|\[:|\\[0-9A-Za-z]|\(\?[^:]`, kubelet_variable)

# Tokens in a text of the policy stand for values known only at run time.
text_ok(p, i) if { p == i; not contains(p, "$(") }

text_ok(p, i) if {
	contains(p, "$(")
	regex.match(pattern(p), i)
}

# The regular expression of a text with tokens: everything else in it is literal.
pattern(text) := whole(expand(text, "expression", process_tokens))

process_tokens := {
	"sandbox-name": quote(sandbox_name),
	"sandbox-namespace": quote(namespace),
	"host-name": `[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?`,
	"node-name": `[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?`,
	"pod-uid": `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`,
	"pod-ip": address,
	"host-ip": address,
	"pod-ips": addresses,
	"host-ips": addresses,
	"resource-field": `[0-9]+`,
	"todo-annotation": `(?s:.*)`,
}

octet := `(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`
address_v4 := concat("", [`(?:`, octet, `\.){3}`, octet])
address := concat("", ["(?:", address_v4, "|(?:[0-9a-f]{0,4}:){2,7}(?:", address_v4, "|[0-9a-f]{0,4}))"])
addresses := concat("", [address, "(?:,", address, ")*"])

# -- Linux

# The network is settled by the state, a cgroup namespace depends on the runtime; the others must be the pod's own.
namespaces_ok(p) if pod_namespaces(p.OCI.Linux.Namespaces) == pod_namespaces(input.OCI.Linux.Namespaces)

pod_namespaces(list) := [{"type": type, "path": space.Path} |
	some space in list
	type := replace(lower(space.Type), "mount", "mnt")
	not {"network": space.Path, "cgroup": ""}[type] == space.Path
]

# Mounts may only spread where a volume of the pod asks for it.
rootfs_propagation_ok(_) if input.OCI.Linux.RootfsPropagation == ""

rootfs_propagation_ok(p) if {
	input.OCI.Linux.RootfsPropagation in {"rshared", "rslave"}
	some mount in p.OCI.Mounts
	input.OCI.Linux.RootfsPropagation in mount.options
}

# Newer runtimes hide more of the kernel, but no files of the image; what the policy hides stays hidden.
masked_paths_ok(p) if every path in p.OCI.Linux.MaskedPaths { path in input.OCI.Linux.MaskedPaths }

readonly_paths_ok(p) if {
	covered := {path | some path in array.concat(input.OCI.Linux.ReadonlyPaths, input.OCI.Linux.MaskedPaths)}
	readonly := {path | some path in p.OCI.Linux.ReadonlyPaths}
	readonly - covered == set()
	every path in (covered - readonly) - {path | some path in p.OCI.Linux.MaskedPaths} { hidden_ok(path) }
}

hidden_ok(path) if regex.match(`^/(?:proc/[a-z_-]+|sys/[a-z0-9_/-]+)$`, path)

# The agent corrects the numbers of a device file, which may be those of the memory, if a device goes with it.
linux_devices_ok(p) if {
	files := input.OCI.Linux.Devices
	count({i.Path | some i in files}) == count(files)
	every i in files { device_file_ok(p, i) }
}

device_file_ok(p, i) if {
	some file in p.OCI.Linux.Devices
	[file.Path, file.Type] == [i.Path, i.Type]
	i.Type != ""
}

device_file_ok(p, i) if {
	some file in p.OCI.Linux.Devices
	[file.Path, file.Type, "b"] == [i.Path, "", i.Type]
	i.Path in {device.container_path | some device in input.devices}
}

sysctl_ok(p) if every name, value in input.OCI.Linux.Sysctl { value == p.OCI.Linux.Sysctl[name] }

# -- devices

devices_ok(p) if {
	paths := {device.container_path | some device in p.devices}
	every i in input.devices { device_ok(paths, i) }
}

# Other drivers would take any file of the guest, vm_path, for the device.
device_ok(paths, i) if { i.container_path in paths; i.type_ in {"blk", "blk-ccw", "scsi"} }
device_ok(_, i) if startswith(i.container_path, vfio_path)

# GPUs have numbers: a device file each, or none (cold plug), and an annotation of that number, or at most p.gpus.
vfio_ok(p) if {
	wanted := [device | some device in p.devices; device.container_path == vfio_path]
	plugged := [device | some device in input.devices; startswith(device.container_path, vfio_path)]
	every i in plugged { vfio_device_ok(wanted, i) }
	numbers := {trim_prefix(device.container_path, vfio_path) | some device in plugged}
	count(numbers) == count(plugged)
	gpus_ok(count(wanted), numbers)
	count(cdi_numbers) <= object.get(p, "gpus", 9999)
}

gpus_ok(0, numbers) if numbers == set()
gpus_ok(wanted, numbers) if { wanted > 0; count(cdi_numbers) == wanted; numbers in {set(), cdi_numbers} }

cdi_numbers := {trim_prefix(key, "cdi.k8s.io/vfio") | some key, _ in annotations; startswith(key, "cdi.k8s.io/vfio")}

vfio_device_ok(wanted, i) if {
	number := trim_prefix(i.container_path, vfio_path)
	regex.match(`^[0-9]+$`, number)
	i.id == concat("", ["vfio", number])
	some p in wanted
	p.type_ == i.type_
	p.vm_path == i.vm_path
	i.options != []
	every option in i.options {
		regex.match(`^[0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[01][0-9a-fA-F]\.[0-7]=[0-9a-fA-F]{2}/[0-9a-fA-F]{2}$`, option)
	}
}

vfio_path := policy.devices.vfio.device_path

# -- root file system and mounts

root_ok(p) if {
	p.OCI.Root.Readonly == input.OCI.Root.Readonly
	bundle_id(p)
}

# The directory name that the runtime chose, by the root path of the policy, which is fixed apart from it.
bundle_ids := {root: id |
	some root in {p.OCI.Root.Path | some p in containers}
	expression := whole(fill(fill(root, common), {"bundle-id": `([a-z0-9][a-z0-9.-]*)`}))
	id := regex.find_all_string_submatch_n(expression, input.OCI.Root.Path, 1)[0][1]
}

bundle_id(p) := bundle_ids[p.OCI.Root.Path]

# Values of the tokens in paths; those of the settings have tokens themselves.
places := {root: object.union(object.union(common, own), nested) |
	some root, id in bundle_ids
	own := {"bundle-id": quote(id), "sandbox-id": quote(sandbox_id)}
	nested := {name: fill(fill(value, common), own) | some name, value in common; is_string(value); contains(value, "$(")}
}

path_tokens(p) := places[p.OCI.Root.Path]

# A path of the policy is a pattern where the runtime makes up parts of it, else literal.
path_ok(p, i, _) if {
	not is_pattern(p)
	p == i
}

path_ok(p, i, tokens) if {
	is_pattern(p)
	regex.match(whole(fill(p, tokens)), i)
}

is_pattern(p) if substring(p, 0, 1) in {"^", "$"}

# Mounts may be missing; none is doubled or from elsewhere.
mounts_ok(p) if {
	count({i.destination | some i in input.OCI.Mounts}) == count(input.OCI.Mounts)
	tokens := path_tokens(p)
	every i in input.OCI.Mounts { mount_ok(p.OCI.Mounts, i, tokens) }
}

mount_ok(mounts, i, tokens) if {
	some p in mounts
	p.destination == i.destination
	p.type_ == i.type_
	mount_options_ok(p, i)
	mount_source_ok(p, i, tokens)
}

mount_options_ok(p, i) if p.options == i.options

# Runtimes differ in making sysfs writable; less is fine.
mount_options_ok(p, i) if {
	p.type_ == "sysfs"
	{option | some option in p.options} | {"ro"} == {option | some option in i.options} | {"rw"}
}

mount_options_ok(p, i) if {
	p.type_ == "cgroup"
	every option in p.options { option in i.options }
	extras := policy.cluster_config.cgroup_mount_extras_allowed
	every option in i.options { option in array.concat(p.options, extras) }
}

mount_source_ok(p, i, tokens) if {
	p.source != ""
	path_ok(p.source, i.source, tokens)
}

# A volume on a block device: its place in the guest is that of a storage, which storages_ok checks.
mount_source_ok(p, i, _) if {
	p.source == ""
	some storage in volume_storages
	block_addresses[storage.driver]
	storage.mount_point == i.source
}

# -- storages: what the agent mounts or downloads before the container starts

image_storages := [i | some i in input.storages; not is_volume(i)]
volume_storages := [i | some i in input.storages; is_volume(i)]
is_volume(storage) if { storage.driver != "image_guest_pull"; not storage.fstype in {"tar", "fuse3.kata-overlay"} }
image_verification := object.get(common, "image_verification", "none")

# The image that the policy names by digest is unpacked at the root of this container and no other.
image_ok(_) if {
	image_verification == "none"
	count(image_storages) < 2
	every i in image_storages { image_storage_ok(i) }
}

image_ok(p) if {
	image_verification == "guest-pull"
	count(image_storages) == 1
	image_storage_ok(image_storages[0])
	own_root_ok(p)
	not image_metadata["io.kubernetes.cri-o.ContainerType"]
	image_content_ok(p, image_storages[0].source, image_metadata)
}

# No two containers share a root, and no file is copied into one of this form.
own_root_ok(p) if {
	regex.match(`^[a-z0-9]{64}$`, input.container_id)
	input.container_id == bundle_id(p)
	sandbox_root_ok(p)
}

# Scratch space lies below the id of the sandbox, which is that of the pause container.
sandbox_root_ok(p) if { is_sandbox(p); input.container_id == sandbox_id }
sandbox_root_ok(p) if { not is_sandbox(p); input.container_id != sandbox_id }

image_storage_ok(i) if {
	i.driver == "image_guest_pull"
	i.fstype == "overlay"
	i.options == []
	i.fs_group == null
	object.get(i, "shared", false) == false
	i.mount_point == input.OCI.Root.Path
}

image_metadata := image.metadata if {
	count(image_storages[0].driver_options) == 1
	option := image_storages[0].driver_options[0]
	startswith(option, "image_guest_pull=")
	# In brackets, because OPA ignores what stands behind a value.
	[image] := json.unmarshal(concat("", ["[", trim_prefix(option, "image_guest_pull="), "]"]))
}

# The pause image is part of the measured guest.
image_content_ok(p, source, metadata) if {
	is_sandbox(p)
	metadata["io.kubernetes.cri.container-type"] == "sandbox"
	source == "pause"
	not metadata["io.kubernetes.cri.image-name"]
}

image_content_ok(p, source, metadata) if {
	not is_sandbox(p)
	metadata["io.kubernetes.cri.container-type"] == "container"
	digest(source) == digest(p.image)
	digest(metadata["io.kubernetes.cri.image-name"]) == digest(p.image)
}

# The policy has the root hashes of all layers, so any device may hold them; the overlay has them in the policy's order.
image_ok(p) if {
	image_verification == "tardev"
	own_root_ok(p)
	some overlay in p.storages
	overlay.driver == "overlayfs"
	[ids, hashes] := [split(list, ":") | some list in overlay.options]
	count(image_storages) == count(ids) + 1
	every n, id in ids { some i in image_storages; layer_ok(i, id, hashes[n]) }
	some i in image_storages
	overlay_ok(overlay, i, ids, hashes)
}

layer_ok(i, id, hash) if {
	i.driver == "blk"
	i.mount_point == concat("/", ["/run/kata-containers/sandbox/layers", id])
	storage_kind_ok({"fstype": "tar", "options": layer_options(hash), "driver_options": []}, i)
}

layer_options(hash) := ["ro", concat("", [option, "block_device=file"]), concat("", [option, "is-layer"]), root] if {
	option := "io.katacontainers.fs-opt."
	root := concat("", [option, "root-hash=", hash])
}

overlay_ok(p, i, ids, hashes) if {
	[i.driver, i.source, i.mount_point] == [p.driver, "none", input.OCI.Root.Path]
	regex.match(tardev_folder, i.options[0])
	layers := [concat("", ["io.katacontainers.fs-opt.layer=", base64(concat(",", array.concat([id, "tar"], layer_options(hash))))]) |
		some n, id in ids
		hash := hashes[n]
	]
	last := ["io.katacontainers.fs-opt.overlay-rw", concat("", ["lowerdir=", concat(":", ids)])]
	options := array.concat(array.concat([i.options[0]], layers), last)
	storage_kind_ok(object.union(p, {"options": options}), i)
}

# On the host, where the guest sees no files; the runtime adds it all the same.
tardev_folder := concat("", [
	`^io\.katacontainers\.fs-opt\.layer-src-prefix=/var/lib/containerd/io\.containerd\.snapshotter\.v1\.`,
	`tardev(?:-contrast-cc-(?:aks|k3s|rke2)-(?:qemu|clh)-(?:snp|tdx)-[a-f0-9]{8})?/layers$`,
])

# Undefined for a reference without digest, which therefore equals nothing.
digest(reference) := parts[1] if {
	parts := split(reference, "@")
	count(parts) == 2
	regex.match(`^sha256:[0-9a-f]{64}$`, parts[1])
}

# Each storage is one of the policy's and each of the policy's is there; watched files depend on the runtime.
storages_ok(p) if {
	tokens := path_tokens(p)
	wanted := [s | some s in p.storages; s.driver != "watchable-bind"; is_volume(s)]
	count(wanted) == count([i | some i in volume_storages; i.driver != "watchable-bind"])
	every i in volume_storages {
		some s in p.storages
		is_volume(s)
		storage_ok(s, i, tokens)
	}
	every s in wanted {
		some i in volume_storages
		storage_ok(s, i, tokens)
	}
}

storage_ok(p, i, tokens) if {
	p.driver == i.driver
	storage_kind_ok(p, i)
	path_ok(p.source, i.source, tokens)
	path_ok(p.mount_point, i.mount_point, tokens)
}

# Scratch space on a block device, whose address determines its place.
storage_ok(p, i, _) if {
	p.driver == ""
	regex.match(block_addresses[i.driver], i.source)
	storage_kind_ok(p, i)
	i.mount_point == fill(fill(p.mount_point, common), {"b64_device_id": device_ids[i.source]})
}

device_ids := {i.source: base64(i.source) | some i in volume_storages; regex.match(block_addresses[i.driver], i.source)}

# Padded base64 of a text without ">", "?" and "~", for which its two alphabets agree: older engines lack the builtin.
base64(text) := concat("", [substring(concat("", digits), 0, ceil((count(bytes) * 4) / 3)), padding]) if {
	bytes := [(indexof(ascii, character) + 43) | some character in split(text, ""); character != ""]
	padding := ["", "==", "="][count(bytes) % 3]
	padded := array.concat(bytes, [0, 0])
	digits := [substring(base64_digits, bits.and(bits.rsh(group, shift), 63), 1) |
		some n in numbers.range(0, ceil(count(bytes) / 3) - 1)
		group := (padded[n * 3] * 65536) + ((padded[(n * 3) + 1] * 256) + padded[(n * 3) + 2])
		some shift in [18, 12, 6, 0]
	]
}

ascii := `+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_'abcdefghijklmnopqrstuvwxyz`
base64_digits := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

block_addresses := {"blk": `^[0-9a-f]{2}(/[0-9a-f]{2})?$`, "scsi": `^[0-9]+:[0-9]+$`}

storage_kind_ok(p, i) if {
	p.fstype == i.fstype
	p.options == i.options
	p.driver_options == i.driver_options
	object.get(p, "fs_group", null) == i.fs_group
	object.get(p, "shared", false) == object.get(i, "shared", false)
}

# ---- RemoveContainer: the id stays taken, because the next one of that id would get what this one left behind.

RemoveContainerRequest := {"allowed": true, "ops": [{"op": "add", "path": path, "value": -1}]} if {
	data.pstate[container_key] >= 0
	path := concat("/", ["", "pstate", container_key])
}

# ---- ExecProcess: named commands, as the user of a container that was created under this policy.

ExecProcessRequest if {
	every name in exec_checks { exec_check(name, exec_container) }
} else := false if print(exec_refusal)

exec_container := containers[data.pstate[container_key]]
exec_refusal := concat("", [`container "`, name, `" refuses: `, concat(", ", failed_exec_checks(exec_container))]) if {
	name := object.get(exec_container.OCI.Annotations, "io.kubernetes.cri.container-name", "pause")
}
exec_refusal := "unknown container" if not exec_container

exec_checks := [
	"rlimits", "string_user", "username", "selinux_label", "apparmor_profile", "capabilities", "cwd", "no_new_privileges",
	"user", "env", "command", "terminal",
]

failed_exec_checks(p) := [name | some name in exec_checks; not exec_check(name, p)]

exec_check("rlimits", _) if limits_ok(input.process)
exec_check("string_user", _) if input.string_user == null
exec_check("username", _) if input.process.User.Username == ""
exec_check("selinux_label", _) if input.process.SelinuxLabel == ""
exec_check("apparmor_profile", _) if input.process.ApparmorProfile == ""
exec_check("capabilities", _) if input.process.Capabilities == null
exec_check("cwd", p) if p.OCI.Process.Cwd == input.process.Cwd
exec_check("no_new_privileges", p) if p.OCI.Process.NoNewPrivileges == input.process.NoNewPrivileges
exec_check("user", p) if same_user(p.OCI.Process.User, input.process.User)
exec_check("env", p) if variables_ok(p, input.process.Env)
exec_check("command", p) if input.process.Args in p.exec_commands
exec_check("command", _) if exec_allowed

# The kubelet runs probes and hooks without a terminal, even where the container has one.
exec_check("terminal", p) if input.process.Terminal in {false, p.OCI.Process.Terminal}
exec_check("terminal", _) if exec_allowed

exec_allowed if input.process.Args in requests.ExecProcessRequest.allowed_commands

exec_allowed if {
	some allowed in requests.ExecProcessRequest.regex
	regex.match(allowed, concat(" ", input.process.Args))
}

# ---- CopyFile: files of volumes. Their content is the host's, their place is not, directly or through a link.

CopyFileRequest if {
	every name in copy_checks { copy_check(name) }
} else := false if print("file refused:", concat(", ", failed_copy_checks))

copy_checks := ["copy_type", "copy_path", "copy_place", "copy_link"]
failed_copy_checks := [name | some name in copy_checks; not copy_check(name)]

copy_check("copy_type") if copy_type in {"Regular", "Directory", "Symlink"}
copy_check("copy_path") if every part in split(trim_prefix(input.path, "/"), "/") { not part in {"", ".", ".."} }

# A link may only point below its own directory, and not replace a whole volume.
copy_check("copy_place") if {
	below := object.get({"Symlink": ".*/.+"}, copy_type, "")
	some allowed in requests.CopyFileRequest
	place := fill(fill(fill(allowed, common), common), {"bundle-id": "[a-z0-9]{64}"})
	regex.match(concat("", [place, below]), input.path)
}

copy_check("copy_link") if copy_type != "Symlink"
copy_check("copy_link") if copy_link_ok

# Older agents tell neither type nor target; both follow from the mode and the data.
copy_type := input.file_type
copy_type := {32768: "Regular", 16384: "Directory", 40960: "Symlink"}[bits.and(input.file_mode, 61440)] if not input.file_type

copy_link_ok if {
	startswith(input.symlink_target, "/") == false
	every part in split(input.symlink_target, "/") { part != ".." }
}

copy_link_ok if {
	not input.file_type
	input.data[0] != 47
	target := array.concat(array.concat([47], input.data), [47])
	every n, _ in target { array.slice(target, n, n + 4) != [47, 46, 46, 47] } # "/../"
}

# ---- Network: the host wires up the pod, but may not redirect what the pod sends to itself.

UpdateInterfaceRequest if every name in interface_checks { interface_check(name) }

interface_checks := ["interface_flags", "interface_name", "interface_address"]

interface_check("interface_flags") if {
	every name in ["raw_flags", "rawFlags"] {
		bits.and(object.get(input.interface, name, 0), bits.negate(requests.UpdateInterfaceRequest.allow_raw_flags)) == 0
	}
}

interface_check("interface_name") if differs(requests.UpdateInterfaceRequest.forbidden_names, input.interface.name)

interface_check("interface_address") if {
	differs(requests.UpdateInterfaceRequest.forbidden_hw_addrs, input.interface.hwAddr)
	regex.match(`^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$`, input.interface.hwAddr)
}

UpdateRoutesRequest if every route in input.routes.Routes { every name in route_checks { route_check(name, route) } }

route_checks := ["route_device", "route_source"]

route_check("route_device", route) if differs(requests.UpdateRoutesRequest.forbidden_device_names, route.device)

route_check("route_source", route) if {
	matches_none(requests.UpdateRoutesRequest.forbidden_source_regex, route.source)
	regex.match(`^(?:[0-9.]*|[0-9A-Fa-f:]*)$`, route.source)
}

AddARPNeighborsRequest if {
	every i in input.neighbors.ARPNeighbors { every name in neighbor_checks { neighbor_check(name, i) } }
}

neighbor_checks := ["neighbor_device", "neighbor_mask", "neighbor_address", "neighbor_state", "neighbor_flags"]

neighbor_check("neighbor_device", i) if differs(requests.AddARPNeighborsRequest.forbidden_device_names, i.device)
neighbor_check("neighbor_mask", i) if i.toIPAddress.mask == ""

neighbor_check("neighbor_address", i) if {
	matches_none(requests.AddARPNeighborsRequest.forbidden_cidrs_regex, i.toIPAddress.address)
}

neighbor_check("neighbor_state", i) if i.state in requests.AddARPNeighborsRequest.allowed_states
neighbor_check("neighbor_flags", i) if bits.or(i.flags, 136) == 136

# Both are undefined, and so refuse, when a list or the text is missing.
differs(list, text) if every p in list { p != text }
matches_none(patterns, text) if every p in patterns { regex.match(p, text) == false }

# ---- Texts

# Replaces each $(name) whose value is given.
fill(text, values) := expand(text, "text", values)

expand(text, kind, values) := concat("", array.concat([literal(parts[0], kind)], filled)) if {
	parts := split(text, "$(")
	filled := [expanded(tail, kind, values) | some n, tail in parts; n > 0]
}

expanded(tail, kind, values) := array.concat(known, [literal(concat("", ["$(", tail]), kind)])[0] if {
	name := split(tail, ")")[0]
	known := [concat("", [values[name], literal(substring(tail, count(name) + 1, -1), kind)]) | contains(tail, ")")]
}

literal(text, "text") := text
literal(text, "expression") := quote(text)

# A regular expression for what any of the list matches.
either(list) := concat("", ["(?:", concat(")|(?:", list), ")"]) if list != []
either([]) := `$.^`

# A regular expression that covers the text from end to end.
whole(expression) := concat("", ["^(?:", expression, ")$"])

# A regular expression for exactly this text.
quote(text) := text if regex.match(plain_text, text)

quote(text) := concat("", characters) if {
	not regex.match(plain_text, text)
	characters := [object.get(quoted, character, character) | some character in split(text, "")]
}

plain_text := `^[A-Za-z0-9_/:=, -]*$`

quoted := {character: concat("", [`\`, character]) | some character in split(`\.+*?()|[]{}^$`, ""); character != ""}
