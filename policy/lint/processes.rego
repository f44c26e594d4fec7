package contrast.lint

import rego.v1

exec_places := {
	["livenessProbe", "exec"],
	["readinessProbe", "exec"],
	["startupProbe", "exec"],
	["lifecycle", "postStart", "exec"],
	["lifecycle", "preStop", "exec"],
}

# The policy admits the command for the whole life of the container, whoever asks for it.
findings contains finding("exec-probe", w, in_container(c, array.concat(place, ["command"])), message) if {
	some [w, c] in containers
	some place in exec_places
	command := object.get(c.spec, array.concat(place, ["command"]), [])
	is_string(command[0])
	message := [
		"the host may run ", [command[0]], " in container ", [c.name],
		" at any time",
	]
}
