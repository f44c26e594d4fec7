package contrast.lint

import rego.v1

findings contains finding("privileged", w, in_container(c, ["securityContext", "privileged"]), message) if {
	some [w, c] in containers
	c.spec.securityContext.privileged == true
	message := ["container ", [c.name], " is privileged: it can change its whole guest, and its policy admits that"]
}

host_namespaces := {
	"hostNetwork": ["warning", "a guest has a network of its own, never that of the host"],
	"hostPID": ["error", "a guest cannot share the process namespace of the host"],
	"hostIPC": ["error", "a guest cannot share the IPC namespace of the host"],
}

findings contains object.union(finding("host-namespace", w, in_pod([field]), [fact]), {"severity": severity}) if {
	some w in confidential
	some field, [severity, fact] in host_namespaces
	w.pod[field] == true
}

findings contains finding("runtime-class-missing", w, ["$pod"], message) if {
	some w in input.workloads
	w.class == ""
	w.beside_confidential
	message := [
		"the pods have no runtime class and run outside of any guest, beside confidential ones of ",
		where(w),
	]
}

where(w) := "the same namespace" if w.namespace == ""

where(w) := concat("", ["namespace ", w.namespace]) if w.namespace != ""

findings contains finding("namespace-missing", w, ["metadata"], ["the object names no namespace, so its policy accepts any"]) if {
	some w in confidential
	w.namespace == ""
}

findings contains finding("object-not-patched", o, o.class_path, message) if {
	some o in input.others
	message := [[o.api_version], " ", [o.kind], " is no kind of workload that gets a policy; the object stays as it is"]
	not o.is_workload
}

findings contains hinted("object-not-patched", o, o.class_path, message, ["Write metadata with a name."]) if {
	some o in input.others
	o.is_workload
	message := ["a ", o.kind, " without metadata gets no policy; the object stays as it is"]
}
