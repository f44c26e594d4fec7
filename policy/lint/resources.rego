package contrast.lint

import rego.v1

# The VM gets its memory when it starts: a fixed amount and what the limits say.
findings contains finding("memory-limit", w, in_container(c, []), ["container ", [c.name], " has no memory limit"]) if {
	some [w, c] in containers
	not c.has_memory_limit
	not w.pod_memory
}

findings contains finding("memory-small", w, path, message) if {
	some [w, c] in containers
	c.memory_bytes < input.options.minimum_memory_bytes
	path := in_container(c, ["resources", "limits", "memory"])
	message := [
		"container ", [c.name], " may use ", format_int(floor(c.memory_bytes / 1024), 10), " KiB",
		", which is less than a guest needs for one process and its files",
	]
}

findings contains finding("memory-small", w, path, message) if {
	some w in confidential
	w.guest_memory_mib < input.options.minimum_guest_mib
	path := annotation_path("io.katacontainers.config.hypervisor.default_memory")
	message := [
		"the guest itself gets ", format_int(w.guest_memory_mib, 10), " MiB, less than the ",
		format_int(input.options.minimum_guest_mib, 10), " MiB that it starts with",
	]
}

findings contains finding("memory-small", w, path, message) if {
	some w in confidential
	value := w.annotations["io.katacontainers.config.hypervisor.default_memory"]
	is_string(value)
	not w.guest_memory_mib
	not w.gpus
	path := annotation_path("io.katacontainers.config.hypervisor.default_memory")
	message := ["the memory of the guest is a number of MiB without unit, got ", [value]]
}

findings contains finding("memory-request", w, path, message) if {
	some [w, c] in containers
	c.memory_bytes < c.memory_request_bytes
	path := in_container(c, ["resources", "requests", "memory"])
	message := ["container ", [c.name], " requests more memory than its limit allows"]
}

findings contains finding("cpu-limit", w, in_pod(["containers"]), message) if {
	some w in confidential
	w.cpu_millis > input.options.guest_vcpus * 1000
	message := [
		"the CPU limits of the pod come to ", format_int(w.cpu_millis, 10), "m, and its guest has ",
		format_int(input.options.guest_vcpus, 10), " vCPU",
	]
}
