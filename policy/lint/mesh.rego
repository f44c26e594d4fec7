package contrast.lint

import rego.v1

mesh_prefix := "contrast.edgeless.systems/servicemesh-"

# Findings of the parser of the annotations, src/servicemesh/.
findings contains object.union(base, {"hint": [object.get(told, "hint", "")]}) if {
	some w in confidential
	some told in w.mesh.findings
	told.code != "servicemesh/egress-empty"
	base := object.union(
		finding("mesh-syntax", w, told.path, [told.message]),
		object.union({"severity": told.level}, fix_of(told)),
	)
}

fix_of(told) := {"fix": [{"path": told.path, "value": told.fixed}]} if told.fixed

fix_of(told) := {} if not told.fixed

findings contains finding("mesh-empty", w, told.path, [told.message]) if {
	some w in confidential
	some told in w.mesh.findings
	told.code == "servicemesh/egress-empty"
}

findings contains hinted("mesh-annotation-unknown", w, a.path, ["unknown annotation of the service mesh"], [a.hint]) if {
	some w in input.workloads
	some a in w.mesh_annotations
}

findings contains finding("mesh-annotation-unused", w, a.path, message) if {
	some w in input.workloads
	not w.injected
	some a in w.mesh_annotations
	a.known
	message := ["the annotation has no effect, because the runtime class does not begin with contrast-cc"]
}

findings contains finding("mesh-option-unused", w, a.path, message) if {
	some w in confidential
	w.injected
	not w.mesh
	some a in w.mesh_annotations
	a.option
	every other in w.mesh_annotations {
		other.option
	}
	message := ["the annotation has no effect without one of those that make a sidecar"]
}

handler_places := {
	["livenessProbe"],
	["readinessProbe"],
	["startupProbe"],
	["lifecycle", "postStart"],
	["lifecycle", "preStop"],
}

# The sidecar redirects all incoming TCP connections, those of the kubelet too; with another host in the probe the
# connection does not come in at this pod.
findings contains hinted("mesh-probe", w, in_container(c, array.concat(place, [type])), message, hint) if {
	some [w, c] in meshed
	some place in handler_places
	handler := object.get(c.spec, place, {})
	some type in ["httpGet", "grpc", "tcpSocket"]
	action := handler[type]
	object.get(action, "host", "") == ""
	port := port_number(c, action.port)
	not port in w.mesh.open_ports
	not works(w, type, action, port)
	number := format_int(port, 10)
	message := [type, " on port ", number, " ", probe_fact(w, type, port)]
	hint := probe_hint(w, type, port)
}

# The kubelet has no client certificate and checks none, which entries that end in false put up with.
works(w, "httpGet", action, port) if {
	port in w.mesh.tls_ports
	action.scheme == "HTTPS"
}

probe_fact(_, "tcpSocket", _) := "succeeds as soon as the mesh proxy listens, whatever the application does"

probe_fact(w, type, port) := "fails, because the kubelet speaks no TLS here, and the sidecar nothing else" if {
	type != "tcpSocket"
	port in w.mesh.tls_ports
}

probe_fact(w, type, port) := "fails, because the kubelet has no client certificate" if {
	type != "tcpSocket"
	not port in w.mesh.tls_ports
}

probe_hint(w, "httpGet", port) := ["Write scheme: HTTPS into the probe; clients of this port need no certificate."] if {
	port in w.mesh.tls_ports
}

probe_hint(w, type, port) := ["Use an exec probe, or a port for probes alone with an ingress entry that ends in #true."] if {
	not tls_get(w, type, port)
}

tls_get(w, "httpGet", port) if port in w.mesh.tls_ports

port_number(_, port) := port if is_number(port)

port_number(c, port) := min(numbers) if {
	not is_number(port)
	numbers := [entry.containerPort | some entry in c.spec.ports; entry.name == port; is_number(entry.containerPort)]
}

findings contains finding("mesh-protocol", w, in_container(c, ["ports", i]), message) if {
	some [w, c] in meshed
	some i, entry in c.spec.ports
	protocol := entry.protocol
	is_string(protocol)
	protocol != "TCP"
	message := beside_tcp(w, protocol)
}

beside_tcp(w, protocol) := ["the sidecar is told to refuse ", [protocol], ", so nothing reaches this port from outside"] if {
	w.mesh.udp
}

beside_tcp(w, protocol) := [
	"the service mesh protects TCP only; ", [protocol],
	" traffic on this port is neither encrypted nor checked",
] if {
	not w.mesh.udp
}

findings contains finding("mesh-port-taken", w, in_container(c, ["ports", i]), message) if {
	some [w, c] in meshed
	some i, entry in c.spec.ports
	object.get(entry, "protocol", "TCP") in {"TCP", null}
	owner := taken(w, entry.containerPort)
	message := ["port ", format_int(entry.containerPort, 10), " is ", owner, ": the application cannot listen there on every address"]
}

taken(w, port) := "the listen port of an egress entry" if port in w.mesh.egress_ports

taken(w, port) := "the port of the proxy's admin interface" if {
	port == w.mesh.admin_port
	not port in w.mesh.egress_ports
}

taken(_, port) := "the proxy's own" if port in {15006, 15007}

findings contains hinted("mesh-admin", w, w.mesh.admin_path, message, hint) if {
	some w in confidential
	some [ports, way] in [
		[w.mesh.open_ports, "in clear text"],
		[w.mesh.tls_ports, "without a certificate"],
	]
	w.mesh.admin_port in ports
	message := [
		"the admin interface on port ", format_int(w.mesh.admin_port, 10), " is open to everybody ", way,
		", who can read its configuration and end the proxy",
	]
	hint := ["Remove the ingress entry of this port, so that clients need a certificate of the mesh."]
}

findings contains object.union(base, {"severity": "info"}) if {
	some w in confidential
	port := w.mesh.admin_port
	not port in w.mesh.open_ports
	not port in w.mesh.tls_ports
	number := format_int(port, 10)
	message := ["the admin interface on port ", number, " asks for a certificate of the mesh, also where statistics are scraped"]
	hint := ["Give the scraper a certificate of the mesh; \"admin#", number, "#true\" in the ingress annotation would open the port to everybody."]
	base := hinted("mesh-admin", w, w.mesh.admin_path, message, hint)
}

# What the words of a container tell about the addresses that it listens on; src/lint/listen-addresses.ts.
findings contains finding("mesh-bind-all", w, in_container(c, listen.path), message) if {
	some [w, c] in meshed
	some listen in c.listens
	listen.scope == "all"
	message := bind_all(w, listen)
}

bind_all(w, listen) := [
	[listen.address], " listens on every address and clashes with port ", format_int(listen.port, 10),
	" of the mesh proxy",
] if {
	listen.port in w.mesh.proxy_ports
}

bind_all(w, listen) := [
	[listen.address], " listens on every address: until the rules of the mesh are in place, and for exempted ports, ",
	"anybody can connect without a certificate",
] if {
	not listen.port in w.mesh.proxy_ports
}

bind_all(_, listen) := [
	[listen.address], " listens on every address: until the rules of the mesh are in place, and for exempted ports, ",
	"anybody can connect without a certificate",
] if {
	not listen.port
}

findings contains finding("mesh-bind-loopback", w, in_container(c, listen.path), message) if {
	some [w, c] in meshed
	some listen in c.listens
	listen.scope == "loopback"
	message := [[listen.address], " listens on the loopback interface, where the mesh delivers nothing"]
}

# Told once: an image is chosen for a run, not for a workload.
findings contains finding("mesh-original-image", w, ["$pod"], message) if {
	originals := [w | some w in confidential; w.mesh.original_image]
	first := min([w.object | some w in originals])
	w := [w | some w in originals; w.object == first][0]
	message := ["the sidecars have the image ", [w.mesh.original_image], ", whose rules let some connections past Envoy"]
}
