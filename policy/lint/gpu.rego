package contrast.lint

import rego.v1

gpu_memory := "io.katacontainers.config.hypervisor.default_memory"

# The first container of each pod that asks for a GPU.
gpu_pods := [[w, c] |
	some w in confidential
	c := [c | some c in w.containers; not c.init][w.gpu_container]
]

findings contains finding("gpu-platform", w, in_container(c, ["resources", "limits"]), message) if {
	some [w, c] in gpu_pods
	input.options.platform.gpu == false
	message := ["the pod asks for a GPU, and ", input.options.platform.display, " has none"]
}

on_gpu_platform if input.options.platform.gpu

on_gpu_platform if not input.options.platform

findings contains object.union(finding("gpu-device", w, path, message), fix) if {
	some [w, _] in gpu_pods
	on_gpu_platform
	not w.annotations["cdi.k8s.io/gpu"]
	path := ["$template", "annotations"]
	message := ["the pod asks for a GPU, but names no device"]
	fix := {"fix": [{"path": annotation_path("cdi.k8s.io/gpu"), "value": "nvidia.com/pgpu=0"}]}
}

findings contains object.union(finding("gpu-memory", w, path, message), fix) if {
	some [w, _] in gpu_pods
	on_gpu_platform
	not enough(w)
	path := annotation_path(gpu_memory)
	message := ["the guest of a GPU pod needs 8192 MiB of memory or more, got ", memory_text(w)]
	fix := {"fix": [{"path": path, "value": "16384"}]}
}

enough(w) if w.guest_memory_mib >= 8192

memory_text(w) := [w.annotations[gpu_memory]] if w.annotations[gpu_memory]

memory_text(w) := "the default" if not w.annotations[gpu_memory]

findings contains finding("gpu-visible", w, in_container(c, []), message) if {
	some [w, c] in gpu_pods
	on_gpu_platform
	not [e | some e in c.spec.env; e.name == "NVIDIA_VISIBLE_DEVICES"] != []
	message := ["container ", [c.name], " asks for a GPU, but NVIDIA_VISIBLE_DEVICES is not set"]
}
