package contrast.lint

import rego.v1

gpu_memory := "io.katacontainers.config.hypervisor.default_memory"

gpu_pods := [w | some w in confidential; w.gpus]

# Pairs of a confidential workload and one of its containers that asks for a GPU.
gpu_containers := [[w, c] | some [w, c] in containers; c.gpus]

findings contains finding("gpu-platform", w, in_container(c, ["resources", "limits"]), message) if {
	some w in gpu_pods
	c := [c | some c in w.containers; c.gpus][0]
	input.options.platform.gpu == false
	message := ["the pod asks for a GPU, and ", input.options.platform.display, " has none"]
}

on_gpu_platform if input.options.platform.gpu

on_gpu_platform if not input.options.platform

findings contains finding("gpu-limit", w, in_container(c, fault.path), message) if {
	some [w, c] in containers
	some fault in c.limit_faults
	message := [limit_texts[fault.is], ": ", [fault.name]]
}

limit_texts := {
	"fraction": "devices come in whole numbers",
	"unlimited": "devices are requested without a limit",
	"unequal": "the request for devices differs from their limit",
}

findings contains finding("gpu-resource", w, in_container(c, path), message) if {
	some [w, c] in containers
	some device in c.unpassed
	path := {"claim": ["resources", "claims"]}[device.is]
	message := ["container ", [c.name], " claims devices, which stay on the host"]
}

findings contains finding("gpu-resource", w, in_container(c, ["resources"]), message) if {
	some [w, c] in containers
	some device in c.unpassed
	text := {"plain": " is for plain containers", "foreign": " is no GPU that is passed to guests"}[device.is]
	message := ["the device ", [device.name], text]
}

named_devices(w) := [d | some d in w.devices; not d.is]

findings contains object.union(finding("gpu-device", w, path, message), fix) if {
	some w in gpu_pods
	on_gpu_platform
	not w.devices
	path := ["$template", "annotations"]
	message := array.concat(["the pod asks for a GPU, but names no device"], misplaced_text(w))
	fix := {"fix": [{"path": annotation_path("cdi.k8s.io/gpu"), "value": value} | value := w.gpu_devices]}
}

misplaced_text(w) := [": the runtime does not see annotations of the object"] if w.misplaced_devices

misplaced_text(w) := [] if not w.misplaced_devices

findings contains finding("gpu-device", w, annotation_path(d.key), message) if {
	some w in confidential
	on_gpu_platform
	some d in w.devices
	message := device_messages(d)[d.is]
}

device_messages(d) := {
	"malformed": ["the annotation names no device: ", [d.name]],
	"again": ["the annotations name the device ", [d.name], " twice"],
	"reserved": ["the annotation ", [d.key], " is for the runtime to write"],
}

findings contains finding("gpu-device", w, annotation_path(w.devices[0].key), message) if {
	some w in gpu_pods
	on_gpu_platform
	not [d | some d in w.devices; d.is] != []
	named := count(named_devices(w))
	named != w.gpus
	message := [
		"the pod asks for ", format_int(w.gpus, 10), " GPUs, and its annotations name ",
		format_int(named, 10), " devices",
	]
}

findings contains finding("gpu-unclaimed", w, annotation_path(w.devices[0].key), message) if {
	some w in confidential
	not w.gpus
	message := ["the annotation names ", [w.devices[0].name], ", but no container asks for a GPU"]
}

findings contains finding("gpu-replicas", w, annotation_path(w.devices[0].key), message) if {
	some w in gpu_pods
	w.replicas
	message := ["all ", format_int(w.replicas, 10), " pods name the device ", [w.devices[0].name], " of their node"]
}

findings contains object.union(finding("gpu-memory", w, path, message), fix) if {
	some w in gpu_pods
	on_gpu_platform
	not enough(w)
	path := annotation_path(gpu_memory)
	message := array.concat(["the guest of a GPU pod needs 8192 MiB of memory or more, got "], memory_text(w))
	fix := {"fix": [{"path": path, "value": "16384"}]}
}

enough(w) if w.guest_memory_mib >= 8192

memory_text(w) := [[w.annotations[gpu_memory]]] if w.annotations[gpu_memory]

memory_text(w) := ["the default"] if not w.annotations[gpu_memory]

findings contains finding("gpu-visible", w, in_container(c, []), message) if {
	some [w, c] in gpu_containers
	on_gpu_platform
	not sees_gpus(c)
	message := ["container ", [c.name], " asks for a GPU, but NVIDIA_VISIBLE_DEVICES is not set"]
}

findings contains finding("gpu-exposed", w, in_container(c, ["env", i]), message) if {
	some [w, c] in containers
	w.gpus
	not c.gpus
	some i, e in c.spec.env
	e.name == "NVIDIA_VISIBLE_DEVICES"
	not object.get(e, "value", "") in {"", "none", "void"}
	message := ["container ", [c.name], " asks for no GPU, but sees those of the pod"]
}

sees_gpus(c) if {
	some e in c.spec.env
	e.name == "NVIDIA_VISIBLE_DEVICES"
}
