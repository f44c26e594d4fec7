# Why the rules refuse a request: for people who ask, never for guests. Compiled together with rules.rego, whose functions
# it calls, so that decision and explanation agree; it is not part of a policy's text.
#
# The input is a request with one more member, "explained": its kind and the containers (indexes) to look at closely.
# The value names every failing check; "findings" say which elements of the request at "path", or which ones that the
# policy expects, make a check of one of those containers, or of none (-1), fail.
package agent_policy

import future.keywords.contains
import future.keywords.every
import future.keywords.if
import future.keywords.in

explanation := {"request": request_faults, "containers": container_faults, "findings": finding}

kind := input.explained.kind

request_faults := sort(failed_request_checks) if kind == "CreateContainerRequest"
request_faults := failed_sandbox_checks if kind == "CreateSandboxRequest"
request_faults := failed_copy_checks if kind == "CopyFileRequest"

request_faults := [name | some name in interface_checks; not interface_check(name)] if kind == "UpdateInterfaceRequest"

request_faults := array.concat(
	[name | some name in route_checks; some route in input.routes.Routes; not route_check(name, route)],
	[name | some name in ["routes"]; not input.routes.Routes],
) if {
	kind == "UpdateRoutesRequest"
}

request_faults := array.concat(
	[name | some name in neighbor_checks; some i in input.neighbors.ARPNeighbors; not neighbor_check(name, i)],
	[name | some name in ["neighbors"]; not input.neighbors.ARPNeighbors],
) if {
	kind == "AddARPNeighborsRequest"
}

default request_faults := []

container_faults := [{"failed": failed_checks(p), "state": failed_state_checks(n)} | some n, p in containers] if {
	kind == "CreateContainerRequest"
}

container_faults := [{"failed": failed_exec_checks(p), "state": exec_state(n)} | some n, p in containers] if {
	kind == "ExecProcessRequest"
}

default container_faults := []

exec_state(n) := [] if is_created(n)
exec_state(n) := ["state_exec"] if not is_created(n)

is_created(n) if data.pstate[container_key] == n

# Containers to look at, with their indexes.
explained[n] := containers[n] if some n in input.explained.containers
failed[n] := container_faults[n].failed if some n in input.explained.containers

creates := kind == "CreateContainerRequest"
created[n] := p if { creates; some n, p in explained }

# A value of the request that the policy has as another one.
finding contains {"container": n, "check": name, "is": "differs", "path": place[0], "expected": place[1]} if {
	some n, p in created
	some name, place in {
		"pidns": [["sandbox_pidns"], p.sandbox_pidns],
		"version": [["OCI", "Version"], p.OCI.Version],
		"terminal": [["OCI", "Process", "Terminal"], p.OCI.Process.Terminal],
		"cwd": [["OCI", "Process", "Cwd"], p.OCI.Process.Cwd],
		"no_new_privileges": [["OCI", "Process", "NoNewPrivileges"], p.OCI.Process.NoNewPrivileges],
	}
	name in failed[n]
}

# -- identity

identity_keys := {
	"container_type": "io.kubernetes.cri.container-type",
	"container_name": "io.kubernetes.cri.container-name",
	"namespace": "io.kubernetes.cri.sandbox-namespace",
	"sandbox_name": "io.kubernetes.cri.sandbox-name",
	"sandbox_id": "io.kubernetes.cri.sandbox-id",
	"log_directory": "io.kubernetes.cri.sandbox-log-directory",
	"network_annotation": "nerdctl/network-namespace",
}

finding contains {"container": n, "check": name, "is": "differs", "path": ["OCI", "Annotations", key], "expected": expected} if {
	some n, p in created
	some name, key in identity_keys
	name in failed[n]
	expected := object.get(p.OCI.Annotations, key, null)
}

finding contains {"container": n, "check": "annotations", "is": "differs", "path": ["OCI", "Annotations", key], "expected": expected} if {
	some n, p in created
	"annotations" in failed[n]
	some key, value in annotations_of_pod
	not annotation_ok(p, key, value)
	expected := p.OCI.Annotations[key]
}

finding contains {"container": n, "check": "annotations", "is": "added", "path": ["OCI", "Annotations", key]} if {
	some n, p in created
	"annotations" in failed[n]
	some key, value in annotations_of_pod
	not annotation_ok(p, key, value)
	not p.OCI.Annotations[key]
}

# -- process: of a container that is created, or of a command in one

process_path := {"CreateContainerRequest": ["OCI", "Process"], "ExecProcessRequest": ["process"]}[kind]
process := input.OCI.Process if creates
process := input.process if kind == "ExecProcessRequest"

finding contains {"container": n, "check": "user", "is": "differs", "path": path, "expected": own[field]} if {
	some n, p in explained
	"user" in failed[n]
	own := p.OCI.Process.User
	some field in ["UID", "GID", "AdditionalGids"]
	not same_user(own, object.union(own, {field: process.User[field]}))
	path := array.concat(process_path, ["User", field])
}

finding contains {"container": n, "check": "env", "is": "differs", "path": path, "expected": same} if {
	some n, p in explained
	"env" in failed[n]
	some index, variable in process.Env
	not variables_ok(p, [variable])
	same := variables_named(p, split(variable, "=")[0])
	same != []
	path := array.concat(process_path, ["Env", index])
}

finding contains {"container": n, "check": "env", "is": "added", "path": path} if {
	some n, p in explained
	"env" in failed[n]
	some index, variable in process.Env
	not variables_ok(p, [variable])
	variables_named(p, split(variable, "=")[0]) == []
	path := array.concat(process_path, ["Env", index])
}

variables_named(p, name) := [text | some text in object.get(p.OCI.Process, "Env", []); split(text, "=")[0] == name]

finding contains {"container": n, "check": "args", "is": "differs", "path": path, "expected": args[index]} if {
	some n, p in created
	"args" in failed[n]
	args := object.get(p.OCI.Process, "Args", [])
	some index, i in input.OCI.Process.Args
	index < count(args)
	not text_ok(args[index], i)
	path := ["OCI", "Process", "Args", index]
}

finding contains {"container": n, "check": "args", "is": "added", "path": ["OCI", "Process", "Args", index]} if {
	some n, p in created
	"args" in failed[n]
	args := object.get(p.OCI.Process, "Args", [])
	some index, _ in input.OCI.Process.Args
	index >= count(args)
}

finding contains {"container": n, "check": "args", "is": "missing", "path": ["OCI", "Process", "Args", index], "expected": arg} if {
	some n, p in created
	"args" in failed[n]
	some index, arg in object.get(p.OCI.Process, "Args", [])
	index >= count(input.OCI.Process.Args)
}

# A right of the container that the request does not ask for, or the other way round.
finding contains {"container": n, "check": "capabilities", "is": is, "path": ["OCI", "Process", "Capabilities", set], "expected": sort(names)} if {
	some n, p in created
	some set in ["Ambient", "Bounding", "Effective", "Inheritable", "Permitted"]
	own := p.OCI.Process.Capabilities[set]
	received := input.OCI.Process.Capabilities[set]
	not same_capabilities(own, received)
	expanded := {trim_prefix(name, "CAP_") | some token in own; some name in capability_list(token)}
	asked := {trim_prefix(name, "CAP_") | some name in received}
	some is, names in {"added": asked - expanded, "missing": expanded - asked}
	names != set()
}

finding contains {"container": n, "check": "command", "is": "differs", "path": ["process", "Args"], "expected": allowed} if {
	kind == "ExecProcessRequest"
	some n, p in explained
	"command" in failed[n]
	commands := array.concat(p.exec_commands, requests.ExecProcessRequest.allowed_commands)
	allowed := array.concat(commands, requests.ExecProcessRequest.regex)
}

finding contains {"container": n, "check": name, "is": "differs", "path": place[0], "expected": place[1]} if {
	kind == "ExecProcessRequest"
	some n, p in explained
	some name, place in {
		"terminal": [["process", "Terminal"], p.OCI.Process.Terminal],
		"cwd": [["process", "Cwd"], p.OCI.Process.Cwd],
		"no_new_privileges": [["process", "NoNewPrivileges"], p.OCI.Process.NoNewPrivileges],
	}
	name in failed[n]
}

# -- Linux

linux_path(name) := ["OCI", "Linux", name]

finding contains {"container": n, "check": "namespaces", "is": "differs", "path": linux_path("Namespaces"), "expected": expected} if {
	some n, p in created
	"namespaces" in failed[n]
	expected := pod_namespaces(p.OCI.Linux.Namespaces)
}

finding contains {"container": n, "check": "rootfs_propagation", "is": "differs", "path": linux_path("RootfsPropagation"), "expected": expected} if {
	some n, p in created
	"rootfs_propagation" in failed[n]
	wanted := {option | some mount in p.OCI.Mounts; some option in mount.options; option in {"rshared", "rslave"}}
	expected := sort(wanted | {""})
}

finding contains {"container": n, "check": "masked_paths", "is": "missing", "path": linux_path("MaskedPaths"), "expected": path} if {
	some n, p in created
	"masked_paths" in failed[n]
	some path in p.OCI.Linux.MaskedPaths
	not path in input.OCI.Linux.MaskedPaths
}

finding contains {"container": n, "check": "readonly_paths", "is": "missing", "path": linux_path("ReadonlyPaths"), "expected": path} if {
	some n, p in created
	"readonly_paths" in failed[n]
	some path in p.OCI.Linux.ReadonlyPaths
	not path in array.concat(input.OCI.Linux.ReadonlyPaths, input.OCI.Linux.MaskedPaths)
}

finding contains {"container": n, "check": "readonly_paths", "is": "added", "path": array.concat(linux_path(list), [index])} if {
	some n, p in created
	"readonly_paths" in failed[n]
	some list in ["ReadonlyPaths", "MaskedPaths"]
	some index, path in input.OCI.Linux[list]
	not hidden_ok(path)
	not path in array.concat(p.OCI.Linux.MaskedPaths, p.OCI.Linux.ReadonlyPaths)
}

finding contains {"container": n, "check": "linux_devices", "is": "added", "path": array.concat(linux_path("Devices"), [index])} if {
	some n, p in created
	"linux_devices" in failed[n]
	some index, i in input.OCI.Linux.Devices
	not device_file_ok(p, i)
}

finding contains {"container": n, "check": "linux_devices", "is": "doubled", "path": array.concat(linux_path("Devices"), [index])} if {
	some n, p in created
	"linux_devices" in failed[n]
	some index, i in input.OCI.Linux.Devices
	some other in array.slice(input.OCI.Linux.Devices, 0, index)
	other.Path == i.Path
}

finding contains {"container": n, "check": "sysctl", "is": "differs", "path": array.concat(linux_path("Sysctl"), [name]), "expected": expected} if {
	some n, p in created
	"sysctl" in failed[n]
	some name, value in input.OCI.Linux.Sysctl
	expected := p.OCI.Linux.Sysctl[name]
	value != expected
}

finding contains {"container": n, "check": "sysctl", "is": "added", "path": array.concat(linux_path("Sysctl"), [name])} if {
	some n, p in created
	"sysctl" in failed[n]
	some name, _ in input.OCI.Linux.Sysctl
	not p.OCI.Linux.Sysctl[name]
}

# -- devices

finding contains {"container": n, "check": "devices", "is": "added", "path": ["devices", index], "expected": sort(paths)} if {
	some n, p in created
	"devices" in failed[n]
	paths := {device.container_path | some device in p.devices}
	some index, i in input.devices
	not device_ok(paths, i)
}

finding contains {"container": n, "check": "vfio", "is": "added", "path": ["devices", index], "expected": wanted} if {
	some n, p in created
	"vfio" in failed[n]
	wanted := [device | some device in p.devices; device.container_path == vfio_path]
	some index, i in input.devices
	startswith(i.container_path, vfio_path)
	not vfio_device_ok(wanted, i)
}

finding contains {"container": n, "check": "vfio", "is": "doubled", "path": ["devices", index]} if {
	some n, _ in created
	"vfio" in failed[n]
	some index, i in input.devices
	startswith(i.container_path, vfio_path)
	some other in array.slice(input.devices, 0, index)
	other.container_path == i.container_path
}

# How many GPUs the policy has, how many the annotations and the devices of the request name.
finding contains {"container": n, "check": "vfio", "is": "counted", "path": ["devices"], "expected": counts} if {
	some n, p in created
	"vfio" in failed[n]
	numbers := {trim_prefix(i.container_path, vfio_path) | some i in input.devices; startswith(i.container_path, vfio_path)}
	wanted := count([device | some device in p.devices; device.container_path == vfio_path])
	counts := {
		"policy": object.get(p, "gpus", wanted),
		"annotations": count(cdi_numbers),
		"devices": count(numbers),
	}
	miscounted(p, wanted, numbers)
}

miscounted(_, wanted, numbers) if not gpus_ok(wanted, numbers)
miscounted(p, _, _) if count(cdi_numbers) > p.gpus

# -- root file system and mounts

finding contains {"container": n, "check": "root", "is": "differs", "path": ["OCI", "Root", "Readonly"], "expected": p.OCI.Root.Readonly} if {
	some n, p in created
	p.OCI.Root.Readonly != input.OCI.Root.Readonly
}

finding contains {"container": n, "check": "root", "is": "differs", "path": ["OCI", "Root", "Path"], "expected": expected} if {
	some n, p in created
	not bundle_id(p)
	expected := fill(p.OCI.Root.Path, common)
}

# Sources hold the id in the root path; without it none is right.
finding contains {"container": n, "check": name, "is": "depends", "path": ["OCI", "Root", "Path"]} if {
	some n, p in created
	not path_tokens(p)
	some name in ["mounts", "storages", "image"]
	name in failed[n]
}

finding contains {"container": n, "check": "mounts", "is": "doubled", "path": ["OCI", "Mounts", index]} if {
	some n, _ in created
	some index, i in input.OCI.Mounts
	some other in array.slice(input.OCI.Mounts, 0, index)
	other.destination == i.destination
}

finding contains {"container": n, "check": "mounts", "is": "added", "path": ["OCI", "Mounts", index]} if {
	some n, p in created
	some index, i in input.OCI.Mounts
	"mounts" in failed[n]
	not mount_ok(p.OCI.Mounts, i, path_tokens(p))
	not i.destination in {mount.destination | some mount in p.OCI.Mounts}
}

finding contains {"container": n, "check": "mounts", "is": "differs", "path": ["OCI", "Mounts", index, field], "expected": own[field]} if {
	some n, p in created
	"mounts" in failed[n]
	tokens := path_tokens(p)
	some index, i in input.OCI.Mounts
	not mount_ok(p.OCI.Mounts, i, tokens)
	faults := [[count(mount_faults(own, i, tokens)), k] | some k, own in p.OCI.Mounts; own.destination == i.destination]
	own := p.OCI.Mounts[min(faults)[1]]
	some field in mount_faults(own, i, tokens)
}

mount_faults(p, i, tokens) := [field | some field in ["type_", "options", "source"]; not mount_field_ok(field, p, i, tokens)]

mount_field_ok("type_", p, i, _) if p.type_ == i.type_
mount_field_ok("options", p, i, _) if mount_options_ok(p, i)
mount_field_ok("source", p, i, tokens) if mount_source_ok(p, i, tokens)

# -- images and storages

# Images that the guest pulls: one for each container, none or one where nothing verifies them.
pulls if image_verification in {"guest-pull", "none"}

finding contains {"container": n, "check": "image", "is": "counted", "path": ["storages"], "expected": counts} if {
	pulls
	some n, _ in created
	"image" in failed[n]
	counts := {"images": count(image_storages), "wanted": 1}
	counts.images != 1
}

finding contains {"container": n, "check": "image", "is": "differs", "path": ["storages", index, field], "expected": expected} if {
	pulls
	some n, _ in created
	"image" in failed[n]
	some index, i in input.storages
	not is_volume(i)
	some field, expected in {
		"driver": "image_guest_pull", "fstype": "overlay", "options": [], "fs_group": null, "shared": false,
		"mount_point": input.OCI.Root.Path,
	}
	object.get(i, field, expected) != expected
}

finding contains {"container": n, "check": "image", "is": "differs", "path": ["storages", index, "source"], "expected": expected} if {
	image_verification == "guest-pull"
	some n, p in created
	"image" in failed[n]
	some index, i in input.storages
	not is_volume(i)
	expected := image_source(p)
	not image_source_ok(p, i.source)
}

image_source(p) := "pause" if is_sandbox(p)
image_source(p) := p.image if not is_sandbox(p)

image_source_ok(p, source) if { is_sandbox(p); source == "pause" }
image_source_ok(p, source) if { not is_sandbox(p); digest(source) == digest(p.image) }

finding contains {"container": n, "check": "image", "is": "differs", "path": ["storages", index, "driver_options"], "expected": expected} if {
	image_verification == "guest-pull"
	some n, p in created
	"image" in failed[n]
	some index, i in input.storages
	not is_volume(i)
	image_source_ok(p, i.source)
	not image_metadata_ok(p, i.source)
	expected := image_source(p)
}

image_metadata_ok(p, source) if {
	not image_metadata["io.kubernetes.cri-o.ContainerType"]
	image_content_ok(p, source, image_metadata)
}

finding contains {"container": n, "check": "image", "is": "differs", "path": ["container_id"], "expected": bundle_id(p)} if {
	own_roots
	some n, p in created
	"image" in failed[n]
	input.container_id != bundle_id(p)
}

finding contains {"container": n, "check": "image", "is": "differs", "path": ["container_id"], "expected": "^[a-z0-9]{64}$"} if {
	own_roots
	some n, _ in created
	"image" in failed[n]
	not regex.match(`^[a-z0-9]{64}$`, input.container_id)
}

finding contains {"container": n, "check": "image", "is": "differs", "path": ["container_id"], "expected": expected} if {
	own_roots
	some n, p in created
	"image" in failed[n]
	not sandbox_root_ok(p)
	expected := {true: sandbox_id, false: "an id of its own"}[container_type(p) == "sandbox"]
}

# Whether each container must have a root of its own.
own_roots if image_verification in {"guest-pull", "tardev"}

# Layers that the host brings: the policy has their root hashes, in the options of an overlay.
overlays[n] := [overlay, split(overlay.options[0], ":"), split(overlay.options[1], ":")] if {
	image_verification == "tardev"
	some n, p in created
	"image" in failed[n]
	some overlay in p.storages
	overlay.driver == "overlayfs"
}

# One of them twice; everything else is told below.
finding contains {"container": n, "check": "image", "is": "counted", "path": ["storages"], "expected": counts} if {
	some n, [overlay, ids, hashes] in overlays
	every i in image_storages { is_part(i, overlay, ids, hashes) }
	counts := {"layers and overlay": count(image_storages), "wanted": count(ids) + 1}
	counts["layers and overlay"] > counts.wanted
}

# What stands at no place of a layer, and is no overlay: mostly a layer of another image.
finding contains {"container": n, "check": "image", "is": "added", "path": ["storages", index]} if {
	some n, [_, ids, _] in overlays
	some index, i in input.storages
	not is_volume(i)
	not i.driver == "overlayfs"
	not i.mount_point in layer_places(ids)
}

finding contains {"container": n, "check": "image", "is": "missing", "path": ["storages"], "expected": expected} if {
	some n, [_, ids, hashes] in overlays
	some k, place in layer_places(ids)
	every i in image_storages { i.mount_point != place }
	expected := concat(" ", ["layer", ids[k], "with root hash", hashes[k]])
}

finding contains {"container": n, "check": "image", "is": "missing", "path": ["storages"], "expected": "an overlay of the layers"} if {
	some n, _ in overlays
	every i in image_storages { i.driver != "overlayfs" }
}

finding contains {"container": n, "check": "image", "is": "differs", "path": ["storages", index, field], "expected": expected} if {
	some n, [_, ids, hashes] in overlays
	some index, i in input.storages
	not is_volume(i)
	some k, place in layer_places(ids)
	i.mount_point == place
	some field, expected in {
		"driver": "blk", "driver_options": [], "fstype": "tar", "options": layer_options(hashes[k]), "fs_group": null,
		"shared": false,
	}
	object.get(i, field, expected) != expected
}

finding contains {"container": n, "check": "image", "is": "differs", "path": ["storages", index, field], "expected": expected} if {
	some n, [overlay, _, _] in overlays
	some index, i in input.storages
	i.driver == "overlayfs"
	not is_volume(i)
	some field, expected in {
		"driver_options": [], "source": "none", "fstype": overlay.fstype, "mount_point": input.OCI.Root.Path,
		"fs_group": null, "shared": false,
	}
	object.get(i, field, expected) != expected
}

# The layers once more, in the options of the overlay, behind the directory of the host.
finding contains {"container": n, "check": "image", "is": "differs", "path": ["storages", index, "options"], "expected": expected} if {
	some n, [overlay, ids, hashes] in overlays
	some index, i in input.storages
	i.driver == "overlayfs"
	not overlay_ok(overlay, object.union(i, {"source": "none", "mount_point": input.OCI.Root.Path}), ids, hashes)
	expected := concat(" ", ["the layers", concat(", ", ids), "with root hashes", concat(", ", hashes)])
}

layer_places(ids) := [concat("/", ["/run/kata-containers/sandbox/layers", id]) | some id in ids]

is_part(i, _, ids, hashes) if { some k, id in ids; layer_ok(i, id, hashes[k]) }
is_part(i, overlay, ids, hashes) if overlay_ok(overlay, i, ids, hashes)

finding contains {"container": n, "check": "storages", "is": "added", "path": ["storages", index]} if {
	some n, p in created
	"storages" in failed[n]
	tokens := path_tokens(p)
	some index, i in input.storages
	is_unknown_storage(p, i, tokens)
	not i.driver in {s.driver | some s in volumes_of(p)}
}

finding contains {"container": n, "check": "storages", "is": "differs", "path": ["storages", index, field], "expected": own[field]} if {
	some n, p in created
	"storages" in failed[n]
	tokens := path_tokens(p)
	some index, i in input.storages
	is_unknown_storage(p, i, tokens)
	volumes := volumes_of(p)
	faults := [[count(storage_faults(s, i, tokens)), k] | some k, s in volumes; s.driver == i.driver]
	own := volumes[min(faults)[1]]
	some field in storage_faults(own, i, tokens)
}

finding contains {"container": n, "check": "storages", "is": "missing", "path": ["storages"], "expected": s} if {
	some n, p in created
	"storages" in failed[n]
	tokens := path_tokens(p)
	some s in volumes_of(p)
	s.driver != "watchable-bind"
	every i in volume_storages { not storage_ok(s, i, tokens) }
}

# Each one is known and there, but one of them more often than the policy has it.
finding contains {"container": n, "check": "storages", "is": "counted", "path": ["storages"], "expected": counts} if {
	some n, p in created
	"storages" in failed[n]
	counts := {
		"policy": count([s | some s in volumes_of(p); s.driver != "watchable-bind"]),
		"storages": count([i | some i in volume_storages; i.driver != "watchable-bind"]),
	}
	counts.policy != counts.storages
}

is_unknown_storage(p, i, tokens) if {
	is_volume(i)
	every s in volumes_of(p) { not storage_ok(s, i, tokens) }
}

volumes_of(p) := [s | some s in p.storages; is_volume(s)]

storage_faults(p, i, tokens) := [field | some field in storage_fields; not storage_field_ok(field, p, i, tokens)]
storage_fields := ["fstype", "options", "driver_options", "fs_group", "shared", "source", "mount_point"]

# Whether a storage of the policy that has only this field, and all others of the request, would be the right one.
storage_field_ok(field, p, i, _) if {
	field in {"fstype", "options", "driver_options", "fs_group", "shared"}
	own := object.filter(p, [field])
	storage_kind_ok(object.union(object.remove(i, [field]), own), i)
}

storage_field_ok(field, p, i, tokens) if {
	field in {"source", "mount_point"}
	path_ok(p[field], i[field], tokens)
}

# -- state: what earlier requests have settled otherwise

finding contains {"container": n, "check": name, "is": "differs", "path": place[0], "expected": place[1]} if {
	some n, _ in created
	some name, place in {
		"state_sandbox_name": [["OCI", "Annotations", "io.kubernetes.cri.sandbox-name"], object.get(data.pstate, "sandbox_name", null)],
		"state_namespace": [["OCI", "Annotations", "io.kubernetes.cri.sandbox-namespace"], object.get(data.pstate, "namespace", null)],
		"state_sandbox_id": [["OCI", "Annotations", "io.kubernetes.cri.sandbox-id"], object.get(data.pstate, "sandbox_id", null)],
		"state_network": [["OCI", "Linux", "Namespaces"], object.get(data.pstate, "network_namespace", null)],
	}
	name in container_faults[n].state
}

# An id that another container had, or that no container can have.
finding contains {"container": n, "check": "state_container", "is": "differs", "path": ["container_id"]} if {
	some n, _ in created
	"state_container" in container_faults[n].state
}

finding contains {"container": n, "check": "state_exec", "is": "differs", "path": ["container_id"], "expected": null} if {
	kind == "ExecProcessRequest"
	some n, _ in explained
	exec_state(n) != []
}

# -- other requests

finding contains {"container": -1, "check": name, "is": "differs", "path": [name], "expected": expected} if {
	kind == "CreateSandboxRequest"
	some name, expected in {
		"sandbox_pidns": false,
		"kernel_modules": [],
		"guest_hook_path": array.concat([""], policy.sandbox.allowed_guest_hooks),
	}
	not sandbox_check(name)
}

finding contains {"container": -1, "check": "copy_type", "is": "differs", "path": ["file_type"], "expected": expected} if {
	kind == "CopyFileRequest"
	not copy_check("copy_type")
	expected := ["Regular", "Directory", "Symlink"]
}

finding contains {"container": -1, "check": "interface_flags", "is": "differs", "path": ["interface", "raw_flags"], "expected": expected} if {
	kind == "UpdateInterfaceRequest"
	not interface_check("interface_flags")
	expected := requests.UpdateInterfaceRequest.allow_raw_flags
}

finding contains {"container": -1, "check": name, "is": "forbidden", "path": ["interface", place[0]], "expected": place[1]} if {
	kind == "UpdateInterfaceRequest"
	some name, place in {
		"interface_name": ["name", requests.UpdateInterfaceRequest.forbidden_names],
		"interface_address": ["hwAddr", requests.UpdateInterfaceRequest.forbidden_hw_addrs],
	}
	not interface_check(name)
}

finding contains {"container": -1, "check": "sandbox_storages", "is": "added", "path": ["storages", index]} if {
	kind == "CreateSandboxRequest"
	some index, i in input.storages
	not sandbox_storage_ok(i)
}

finding contains {"container": -1, "check": "copy_place", "is": "differs", "path": ["path"], "expected": expected} if {
	kind == "CopyFileRequest"
	not copy_check("copy_place")
	expected := [fill(fill(allowed, common), common) | some allowed in requests.CopyFileRequest]
}

finding contains {"container": -1, "check": name, "is": "forbidden", "path": ["routes", "Routes", index, place[0]], "expected": place[1]} if {
	kind == "UpdateRoutesRequest"
	some index, route in input.routes.Routes
	some name, place in {
		"route_device": ["device", requests.UpdateRoutesRequest.forbidden_device_names],
		"route_source": ["source", requests.UpdateRoutesRequest.forbidden_source_regex],
	}
	not route_check(name, route)
}

finding contains {"container": -1, "check": name, "is": place[0], "path": path, "expected": place[2]} if {
	kind == "AddARPNeighborsRequest"
	some index, i in input.neighbors.ARPNeighbors
	some name, place in {
		"neighbor_device": ["forbidden", ["device"], requests.AddARPNeighborsRequest.forbidden_device_names],
		"neighbor_mask": ["differs", ["toIPAddress", "mask"], ""],
		"neighbor_address": ["forbidden", ["toIPAddress", "address"], requests.AddARPNeighborsRequest.forbidden_cidrs_regex],
		"neighbor_state": ["differs", ["state"], requests.AddARPNeighborsRequest.allowed_states],
		"neighbor_flags": ["differs", ["flags"], [0, 8, 128, 136]],
	}
	not neighbor_check(name, i)
	path := array.concat(["neighbors", "ARPNeighbors", index], place[1])
}
